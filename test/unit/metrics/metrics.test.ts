import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { createPeerSums } from '../../../src/engine/peer-sums.js'
import type { MetricsClusterStats } from '../../../src/metrics/cluster-families.js'
import { health } from '../../../src/metrics/health-monitor.js'
import { METRIC_TABLES } from '../../../src/metrics/metric-table.js'
import type { PromRegistryLike } from '../../../src/metrics/prom-client.js'
import { createMuxCounters } from '../../../src/transport/udp/mux-counters.js'
import { metricsScene } from '../../support/metrics-scene.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../support/offers.js'
import { readExposition } from '../../support/open-metrics.js'
import { shardSummary } from '../../support/shard-summary.js'

const RELAYS = [
  { kind: 'pull', state: 'connected' },
  { kind: 'pull', state: 'connected' },
  { kind: 'push', state: 'reconnecting' },
] as const
const CLUSTER: MetricsClusterStats = {
  directoryReachable: true,
  nodes: [{ draining: false }, { draining: true }, { draining: false }],
  origins: [1],
  relays: [1, 2],
  redirected: 12,
  refused: 3,
  passesRefused: 1,
}

/** A scene in which everything has something to tell. */
async function busyScene() {
  const monitor = health({ sessions: () => [] })
  monitor.close()
  const scene = metricsScene({ relays: () => RELAYS, cluster: { stats: () => CLUSTER }, health: monitor })
  const { sfu, engine, clock, tell } = scene
  const { session: publisher } = await sfu.publish(PUBLISHER_OFFER, { broadcast: 'main "stage"\\' })
  clock.advance(40)
  engine.simulateState(publisher.id, 'connected')
  const { session: viewer } = await sfu.view(VIEWER_OFFER, { broadcast: 'main "stage"\\' })
  clock.advance(300)
  engine.simulateState(viewer.id, 'connected')
  const sums = createPeerSums()
  Object.assign(sums.transport.traffic, { rtpPacketsIn: 10, rtpPacketsOut: 200, rtpBytesOut: 2000 })
  Object.assign(sums.egress, { packetsLost: 3, pliReceived: 2 })
  const datagrams = { ...createMuxCounters(), stunUnknownUfrag: 7, tcpAccepted: 2, tcpTimedOut: 1, datagramsIn: 99 }
  tell(
    shardSummary({
      sums,
      datagrams,
      pipes: { droppedOut: 2, droppedIn: 3 },
      publishers: 1,
      viewers: 1,
      layerChanges: { bandwidth: 4, 'layer-ended': 1 },
      rttSeconds: { bounds: [0.1, 1], counts: [3, 2, 1], sum: 4.5 },
      levels: { estimates: 1, estimatedBps: 800_000, videosLive: 1, videosWaiting: 0 },
    }),
  )
  return { ...scene, publisher, viewer }
}

