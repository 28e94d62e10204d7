import { expect, test } from 'vitest'
import { RelayChain, simulcastPublisher } from './support/relay-scene.js'
import type { SimulatedViewer } from './support/simulated-viewer.js'
import { Stage } from './support/stage.js'

const QUEUE = { queueBytes: 40_000 }

function scene(bandwidthBps: number, pause: boolean) {
  const stage = new Stage()
  const publisher = simulcastPublisher(stage)
  const link = { pause, downlink: { delayMs: 20, bandwidthBps, ...QUEUE }, uplink: { delayMs: 20 } }
  const chain = new RelayChain(stage, publisher, [link])
  publisher.start()
  return { stage, publisher, chain, link: chain.link(0) }
}

/** Which layers cross, worst first, and whether any packet of audio was lost, in that time. */
function crossing({ stage, link }: ReturnType<typeof scene>, durationMs: number) {
  const before = link.sentByRank
  const { stats } = link.downlink
  const dropped = stats.dropped
  stage.run(durationMs)
  return {
    layers: link.sentByRank.map((count, rank) => count - (before[rank] as number) > 10),
    dropped: stats.dropped - dropped,
  }
}

test('what a link does not carry is left out from the best layer down, and comes back with the link', () => {
  const all = scene(10_000_000, false)
  const { stage, link } = all
  stage.run(8000)
  expect(crossing(all, 2000).layers).toEqual([true, true, true])
  link.downlink.conditions.bandwidthBps = 1_200_000
  stage.run(4000)
  const narrow = crossing(all, 10_000)
  expect(narrow.layers).toEqual([true, true, false])
  link.downlink.conditions.bandwidthBps = 400_000
  stage.run(6000)
  expect(crossing(all, 8000).layers).toEqual([true, false, false])
  link.downlink.conditions.bandwidthBps = 10_000_000
  stage.run(15_000)
  expect(crossing(all, 2000)).toEqual({ layers: [true, true, true], dropped: 0 })
})

test('on a link that carries two of three layers, those two are continuous', () => {
  const all = scene(1_200_000, false)
  const { stage, chain } = all
  const viewer = chain.join()
  stage.run(10_000)
  const from = viewer.video.packets.length
  const at = stage.nowMs
  const changes = all.link.egress.stats(stage.nowMs).tracks[2]?.instantStart.misses
  stage.run(20_000)
  expect(all.link.egress.stats(stage.nowMs).tracks[2]?.instantStart.misses).toBe(changes)
  const times = viewer.video.packets.slice(from).map(({ atMs }) => atMs)
  expect(times.length).toBeGreaterThan(20 * 55)
  expect(Math.max(...times.slice(1).map((atMs, i) => atMs - (times[i] as number)))).toBeLessThan(400)
  expect(stage.nowMs - at).toBe(20_000)
  expect(viewer.video.gaps()).toBe(0)
})

const ridOf = (viewer: SimulatedViewer, stage: Stage): string | undefined =>
  viewer.egress.stats(stage.nowMs).tracks.find(({ kind }) => kind === 'video')?.rid

test.each([30_000, 120_000])(
  'a layer that was paused for %i ms comes at once: the link is known to carry it, though little was sent meanwhile',
  (pausedMs) => {
    const { stage, chain } = scene(4_000_000, true)
    const viewer = chain.join({ keep: false })
    stage.run(10_000)
    expect(ridOf(viewer, stage)).toBe('2')
    viewer.egress.configure({ layer: { maxRid: '0' } }, stage.nowMs)
    stage.run(pausedMs)
    expect(chain.link(0).egress.stats(stage.nowMs).tracks[3]?.paused).toBe(true)
    viewer.egress.configure({ layer: null }, stage.nowMs)
    stage.run(250)
    expect(ridOf(viewer, stage)).toBe('2')
  },
)

test('the link is looked at for what is paused: one that was narrow meanwhile is known to have come back', () => {
  const { stage, chain, link } = scene(4_000_000, true)
  const viewer = chain.join({ keep: false })
  viewer.egress.configure({ layer: { maxRid: '1' } }, stage.nowMs)
  stage.run(15_000)
  link.downlink.conditions.bandwidthBps = 300_000
  stage.run(15_000)
  expect(link.egress.stats(stage.nowMs).estimatedBps).toBeLessThan(500_000)
  link.downlink.conditions.bandwidthBps = 4_000_000
  stage.run(30_000)
  viewer.egress.configure({ layer: null }, stage.nowMs)
  stage.run(250)
  expect(ridOf(viewer, stage)).toBe('2')
})
