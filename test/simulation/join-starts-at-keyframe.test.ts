import { expect, test } from 'vitest'
import { Stage } from './support/stage.js'

/** Longer than a keyframe is kept for those who join. */
const STALE_MS = 6000

test('a join asks for a keyframe, and video starts with it', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  publisher.start()
  stage.run(STALE_MS)
  expect(publisher.plis).toBe(0)
  const joinedMs = stage.nowMs
  const viewer = stage.join(publisher)
  stage.run(1000)
  expect(publisher.plis).toBe(1)
  const first = viewer.video.packets[0]
  expect(first?.keyframe).toBe(true)
  // Request up, at most one frame of waiting, keyframe down, on links of 10 ms.
  expect((first?.atMs ?? 0) - joinedMs).toBeLessThan(10 + 34 + 10 + 10 + 1)
  expect(viewer.egress.stats(stage.nowMs).dropped.waitingForKeyframe).toBeGreaterThan(0)
  expect(viewer.video.gaps()).toBe(0)
})

test('audio does not wait', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  publisher.answersKeyframeRequests = false
  publisher.start()
  stage.run(STALE_MS)
  const viewer = stage.join(publisher)
  stage.run(1000)
  expect(viewer.audio.count).toBeGreaterThan(45)
  expect(viewer.video.count).toBe(0)
})

test('a request that is lost is repeated until a keyframe comes', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  publisher.start()
  stage.run(STALE_MS)
  publisher.downlink.down = true
  const viewer = stage.join(publisher)
  stage.run(3500)
  expect(viewer.video.count).toBe(0)
  expect(publisher.ingest.stats(stage.nowMs).pliSent).toBe(4)
  publisher.downlink.down = false
  stage.run(1000)
  expect(viewer.video.packets[0]?.keyframe).toBe(true)
  expect(publisher.plis).toBe(1)
})

test('a join soon after a keyframe is served from the history, at once and complete', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const first = stage.join(publisher)
  publisher.start()
  stage.run(200)
  const second = stage.join(publisher)
  const joinedMs = stage.nowMs
  stage.run(11)
  expect(second.video.packets[0]?.keyframe).toBe(true)
  expect(second.video.packets[0]?.atMs).toBe(joinedMs + 10)
  stage.run(1000)
  publisher.stop()
  stage.run(100)
  expect(second.video.count).toBe(first.video.count)
  expect(second.video.gaps()).toBe(0)
  expect(publisher.plis).toBe(0)
})

test('a keyframe whose first packet was overtaken by others of it is forwarded whole', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ fps: 1 })
  const viewer = stage.join(publisher)
  let held: Buffer | undefined
  publisher.uplink.drop = (packet) => {
    if (held !== undefined || packet.readUInt32BE(8) !== publisher.video.ssrc) return false
    held = packet
    // It comes after all the others.
    stage.clock.setTimer(5, () => publisher.uplink.send(packet))
    return true
  }
  publisher.start()
  stage.run(900)
  expect(viewer.video.count).toBe(8)
  expect(viewer.video.gaps()).toBe(0)
})
