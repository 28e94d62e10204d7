import { Counter, Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { metricsScene } from '../../support/metrics-scene.js'
import { readExposition } from '../../support/open-metrics.js'
import { shardSummary } from '../../support/shard-summary.js'

function scene() {
  const { sfu, metrics, tell } = metricsScene()
  sfu.broadcast('a "b"')
  tell(shardSummary({ rttSeconds: { bounds: [0.1, 1], counts: [1, 2, 3], sum: 5 } }))
  return { metrics, registry: new Registry() }
}

describe('a registry of prom-client', () => {
  it('has our metrics beside its own', async () => {
    const { metrics, registry } = scene()
    const own = new Counter({ name: 'own_total', help: 'Its own.', registers: [registry] })
    own.inc(3)
    metrics.register(registry)
    const theirs = readExposition((await registry.metrics()).replaceAll('\n\n', '\n'), 'prometheus')
    const ours = readExposition(await metrics.text(), 'prometheus')
    expect(theirs.get('own_total')?.samples[0]?.value).toBe(3)
    for (const [name, family] of ours) {
      // Without those that change while one looks, and those of the process.
      if (!name.startsWith('manycast_')) continue
      expect(theirs.get(name)).toEqual(family)
    }
  })

  it('writes them as OpenMetrics, too', async () => {
    const { metrics, registry } = scene()
    const open = new Registry()
    open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never)
    metrics.register(open)
    const text = await open.metrics()
    expect(text).toContain('\nmanycast_rtp_packets_total{direction="in"} 0\n')
    readExposition(text, 'openmetrics')
    expect(registry.getMetricsAsArray()).toEqual([])
  })

  it('gives them back as JSON, and lets them go', async () => {
    const { metrics, registry } = scene()
    const stop = metrics.register(registry)
    expect((await registry.getMetricsAsJSON()).map(({ name }) => name)).toContain('manycast_viewer_rtt_seconds')
    registry.resetMetrics()
    stop()
    expect(await registry.metrics()).toBe('\n')
  })

  it('refuses to have them twice', () => {
    const { metrics, registry } = scene()
    metrics.register(registry)
    expect(() => metrics.register(registry)).toThrow('already been registered')
  })
})
