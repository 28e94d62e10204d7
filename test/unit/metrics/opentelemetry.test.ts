import { metrics as api } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { afterEach, describe, expect, it } from 'vitest'
import { createPeerSums } from '../../../src/engine/peer-sums.js'
import { globalMeter } from '../../../src/metrics/opentelemetry-api.js'
import { metricsScene } from '../../support/metrics-scene.js'
import { shardSummary } from '../../support/shard-summary.js'

afterEach(() => api.disable())

function scene() {
  const { metrics, sfu, tell } = metricsScene()
  sfu.broadcast('a')
  const sums = createPeerSums()
  sums.transport.traffic.rtpBytesOut = 1200
  tell(shardSummary({ sums, rttSeconds: { bounds: [0.1], counts: [2, 1], sum: 0.5 } }))
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new MeterProvider({ readers: [reader] })
  const read = async () => {
    exporter.reset()
    await reader.forceFlush()
    const all = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
    return new Map(all.map((metric) => [metric.descriptor.name, metric]))
  }
  return { metrics, provider, read, tell }
}

describe('OpenTelemetry', () => {
  it('reads the metrics through a meter', async () => {
    const { metrics, provider, read } = scene()
    await metrics.observe(provider.getMeter('test'))
    const read1 = await read()
    const bytes = read1.get('manycast.rtp_bytes')
    expect(bytes?.descriptor).toMatchObject({ unit: 'By', type: 'OBSERVABLE_COUNTER' })
    expect(bytes?.dataPoints.map(({ attributes, value }) => [attributes.direction, value])).toEqual([
      ['in', 0],
      ['out', 1200],
    ])
    const live = read1.get('manycast.broadcasts')
    expect(live?.descriptor).toMatchObject({ type: 'OBSERVABLE_GAUGE' })
    const buckets = read1.get('manycast.viewer_rtt_seconds.bucket')?.dataPoints
    expect(buckets?.map(({ attributes, value }) => [attributes.le, value])).toEqual([
      ['0.1', 2],
      ['+Inf', 3],
    ])
    expect(read1.get('manycast.viewer_rtt_seconds.sum')?.descriptor.unit).toBe('s')
    await provider.shutdown()
  })

  it('finds the meter that the application has set for the process', async () => {
    const { metrics, provider, read, tell } = scene()
    api.setGlobalMeterProvider(provider)
    const stop = await metrics.observe()
    const connections = async () => (await read()).get('manycast.tcp_connections_open')?.dataPoints[0]?.value
    expect(await connections()).toBe(0)
    tell(shardSummary({ tcpConnections: 3 }))
    expect(await connections()).toBe(3)
    stop()
    tell(shardSummary({ tcpConnections: 4 }))
    expect(await connections()).not.toBe(4)
    await provider.shutdown()
  })

  it('says which package is missing', async () => {
    await expect(globalMeter(() => Promise.reject(new Error('not found')))).rejects.toMatchObject({
      code: 'package-missing',
      details: { package: '@opentelemetry/api' },
    })
  })
})
