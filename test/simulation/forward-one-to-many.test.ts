import { expect, test } from 'vitest'
import { Stage } from './support/stage.js'

test('every viewer gets every packet, each in a stream of its own', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const viewers = Array.from({ length: 20 }, () => stage.join(publisher))
  publisher.start()
  stage.run(5000)
  publisher.stop()
  stage.run(100)
  for (const viewer of viewers) {
    expect(viewer.video.count).toBe(publisher.video.packetsSent)
    expect(viewer.audio.count).toBe(publisher.audio.packetsSent)
    expect(viewer.video.gaps() + viewer.audio.gaps()).toBe(0)
    expect(viewer.video.packets[0]?.keyframe).toBe(true)
    expect(new Set(viewer.video.packets.map(({ payloadType }) => payloadType))).toEqual(new Set([120]))
    expect(new Set(viewer.audio.packets.map(({ payloadType }) => payloadType))).toEqual(new Set([109]))
  }
  const seeds = viewers.map((viewer) => viewer.video.packets[0]?.extSeq)
  expect(new Set(seeds).size).toBe(viewers.length)
})

test('the publisher uploads once: bytes out are bytes in times the viewers', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const viewers = Array.from({ length: 10 }, () => stage.join(publisher))
  publisher.start()
  stage.run(10_000)
  publisher.stop()
  stage.run(100)
  const { bytesReceived, packetsReceived } = publisher.ingest.stats(stage.nowMs)
  const sent = viewers.map((viewer) => viewer.egress.stats(stage.nowMs))
  const bytesSent = sent.reduce((sum, stats) => sum + stats.bytesSent, 0)
  expect(bytesSent / bytesReceived).toBeGreaterThan(9.5)
  expect(bytesSent / bytesReceived).toBeLessThan(10.5)
  expect(sent.reduce((sum, stats) => sum + stats.packetsSent, 0)).toBe(10 * packetsReceived)
})

test('payloads, markers and the spacing of timestamps come through unchanged', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ video: { pictureId: undefined } })
  const viewer = stage.join(publisher)
  const sent: Buffer[] = []
  publisher.uplink.drop = (packet) => {
    if (
      (packet[1] as number) % 128 === 96 &&
      (packet[1] as number) < 256 &&
      packet.readUInt32BE(8) === publisher.video.ssrc
    ) {
      sent.push(packet)
    }
    return false
  }
  publisher.start()
  stage.run(1000)
  publisher.stop()
  stage.run(100)
  expect(sent.length).toBeGreaterThan(80)
  expect(viewer.video.packets.map(({ payload }) => payload)).toEqual(sent.map((packet) => packet.subarray(12)))
  expect(viewer.video.packets.map(({ marker }) => marker)).toEqual(sent.map((packet) => (packet[1] as number) >= 128))
  const spacing = (timestamps: number[]): number[] =>
    timestamps.slice(1).map((t, i) => (t - (timestamps[i] as number)) >>> 0)
  expect(spacing(viewer.video.packets.map(({ timestamp }) => timestamp))).toEqual(
    spacing(sent.map((packet) => packet.readUInt32BE(4))),
  )
})

test('packets carry the MID until the first receiver report, and the audio level under the viewer id', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  publisher.audio.elements = [
    { id: 1, data: Buffer.from([0x85]) },
    { id: 4, data: Buffer.from('0') },
  ]
  const viewer = stage.join(publisher, { receiverReportMs: 500 })
  publisher.start()
  stage.run(2000)
  const early = viewer.audio.packets[0]
  const late = viewer.audio.packets.at(-1)
  // MID (2 bytes and its data) and the level; later the level alone, both padded to words.
  expect(early?.extensionBytes).toBe(4)
  expect(late?.extensionBytes).toBe(4)
  expect(viewer.video.packets[0]?.extensionBytes).toBe(4)
  expect(viewer.video.packets.at(-1)?.extensionBytes).toBe(0)
})

test('a viewer whose transport is full loses packets alone', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const slow = stage.join(publisher)
  const fast = stage.join(publisher)
  publisher.start()
  stage.run(1000)
  slow.output.full = true
  stage.run(1000)
  slow.output.full = false
  stage.run(1000)
  publisher.stop()
  stage.run(100)
  const { dropped } = slow.egress.stats(stage.nowMs)
  expect(dropped.outputFull).toBeGreaterThan(100)
  expect(slow.video.gaps() + slow.audio.gaps()).toBe(dropped.outputFull)
  expect(fast.video.gaps() + fast.audio.gaps()).toBe(0)
})
