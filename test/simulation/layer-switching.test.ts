import { expect, test } from 'vitest'
import { SeededRandom } from '../../src/testing/seeded-random.js'
import { LayerViewer } from './support/layer-viewer.js'
import type { ReceivedPacket } from './support/simulated-viewer.js'
import { SimulcastSource } from './support/simulcast-source.js'
import { Stage } from './support/stage.js'

function setUp(): { stage: Stage; source: SimulcastSource; viewer: LayerViewer } {
  const stage = new Stage()
  const source = new SimulcastSource(stage.clock, stage.config)
  const viewer = new LayerViewer(stage, source)
  source.start()
  return { stage, source, viewer }
}

/** The first packet of each picture. */
function pictures(viewer: LayerViewer): ReceivedPacket[] {
  const { packets } = viewer.received
  return packets.filter((packet, i) => packet.pictureId !== packets[i - 1]?.pictureId)
}

function expectContinuous(viewer: LayerViewer): void {
  const { received } = viewer
  expect(received.gaps()).toBe(0)
  // Frames are 33 ms apart; a change may come anywhere in between.
  expect(received.timestampSteps().leastMs).toBeGreaterThanOrEqual(0)
  expect(received.timestampSteps().mostMs).toBeLessThan(70)
  const all = pictures(viewer)
  for (let i = 1; i < all.length; i++) {
    const [a, b] = [all[i - 1] as ReceivedPacket, all[i] as ReceivedPacket]
    expect(b.pictureId).toBe((a.pictureId + 1) & 0x7fff)
    expect(b.tl0PicIdx).toBe((a.tl0PicIdx + 1) & 0xff)
  }
}

const rids = (viewer: LayerViewer): (string | undefined)[] => viewer.attached.map(({ rid }) => rid)

test('down and up again, every change is a keyframe, and all counters go on', () => {
  const { stage, viewer } = setUp()
  stage.run(6000)
  expect(rids(viewer).at(-1)).toBe('h')
  viewer.estimate = () => 700_000
  stage.run(8000)
  viewer.estimate = () => 3_000_000
  stage.run(8000)
  expect(rids(viewer).slice(-3)).toEqual(['h', 'm', 'h'])
  expectContinuous(viewer)
  for (const { behind } of viewer.attached) expect(viewer.received.packets[behind]?.keyframe).toBe(true)
  // The old layer goes on until the new one's keyframe is there.
  expect(viewer.longestPauseMs).toBeLessThan(40)
})

test('a step down is carried out within a frame, a step up soon after the link is good again', () => {
  const { stage, viewer } = setUp()
  stage.run(10_000)
  viewer.estimate = () => 700_000
  const downMs = stage.nowMs
  stage.run(5000)
  expect((viewer.attached.at(-1)?.atMs ?? 0) - downMs).toBeLessThan(200)
  viewer.estimate = () => 3_000_000
  const upMs = stage.nowMs
  stage.run(5000)
  expect(rids(viewer).at(-1)).toBe('h')
  expect((viewer.attached.at(-1)?.atMs ?? 0) - upMs).toBeLessThan(1500)
})

test('a layer that nobody watches is asked for nothing', () => {
  const { stage, source, viewer } = setUp()
  viewer.estimate = () => 700_000
  stage.run(10_000)
  expect(rids(viewer).at(-1)).toBe('m')
  expect(source.requests[2]).toBe(0)
  expect(source.layers.map(({ layer }) => layer.sinkCount)).toEqual([0, 1, 0])
  viewer.preference = { paused: true }
  const before = source.requests
  stage.run(10_000)
  expect(source.layers.map(({ layer }) => layer.sinkCount)).toEqual([0, 0, 0])
  expect(source.requests).toEqual(before)
})

test('a layer that dies is left within a second, and taken again when it is back', () => {
  const { stage, source, viewer } = setUp()
  const top = source.layers[2]
  stage.run(8000)
  if (top !== undefined) top.enabled = false
  const diedMs = stage.nowMs
  stage.run(10_000)
  expect(viewer.changes.at(-1)).toMatchObject({ reason: 'layer-ended', to: { layer: 1 } })
  expect((viewer.attached.at(-1)?.atMs ?? 0) - diedMs).toBeLessThan(1000)
  if (top !== undefined) top.enabled = true
  const backMs = stage.nowMs
  stage.run(8000)
  expect(viewer.changes.at(-1)).toMatchObject({ reason: 'layer-started', to: { layer: 2 } })
  expect((viewer.attached.at(-1)?.atMs ?? 0) - backMs).toBeLessThan(4000)
  expect(viewer.received.gaps()).toBe(0)
  expect(viewer.received.timestampSteps().leastMs).toBeGreaterThanOrEqual(0)
})

test('a layer that brings no keyframe is given up on, without a pause', () => {
  const { stage, source, viewer } = setUp()
  viewer.estimate = () => 700_000
  stage.run(8000)
  const top = source.layers[2]
  if (top !== undefined) top.answers = false
  viewer.estimate = () => 3_000_000
  stage.run(12_000)
  expect(rids(viewer).at(-1)).toBe('m')
  expect(top?.layer.sinkCount).toBe(0)
  if (top !== undefined) top.answers = true
  stage.run(12_000)
  expect(rids(viewer).at(-1)).toBe('h')
  expectContinuous(viewer)
})

test('pausing and resuming leave no gap', () => {
  const { stage, viewer } = setUp()
  stage.run(5000)
  viewer.preference = { paused: true }
  stage.run(3000)
  const { count } = viewer.received
  stage.run(1000)
  expect(viewer.received.count).toBe(count)
  viewer.preference = { paused: false }
  stage.run(2000)
  expect(viewer.received.count).toBeGreaterThan(count)
  expect(viewer.received.gaps()).toBe(0)
  expect(viewer.received.timestampSteps().mostMs).toBeGreaterThan(3800)
  expect(viewer.changes.slice(-2).map(({ reason }) => reason)).toEqual(['paused', 'resumed'])
})

test.each([1, 2, 3, 4, 5, 6])(
  'an estimate that wavers by 15 %% changes the layer at most three times in 30 s, seed %i',
  (seed) => {
    const random = new SeededRandom(seed)
    const { stage, viewer } = setUp()
    // Around what the upper layers need, where it is hardest.
    const linkBps = random.integer(500_000, 2_600_000)
    viewer.estimate = () => linkBps * (0.85 + 0.3 * random.next())
    stage.run(120_000)
    const times = viewer.attached.slice(1).map(({ atMs }) => atMs)
    for (const from of times)
      expect(times.filter((atMs) => atMs >= from && atMs < from + 30_000).length).toBeLessThanOrEqual(3)
    expect(viewer.received.gaps()).toBe(0)
  },
)

test('a hundred changes leave no gap and no step back', () => {
  const { stage, viewer } = setUp()
  for (let i = 0; i < 100; i++) {
    viewer.preference = { paused: false, maxRid: ['l', 'm', 'h'][i % 3] as string }
    stage.run(700)
  }
  expect(viewer.attached.length).toBeGreaterThan(90)
  expectContinuous(viewer)
})
