import { expect, test } from 'vitest'
import { Stage } from './support/stage.js'

test('packets that overtake each other are forwarded as they come, under their own numbers', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ uplink: { delayMs: 20, jitterMs: 15 } })
  const viewer = stage.join(publisher)
  publisher.start()
  stage.run(10_000)
  publisher.stop()
  stage.run(200)
  const arrived = viewer.video.packets.map(({ extSeq }) => extSeq)
  const overtaken = arrived.filter((extSeq, i) => extSeq < (arrived[i - 1] ?? 0)).length
  expect(overtaken).toBeGreaterThan(100)
  expect(viewer.video.gaps()).toBe(0)
  expect(viewer.video.count).toBe(publisher.video.packetsSent)
  expect(viewer.audio.count).toBe(publisher.audio.packetsSent)
  // In order of their numbers, they are the publisher's frames.
  const ordered = [...viewer.video.packets].sort((a, b) => a.extSeq - b.extSeq)
  let frames = 0
  for (const [i, packet] of ordered.entries()) {
    if (packet.marker) frames++
    if (i > 0 && ordered[i - 1]?.marker === false) expect(packet.timestamp).toBe(ordered[i - 1]?.timestamp)
  }
  expect(frames).toBe(publisher.video.framesSent)
})

test('packets that arrive twice are forwarded once', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ uplink: { duplicateRate: 0.2, jitterMs: 5 } })
  const viewer = stage.join(publisher)
  publisher.start()
  stage.run(5000)
  publisher.stop()
  stage.run(200)
  expect(viewer.video.count).toBe(publisher.video.packetsSent)
  expect(viewer.audio.count).toBe(publisher.audio.packetsSent)
  expect(publisher.ingest.stats(stage.nowMs).dropped.duplicate).toBeGreaterThan(100)
})
