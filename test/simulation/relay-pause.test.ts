import { expect, test } from 'vitest'
import type { RelayLink } from './support/relay-link.js'
import { RelayChain, simulcastPublisher } from './support/relay-scene.js'
import type { SimulatedViewer } from './support/simulated-viewer.js'
import { Stage } from './support/stage.js'

const DELAYED = { downlink: { delayMs: 25 }, uplink: { delayMs: 25 } }

function scene(options: Parameters<typeof simulcastPublisher>[1] = {}) {
  const stage = new Stage()
  const publisher = simulcastPublisher(stage, options)
  const chain = new RelayChain(stage, publisher, [DELAYED])
  publisher.start()
  return { stage, publisher, chain, link: chain.link(0) }
}

/** Packets of each layer that cross within that time. */
function crossing(stage: Stage, link: RelayLink, durationMs: number): number[] {
  const before = link.sentByRank
  stage.run(durationMs)
  return link.sentByRank.map((count, rank) => count - (before[rank] as number))
}

function available(viewer: SimulatedViewer, stage: Stage) {
  return viewer.egress.stats(stage.nowMs).tracks.find(({ kind }) => kind === 'video')?.layers ?? []
}

test('layers that nobody takes are paused after two seconds, each by itself, and the ones in use go on', () => {
  const { stage, chain, link } = scene()
  const viewer = chain.join()
  viewer.egress.configure({ layer: { maxRid: '1' } }, stage.nowMs)
  stage.run(15_000)
  expect(crossing(stage, link, 5000)).toEqual([0, 300, 0])
  expect(link.pausesOf('0', 'PAUSE')).toHaveLength(1)
  expect(link.pausesOf('2', 'PAUSE')).toHaveLength(1)
  expect(link.pausesOf('1')).toEqual([])
  expect(link.egress.stats(stage.nowMs).tracks.map(({ paused }) => paused)).toEqual([undefined, true, undefined, true])
  expect(link.ingest.stats(stage.nowMs).layers.map(({ paused }) => paused)).toEqual([undefined, true, undefined, true])
})

test('the sender says that it has paused, and with which packet', () => {
  const { stage, link } = scene()
  stage.run(10_000)
  for (const rank of [0, 1, 2]) {
    const [paused, ...others] = link.pausesOf(String(rank), 'PAUSED')
    expect(others).toEqual([])
    expect(paused?.pauseId).toBe(0)
    expect((paused?.extSeq ?? 0) & 0xffff).toBe(link.seqs.get(0x6100 + rank)?.at(-1))
  }
})

test('audio is never paused', () => {
  const { stage, link } = scene()
  stage.run(10_000)
  const before = link.seqs.get(0x6000)?.length ?? 0
  expect(crossing(stage, link, 1000)).toEqual([0, 0, 0])
  expect((link.seqs.get(0x6000)?.length ?? 0) - before).toBe(50)
})

test('a paused layer stays what it was: a viewer sees it and can choose it', () => {
  const { stage, chain } = scene()
  const viewer = chain.join()
  viewer.egress.configure({ layer: { maxRid: '0' } }, stage.nowMs)
  stage.run(20_000)
  const layers = available(viewer, stage)
  expect(layers.map(({ live, paused, height }) => [live, paused, height])).toEqual([
    [true, undefined, 180],
    [true, true, 360],
    [true, true, 720],
  ])
  expect(layers[1]?.bitrateBps).toBeGreaterThan(500_000)
  expect(layers[1]?.bitrateBps).toBeLessThan(600_000)
  expect(layers[2]?.bitrateBps).toBeGreaterThan(1_700_000)
  expect(layers[2]?.bitrateBps).toBeLessThan(2_200_000)
})

test('a layer is not paused because it is left for a moment', () => {
  const { stage, chain, link } = scene()
  const viewer = chain.join()
  stage.run(10_000)
  for (let i = 0; i < 10; i++) {
    viewer.egress.configure({ layer: { maxRid: '1' } }, stage.nowMs)
    stage.run(1500)
    viewer.egress.configure({ layer: null }, stage.nowMs)
    stage.run(1000)
  }
  expect(link.pausesOf('2')).toEqual([])
  expect(viewer.video.gaps()).toBe(0)
})

test('while layers are paused, nothing is asked for: neither keyframes nor repairs', () => {
  const { stage, publisher, link } = scene()
  stage.run(10_000)
  const plis = publisher.keyframeRequests.length
  const { repair, keyframeRequestsSent } = link.ingest.stats(stage.nowMs)
  stage.run(30_000)
  expect(publisher.keyframeRequests.length).toBe(plis)
  expect(link.ingest.stats(stage.nowMs)).toMatchObject({ repair, keyframeRequestsSent })
  expect(link.pauses).toHaveLength(6)
})

test('without the negotiation everything goes on', () => {
  const stage = new Stage()
  const publisher = simulcastPublisher(stage)
  const chain = new RelayChain(stage, publisher, [{ ...DELAYED, pause: false }])
  publisher.start()
  stage.run(10_000)
  expect(crossing(stage, chain.link(0), 1000)).toEqual([30, 60, 210])
  expect(chain.link(0).pauses).toEqual([])
})

test('with the setting at 0, too', () => {
  const stage = new Stage({ layerPauseAfterMs: 0 })
  const publisher = simulcastPublisher(stage)
  const chain = new RelayChain(stage, publisher, [DELAYED])
  publisher.start()
  stage.run(10_000)
  expect(crossing(stage, chain.link(0), 1000)).toEqual([30, 60, 210])
})

test('requests that are lost are repeated until they are heard', () => {
  const { stage, chain, link } = scene()
  stage.run(3000)
  let losing = true
  link.uplink.drop = () => losing
  stage.run(4000)
  expect(link.pausesOf('2', 'PAUSE').length).toBe(0)
  expect(link.pausesOf('2', 'PAUSED')).toEqual([])
  losing = false
  stage.run(3000)
  expect(link.pausesOf('2', 'PAUSED')).toHaveLength(1)
  losing = true
  const viewer = chain.join()
  stage.run(2000)
  expect(viewer.video.count).toBe(0)
  losing = false
  stage.run(2000)
  expect(viewer.video.count).toBeGreaterThan(10)
  expect(viewer.video.gaps()).toBe(0)
})

test('a layer that is gone when it is wanted again is given up after five seconds, and comes back when it is there', () => {
  const { stage, publisher, chain, link } = scene()
  const viewer = chain.join()
  viewer.egress.configure({ layer: { maxRid: '1' } }, stage.nowMs)
  stage.run(10_000)
  const [best, ...others] = publisher.encoders
  const isBest = (packet: Buffer): boolean => packet.readUInt32BE(8) === best?.ssrc
  publisher.uplink.drop = (packet) => isBest(packet)
  viewer.egress.configure({ layer: null }, stage.nowMs)
  stage.run(4000)
  const rid = () => viewer.egress.stats(stage.nowMs).tracks.find(({ kind }) => kind === 'video')?.rid
  // What was forwarded still is.
  expect(rid()).toBe('1')
  stage.run(6000)
  expect(available(viewer, stage)[2]).toMatchObject({ live: false })
  expect(rid()).toBe('1')
  publisher.uplink.drop = undefined
  stage.run(15_000)
  expect(rid()).toBe('2')
  expect(others).toHaveLength(2)
  expect(viewer.video.gaps()).toBe(0)
  expect(link.pausesOf('2', 'RESUME').length).toBeLessThan(15)
})
