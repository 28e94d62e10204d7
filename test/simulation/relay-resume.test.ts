import { expect, test } from 'vitest'
import { RelayChain, simulcastPublisher } from './support/relay-scene.js'
import type { SimulatedViewer } from './support/simulated-viewer.js'
import { Stage } from './support/stage.js'

const HOP_MS = 25
const DELAYED = { downlink: { delayMs: HOP_MS }, uplink: { delayMs: HOP_MS } }
/** Of the publisher, both ways. */
const PUBLISHER_MS = 20
const FRAME_MS = 34

function scene(hops: number) {
  const stage = new Stage()
  const publisher = simulcastPublisher(stage, {
    uplink: { delayMs: PUBLISHER_MS },
    downlink: { delayMs: PUBLISHER_MS },
  })
  const links = Array.from({ length: hops }, () => DELAYED)
  const chain = new RelayChain(stage, publisher, links)
  publisher.start()
  return { stage, publisher, chain }
}

const ridOf = (viewer: SimulatedViewer, stage: Stage): string | undefined =>
  viewer.egress.stats(stage.nowMs).tracks.find(({ kind }) => kind === 'video')?.rid

/** How long it takes until the viewer is sent that layer. */
function timeUntil(viewer: SimulatedViewer, rid: string, stage: Stage): number {
  const startMs = stage.nowMs
  while (ridOf(viewer, stage) !== rid && stage.nowMs - startMs < 5000) stage.run(1)
  return stage.nowMs - startMs
}

test.each([1, 2, 4])(
  'over %i hops, a viewer that chooses a paused layer gets it within a round trip and a keyframe',
  (hops) => {
    const { stage, chain } = scene(hops)
    const viewer = chain.join()
    viewer.egress.configure({ layer: { maxRid: '0' } }, stage.nowMs)
    stage.run(25_000)
    for (const link of chain.links) expect(link.egress.stats(stage.nowMs).tracks[3]?.paused).toBe(true)
    const before = viewer.video.packets.length
    viewer.egress.configure({ layer: null }, stage.nowMs)
    const tookMs = timeUntil(viewer, '2', stage)
    // Not one millisecond per hop besides what packets and the camera take.
    expect(tookMs).toBeLessThanOrEqual(hops * 2 * HOP_MS + 2 * PUBLISHER_MS + FRAME_MS + hops)
    stage.run(3000)
    expect(viewer.video.gaps()).toBe(0)
    // What was forwarded goes on until then.
    const times = viewer.video.packets.slice(before - 1).map(({ atMs }) => atMs)
    expect(Math.max(...times.slice(1).map((atMs, i) => atMs - (times[i] as number)))).toBeLessThan(2 * FRAME_MS)
    expect(viewer.video.timestampSteps().mostMs).toBeLessThan(100)
  },
)

test('the layer that is left is paused then', () => {
  const { stage, chain } = scene(1)
  const viewer = chain.join()
  viewer.egress.configure({ layer: { maxRid: '0' } }, stage.nowMs)
  stage.run(15_000)
  viewer.egress.configure({ layer: null }, stage.nowMs)
  stage.run(10_000)
  const { tracks } = chain.link(0).egress.stats(stage.nowMs)
  expect(tracks.slice(1).map(({ paused }) => paused)).toEqual([true, true, undefined])
  expect(
    chain
      .link(0)
      .pausesOf('0', 'PAUSE')
      .map(({ pauseId }) => pauseId),
  ).toEqual([0])
})

test('a first viewer starts as fast, and from what is kept upstream if that is young', () => {
  const { stage, publisher, chain } = scene(2)
  stage.run(20_000)
  expect(
    chain
      .link(-1)
      .egress.stats(stage.nowMs)
      .tracks.slice(1)
      .every(({ paused }) => paused === true),
  ).toBe(true)
  // Somebody who watches at the publisher's server has had a keyframe a second ago.
  const near = stage.join(publisher)
  stage.run(1000)
  expect(near.video.count).toBeGreaterThan(0)
  const keyframes = publisher.keyframeRequests.length
  const viewer = chain.join()
  const joinMs = stage.nowMs
  stage.run(1000)
  const { atMs = Number.POSITIVE_INFINITY } = viewer.video.packets[0] ?? {}
  expect(atMs - joinMs).toBeLessThanOrEqual(2 * 2 * HOP_MS + viewer.downlink.conditions.delayMs + 3)
  expect(publisher.keyframeRequests.length - keyframes).toBeLessThanOrEqual(1)
  expect(viewer.video.gaps()).toBe(0)
})

test('layers that are paused and resumed again and again go on in one numbering', () => {
  const { stage, chain } = scene(2)
  const viewer = chain.join()
  for (let i = 0; i < 8; i++) {
    viewer.egress.configure({ layer: { maxRid: String(i % 3) } }, stage.nowMs)
    stage.run(6000)
    expect(ridOf(viewer, stage)).toBe(String(i % 3))
  }
  expect(viewer.video.gaps()).toBe(0)
  expect(viewer.video.timestampSteps().leastMs).toBeGreaterThanOrEqual(0)
  expect(viewer.video.timestampSteps().mostMs).toBeLessThan(100)
  const ids = chain
    .link(0)
    .pausesOf('0', 'PAUSE')
    .map(({ pauseId }) => pauseId)
  expect(ids.length).toBeGreaterThan(1)
  expect(ids).toEqual(ids.map((_, i) => i))
})

test('while requests to resume are lost, they are repeated, and the viewer keeps what it has', () => {
  const { stage, chain } = scene(1)
  const viewer = chain.join()
  viewer.egress.configure({ layer: { maxRid: '0' } }, stage.nowMs)
  stage.run(15_000)
  let losing = true
  chain.link(0).uplink.drop = () => losing
  viewer.egress.configure({ layer: { maxRid: '1' } }, stage.nowMs)
  stage.run(1000)
  expect(ridOf(viewer, stage)).toBe('0')
  losing = false
  expect(timeUntil(viewer, '1', stage)).toBeLessThan(1000)
})