describe('metrics', () => {
  it.each(['prometheus', 'openmetrics'] as const)('are well-formed as %s', async (format) => {
    const { metrics } = await busyScene()
    const families = readExposition(await metrics.text(format), format)
    const all = Object.values(METRIC_TABLES).flatMap((table) => Object.values(table))
    const wanted = all.map(({ name }) => (format === 'openmetrics' ? name.replace(/_total$/, '') : name))
    // Where the system does not say what its kernel drops, that is not told.
    const told = new Set([...families.keys(), 'manycast_udp_receive_drops_per_second'])
    expect([...told].sort()).toEqual(wanted.sort())
    const name = format === 'prometheus' ? 'manycast_broadcast_rtp_packets_total' : 'manycast_broadcast_rtp_packets'
    expect(families.get(name)?.samples.map(({ labels }) => labels.broadcast)).toContain('main "stage"\\')
  })

  it.skipIf(spawnSync('promtool', ['--version']).status !== 0)('are what promtool takes without a remark', async () => {
    const { metrics } = await busyScene()
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: await metrics.text(),
      encoding: 'utf8',
    })
    expect({ status, remarks: `${stdout}${stderr}` }).toEqual({ status: 0, remarks: '' })
  })

  it('tell what the sessions do', async () => {
    const { publisher, sfu, values } = await busyScene()
    expect(await values('manycast_sessions')).toMatchObject({ 'publisher connected': 1, 'viewer connected': 1 })
    expect(await values('manycast_broadcasts')).toEqual({ live: 1, idle: 0 })
    expect(await values('manycast_sessions_opened_total')).toEqual({ publisher: 1, viewer: 1 })
    await publisher.kick()
    await expect(sfu.view('nonsense', { broadcast: 'a' })).rejects.toThrow()
    await expect(sfu.view(VIEWER_OFFER, { broadcast: 'a', requireLive: true })).rejects.toThrow()
    await expect(sfu.publish(PUBLISHER_OFFER, {})).rejects.toThrow()
    expect(await values('manycast_sessions_closed_total')).toEqual({ 'publisher kicked': 1 })
    expect(await values('manycast_offers_refused_total')).toEqual({
      'viewer sdp-invalid': 1,
      'viewer not-live': 1,
      'publisher request-invalid': 1,
    })
  })

  it('tell how long joins take', async () => {
    const { metrics } = await busyScene()
    const join = readExposition(await metrics.text(), 'prometheus').get('manycast_join_seconds')
    const of = (role: string, stage: string, suffix: string) =>
      join?.samples.filter(
        ({ name, labels }) => name.endsWith(suffix) && labels.role === role && labels.stage === stage,
      ) ?? []
    expect(of('viewer', 'connected', '_sum')[0]?.value).toBe(0.3)
    expect(of('publisher', 'connected', '_bucket').find(({ labels }) => labels.le === '0.05')?.value).toBe(1)
    expect(of('viewer', 'connected', '_bucket').find(({ labels }) => labels.le === '0.2')?.value).toBe(0)
    expect(of('viewer', 'answered', '_count')[0]?.value).toBe(1)
  })

  it('tell what the shards have counted', async () => {
    const { values } = await busyScene()
    expect(await values('manycast_rtp_packets_total')).toEqual({ in: 10, out: 200 })
    expect(await values('manycast_packets_lost_total')).toEqual({ in: 0, out: 3 })
    expect(await values('manycast_keyframe_requests_total')).toMatchObject({ 'in pli': 2, 'out pli': 0 })
    expect(await values('manycast_datagrams_dropped_total')).toMatchObject({ 'stun-unknown-ufrag': 7 })
    expect(await values('manycast_datagrams_dropped_total')).not.toHaveProperty('datagrams-in')
    expect(await values('manycast_pipe_packets_dropped_total')).toEqual({ in: 3, out: 2 })
    expect(await values('manycast_tcp_connections_total')).toMatchObject({ accepted: 2, 'timed-out': 1 })
    expect(await values('manycast_layer_changes_total')).toEqual({ bandwidth: 4, 'layer-ended': 1 })
    expect(await values('manycast_estimated_bandwidth_bytes_per_second')).toEqual({ '': 100_000 })
    expect(await values('manycast_viewer_rtt_seconds')).toMatchObject({ '0.1': 3, '1': 5, '+Inf': 6 })
  })

  it('tell of relays and the cluster', async () => {
    const { values } = await busyScene()
    expect(await values('manycast_relays')).toEqual({ 'pull connected': 2, 'push reconnecting': 1 })
    expect(await values('manycast_relay_sessions')).toEqual({ publisher: 0, viewer: 0 })
    expect(await values('manycast_cluster_nodes')).toEqual({ active: 2, draining: 1 })
    expect(await values('manycast_cluster_directory_reachable')).toEqual({ '': 1 })
    expect(await values('manycast_cluster_relays')).toEqual({ '': 2 })
    expect(await values('manycast_cluster_redirected_total')).toEqual({ '': 12 })
  })

  it('go on counting when a shard is replaced', async () => {
    const { tell, values } = metricsScene()
    const counted = (rtpPacketsIn: number) => {
      const sums = createPeerSums()
      sums.transport.traffic.rtpPacketsIn = rtpPacketsIn
      return sums
    }
    tell(shardSummary({ openedAtUnixMs: 1, sums: counted(100) }), shardSummary({ shard: 1, sums: counted(10) }))
    expect(await values('manycast_rtp_packets_total')).toMatchObject({ in: 110 })
    tell(shardSummary({ openedAtUnixMs: 2, sums: counted(5) }), shardSummary({ shard: 1, sums: counted(10) }))
    expect(await values('manycast_rtp_packets_total')).toMatchObject({ in: 115 })
  })

  it('are read once for all who ask at the same time', async () => {
    const { engine, metrics } = metricsScene()
    let reads = 0
    engine.summary = async () => {
      reads++
      return { shards: [] }
    }
    await Promise.all([metrics.text(), metrics.text(), metrics.collect()])
    expect(reads).toBe(1)
    await metrics.text()
    expect(reads).toBe(2)
  })

  it('reject when the engine does not answer, and when the Sfu is closed', async () => {
    const { engine, clock, metrics, sfu } = metricsScene({ timeoutMs: 1000 })
    const summary = engine.summary
    engine.summary = () => new Promise(() => {})
    const reading = metrics.text()
    clock.advance(1000)
    await expect(reading).rejects.toMatchObject({ code: 'engine-failed' })
    engine.summary = summary
    engine.summary = async () => {
      await engine.stats()
      return { shards: [] }
    }
    await sfu.close()
  })

  it('count no more once they are closed', async () => {
    const { sfu, metrics, values } = metricsScene()
    metrics.close()
    await sfu.publish(PUBLISHER_OFFER, { broadcast: 'a' })
    expect(await values('manycast_sessions_opened_total')).toEqual({ publisher: 0, viewer: 0 })
  })

  it('leave out what belongs to the process, on request and in other registries', async () => {
    expect(await metricsScene({ process: false }).metrics.text()).not.toContain('process_')
    const names: string[] = []
    const registry = { registerMetric: ({ name }: { name: string }) => names.push(name), removeSingleMetric: () => {} }
    metricsScene().metrics.register(registry as unknown as PromRegistryLike)
    expect(names.filter((name) => name.startsWith('process_'))).toEqual([])
    expect(names.length).toBeGreaterThan(40)
  })

  it.each([
    [{ maxBroadcasts: -1 }, 'maxBroadcasts'],
    [{ token: 'short' }, 'token'],
    [{ pathPrefix: 'x' }, 'pathPrefix'],
    [{ timeoutMs: 1 }, 'timeoutMs'],
    [{ process: 1 as unknown as boolean }, 'process'],
  ])('refuse %o', (options, option) => {
    expect(() => metricsScene(options)).toThrow(
      expect.objectContaining({ code: 'option-invalid', details: { option } }),
    )
  })
})
