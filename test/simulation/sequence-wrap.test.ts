import { expect, test } from 'vitest'
import { EndToEndDelivery } from './support/end-to-end-delivery.js'
import { TRANSPORT_WIDE_URI } from './support/sections.js'
import { Stage } from './support/stage.js'
import { videoOptions, videoSection } from './support/upstream-delivery.js'

const SEED = 13

test('sequence numbers, timestamps and picture ids wrap without a trace', () => {
  const stage = new Stage()
  const publisher = stage.publisher({
    video: { seq: 65_500, timestamp: 0xffff_ff00, pictureId: 0x7ffa },
    audio: { seq: 65_530, timestamp: 0xffff_f000 },
  })
  publisher.video.tl0PicIdx = 250
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
  const pictures = viewer.video.packets.filter(({ pictureId }, i, all) => pictureId !== all[i - 1]?.pictureId)
  expect(pictures.length).toBe(publisher.video.framesSent)
  expect([pictures[0]?.pictureId, pictures[0]?.tl0PicIdx]).toEqual([0x7ffa, 250])
  for (const [i, { pictureId, tl0PicIdx }] of pictures.entries()) {
    expect([pictureId, tl0PicIdx]).toEqual([(0x7ffa + i) & 0x7fff, (250 + i) & 0xff])
  }
  // The cycle is counted for the publisher, too: 16 bits of it above the number.
  const highestSeq = publisher.reports.get(publisher.video.ssrc)?.highestSeq ?? 0
  expect(highestSeq >>> 16).toBe(1)
  expect((publisher.video.seq - (highestSeq & 0xffff)) & 0xffff).toBeLessThan(200)
})

test(`losses are repaired across the wraps of media and retransmissions, on both paths, seed ${SEED}`, () => {
  const path = { delayMs: 25, lossRate: 0.1 }
  // A transport needs first numbers below 32768; here they are about to wrap.
  const delivery = new EndToEndDelivery({
    seed: SEED,
    upstream: path,
    downstream: path,
    publisherSeq: 65_400,
    viewerSeq: 65_300,
  })
  delivery.run(10_000)
  const { publisher, viewer, stage, sent } = delivery
  expect(delivery.within(Number.MAX_VALUE)).toBe(1)
  const { repair } = publisher.ingest.stats(stage.nowMs)
  expect([repair.lostForGood, publisher.keyframeRequests.length]).toEqual([0, 0])
  expect(Math.min(repair.rtxReceived, viewer.rtxPackets)).toBeGreaterThan(250)
  expect(publisher.resender.asked).toBeLessThan(sent * 0.15)
  expect(delivery.repeated).toBeLessThan(sent * 0.03)
  expect(viewer.video.statistics.packetsLost).toBeGreaterThan(0)
})

test('the publisher is told of every packet across the wrap of the transport-wide numbers', () => {
  const id = 5
  const stage = new Stage()
  const section = videoSection(false, ['nack', 'nack pli', 'transport-cc'])
  const extensions = [...section.extensions, { id, uri: TRANSPORT_WIDE_URI }]
  const first = 65_000
  const options = { sections: [{ ...section, extensions }], transportWideId: id, transportWideSeq: first }
  const publisher = stage.publisher({ ...videoOptions(false), ...options, uplink: { delayMs: 40, jitterMs: 15 } })
  publisher.start()
  stage.run(10_000)
  publisher.stop()
  stage.run(500)
  const arrived = publisher.toldArrivals.filter(({ arrivalMs }) => arrivalMs !== undefined)
  const seqs = new Set(arrived.map(({ seq }) => seq))
  expect(publisher.stampedMs.length).toBeGreaterThan(3000)
  for (const [i] of publisher.stampedMs.entries()) expect(seqs.has((first + i) & 0xffff)).toBe(true)
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
