/** A viewer that says whatever it likes of its network and its pictures, as fast as it can: it harms itself at most. */
import { expect, test } from 'vitest'
import { TransportFeedbackWriter } from '../../src/rtp/rtcp/transport-feedback-writer.js'
import { SeededRandom } from '../../src/testing/seeded-random.js'
import { L1T3 } from './support/layer-patterns.js'
import { layeredPublisher, layeredSection, layeredVideo } from './support/layered-scene.js'
import { faultsOf } from './support/received-frames.js'
import { Stage } from './support/stage.js'

const SEED = 77
const SECONDS = 10

test(`made-up REMB, transport-wide feedback, PLI and FIR cost nobody else anything, seed ${SEED}`, () => {
  const stage = new Stage()
  const video = layeredVideo('VP8', L1T3, { packetBytes: 1000 })
  const publisher = layeredPublisher(stage, [video])
  const sections = [layeredSection({ rtx: true, transportWide: true })]
  const hostile = stage.join(publisher, { sections })
  const other = stage.join(publisher, { sections: [layeredSection({ rtx: true })], seed: 2 })
  publisher.start()
  stage.run(3000)
  const { plis } = publisher
  const before = hostile.egress.stats(stage.nowMs).bytesSent
  const otherBefore = other.egress.stats(stage.nowMs).bytesSent
  const random = new SeededRandom(SEED)
  const writer = new TransportFeedbackWriter(1)
  const feedback = Buffer.alloc(1200)
  for (let ms = 0; ms < SECONDS * 1000; ms += 5) {
    for (let i = 0; i < 10; i++) {
      hostile.sendRemb(random.integer(0, 2 ** 31))
      // Arrivals that came at once, never, or before they were sent.
      const ticks = Array.from({ length: 50 }, () => random.integer(-1, 1000))
      const end = writer.write(feedback, 0, feedback.length, 1, random.integer(0, 0xffff), ticks, 0, ticks.length)
      hostile.uplink.send(feedback, 0, end)
    }
    hostile.sendPli()
    hostile.sendFir()
    stage.run(5)
  }
  publisher.stop()
  stage.run(500)
  // Keyframes are asked for twice a second at most, whoever asks.
  expect(publisher.plis - plis).toBeLessThanOrEqual(2 * SECONDS + 1)
  expect(faultsOf(other.video, [video])).toEqual([])
  expect(other.video.count).toBe(video.packetsSent)
  expect(other.egress.stats(stage.nowMs).retransmission.packets).toBe(0)
  // What it gets itself is the stream, and probes and repairs within their bounds.
  const otherBytes = other.egress.stats(stage.nowMs).bytesSent - otherBefore
  expect(hostile.egress.stats(stage.nowMs).bytesSent - before).toBeLessThan(3 * otherBytes)
})
