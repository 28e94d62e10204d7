import { expect, test } from 'vitest'
import { Stage } from './support/stage.js'

test('sequence numbers, timestamps and picture ids wrap without a trace', () => {
  const stage = new Stage()
  const publisher = stage.publisher({
    video: { seq: 65_500, timestamp: 0xffff_ff00, pictureId: 0x7ffa },
    audio: { seq: 65_530, timestamp: 0xffff_f000 },
  })
  const viewer = stage.join(publisher, { initialSeq: 32_700, initialTimestamp: 0xffff_fff0 })
  publisher.start()
  stage.run(5000)
  publisher.stop()
  stage.run(100)
  for (const stream of [viewer.video, viewer.audio]) {
    expect(stream.gaps()).toBe(0)
    expect(stream.timestampSteps().leastMs).toBeGreaterThanOrEqual(0)
    expect(stream.timestampSteps().mostMs).toBeLessThan(34)
  }
  expect(viewer.video.count).toBe(publisher.video.packetsSent)
  expect(publisher.ingest.stats(stage.nowMs).packetsLost).toBe(0)
})

test('the rollover counter of the outgoing stream counts every wrap', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ audioEnabled: false, fps: 100, video: { framePackets: 50, packetBytes: 20 } })
  const viewer = stage.join(publisher, { keep: false, initialSeq: 32_767 })
  publisher.start()
  // 5000 packets a second: more than two wraps of 16 bits in 30 s.
  stage.run(30_000)
  publisher.stop()
  stage.run(100)
  // The output checks that the index and the 16-bit number agree for every packet.
  expect(viewer.video.count).toBe(publisher.video.packetsSent)
  expect(viewer.video.statistics.packetsLost).toBe(0)
  expect(publisher.video.packetsSent).toBeGreaterThan(2 * 65_536)
})
