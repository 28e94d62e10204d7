import { expect, test } from 'vitest'
import type { SimulatedPublisher } from './support/simulated-publisher.js'
import type { ReceivedPacket, ReceivedStream, SimulatedViewer } from './support/simulated-viewer.js'
import { Stage } from './support/stage.js'
import { isRtcp } from './support/test-output.js'

/** By how much audio and video are apart for the viewer: capture times by its clock against the true ones. */
function syncErrorMs(publisher: SimulatedPublisher, viewer: SimulatedViewer, sourceOf: SourceTimestamps): number {
  const offset = (
    stream: ReceivedStream,
    source: (packet: ReceivedPacket) => number,
    truth: Map<number, number>,
  ): number => {
    const packet = stream.packets.at(-1) as ReceivedPacket
    return stream.wallClockMs(packet.timestamp) - (truth.get(source(packet)) as number)
  }
  const audio = offset(viewer.audio, sourceOf.audio, publisher.audioCapturedMs)
  const video = offset(viewer.video, sourceOf.video, publisher.videoCapturedMs)
  return Math.abs(audio - video)
}

interface SourceTimestamps {
  audio(packet: ReceivedPacket): number
  video(packet: ReceivedPacket): number
}

/** The publisher's timestamp of the newest packet, known because the network is quiet: it is the last one sent. */
function newestSent(publisher: SimulatedPublisher): SourceTimestamps {
  const last = (map: Map<number, number>): number => [...map.keys()].at(-1) as number
  return { audio: () => last(publisher.audioCapturedMs), video: () => last(publisher.videoCapturedMs) }
}

test('audio and video stay in sync within 20 ms, though video takes 150 ms longer to come', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ clockSkewMs: -12_345 })
  const viewer = stage.join(publisher)
  let released = false
  publisher.uplink.drop = (packet) => {
    if (released || isRtcp(packet) || packet.readUInt32BE(8) !== publisher.video.ssrc) return false
    stage.clock.setTimer(150, () => {
      released = true
      publisher.uplink.send(packet)
      released = false
    })
    return true
  }
  publisher.start()
  stage.run(10_000)
  publisher.stop()
  stage.run(400)
  expect(viewer.video.count).toBe(publisher.video.packetsSent)
  expect(syncErrorMs(publisher, viewer, newestSent(publisher))).toBeLessThan(20)
})

test('the sync survives a publisher with another clock', () => {
  const stage = new Stage()
  const first = stage.publisher({ seed: 1 })
  const viewer = stage.join(first)
  first.start()
  stage.run(5000)
  first.close()
  const second = stage.publisher({ seed: 2, clockSkewMs: 86_400_000 })
  viewer.egress.setSource('main', second.ingest, stage.nowMs)
  second.start()
  stage.run(5000)
  second.stop()
  stage.run(200)
  expect(syncErrorMs(second, viewer, newestSent(second))).toBeLessThan(20)
})

test('the sync survives an encoder restart under another SSRC', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ clockSkewMs: 3000 })
  const viewer = stage.join(publisher)
  publisher.start()
  stage.run(5000)
  publisher.video.ssrc = 0x9999
  publisher.video.timestamp = 4_000_000_000
  publisher.video.keyframeWanted = true
  stage.run(5000)
  publisher.stop()
  stage.run(200)
  expect(syncErrorMs(publisher, viewer, newestSent(publisher))).toBeLessThan(20)
})

test('before the publisher reports, arrival stands in for capture', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ senderReportMs: 0 })
  const viewer = stage.join(publisher)
  publisher.start()
  stage.run(3000)
  publisher.stop()
  stage.run(200)
  expect(viewer.video.reports.length).toBeGreaterThan(1)
  expect(syncErrorMs(publisher, viewer, newestSent(publisher))).toBeLessThan(40)
})
