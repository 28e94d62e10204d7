import { expect, test } from 'vitest'
import { EXTENSION_URI } from '../../src/rtp/extension-uri.js'
import { viewerVideo } from './support/downstream-delivery.js'
import { type CaptureStamp, elementOf, readCaptureStamp } from './support/extension-elements.js'
import { OPUS, PUBLISHER_EXTENSIONS, payloadCodec, VIEWER_EXTENSIONS } from './support/sections.js'
import type { SimulatedPublisher } from './support/simulated-publisher.js'
import type { ReceivedPacket, ReceivedStream } from './support/simulated-viewer.js'
import { Stage } from './support/stage.js'
import { isRtcp } from './support/test-output.js'
import { videoSection } from './support/upstream-delivery.js'

const PUBLISHER_ID = 6
const VIEWER_ID = 5
const SKEW_MS = -123_456.5
const EXTENSION = { id: VIEWER_ID, uri: EXTENSION_URI.absCaptureTime }
const ON = { absCaptureTime: true }

const AUDIO = {
  mid: 'a',
  kind: 'audio',
  codecs: [payloadCodec(100, OPUS)],
  extensions: [...VIEWER_EXTENSIONS, EXTENSION],
  ssrc: 0x3001,
} as const

function sections(rtx: boolean) {
  const video = viewerVideo(rtx)
  return [AUDIO, { ...video, extensions: [...video.extensions, EXTENSION] }]
}

interface Stamped extends CaptureStamp {
  readonly packet: ReceivedPacket
}

function stampsOf(stream: ReceivedStream): Stamped[] {
  return stream.packets.flatMap((packet) => {
    const data = elementOf(packet, VIEWER_ID)
    return data === undefined ? [] : [{ packet, ...readCaptureStamp(data) }]
  })
}

/** The network brings packets and reports after 10 ms, and what was captured last is what came last. */
function captured(stage: Stage, publisher: SimulatedPublisher, kind: 'audio' | 'video', { atMs }: ReceivedPacket) {
  const times = [...(kind === 'audio' ? publisher.audioCapturedMs : publisher.videoCapturedMs).values()]
  const last = times.filter((ms) => ms <= atMs - 20).at(-1) as number
  return last + stage.clock.unixOffsetMs + SKEW_MS
}

/** How many frames came before that of the packet. */
function framesBefore(stream: ReceivedStream, packet: ReceivedPacket): number {
  return new Set(stream.packets.filter(({ extSeq }) => extSeq < packet.extSeq).map(({ timestamp }) => timestamp)).size
}

const LINK = { delayMs: 10 }

/** What comes from the cache was captured a while ago. */
const FROM_THE_NEXT_KEYFRAME = { instantStartMaxAgeMs: 0 }

function publishing(stage: Stage, seed = 1): SimulatedPublisher {
  const publisher = stage.publisher({ seed, clockSkewMs: SKEW_MS, uplink: LINK, downlink: LINK })
  publisher.start()
  return publisher
}

test('audio and video say when they were captured, about once a second, by the clock of the publisher', () => {
  const stage = new Stage(FROM_THE_NEXT_KEYFRAME)
  const publisher = publishing(stage)
  stage.run(3000)
  const viewer = stage.join(publisher, { sections: sections(true), extensions: ON, downlink: LINK, uplink: LINK })
  stage.run(10_000)
  for (const kind of ['audio', 'video'] as const) {
    const stream = viewer[kind]
    const stamps = stampsOf(stream)
    expect(stamps.length).toBeGreaterThanOrEqual(9)
    expect(stamps.length).toBeLessThanOrEqual(11)
    expect(stamps[0]?.packet).toBe(stream.packets[0])
    for (const { packet, captureUnixMs, offsetMs } of stamps) {
      expect(Math.abs(captureUnixMs - captured(stage, publisher, kind, packet))).toBeLessThan(1)
      // Our reports' clock plus the offset is the capturer's.
      expect(Math.abs(stream.wallClockMs(packet.timestamp) + offsetMs - captureUnixMs)).toBeLessThan(1)
    }
  }
})

test('a viewer that starts from the cache can count on from what was said, also while it catches up', () => {
  const stage = new Stage()
  const publisher = publishing(stage)
  stage.run(3000)
  const viewer = stage.join(publisher, { sections: sections(true), extensions: ON })
  stage.run(3000)
  // From the publisher's only keyframe, its first frame, on.
  const { packets } = viewer.video
  const capturedMs = [...publisher.videoCapturedMs.values()]
  let last: Stamped | undefined
  let worstMs = 0
  for (const packet of packets) {
    const data = elementOf(packet, VIEWER_ID)
    if (data !== undefined) last = { packet, ...readCaptureStamp(data) }
    const stamp = last as Stamped
    const countedMs = stamp.captureUnixMs + (packet.timestamp - stamp.packet.timestamp) / 90
    const trueMs = (capturedMs[framesBefore(viewer.video, packet)] as number) + stage.clock.unixOffsetMs + SKEW_MS
    worstMs = Math.max(worstMs, Math.abs(countedMs - trueMs))
  }
  // The past came in a hurry, or there would have been nothing to see.
  const firstSecond = packets.filter(({ atMs }) => atMs - (packets[0] as ReceivedPacket).atMs < 1000)
  expect(new Set(firstSecond.map(({ timestamp }) => timestamp)).size).toBeGreaterThan(90)
  expect(worstMs).toBeLessThan(140)
})

test('where the publisher has not told its clock yet, it is said as soon as that is known', () => {
  const stage = new Stage()
  const publisher = publishing(stage)
  const viewer = stage.join(publisher, { sections: sections(true), extensions: ON })
  stage.run(3000)
  const [first] = stampsOf(viewer.video)
  expect(first?.packet.atMs).toBeGreaterThan(publisher.videoCapturedMs.values().next().value as number)
  expect((first?.packet.atMs as number) - (viewer.video.packets[0]?.atMs as number)).toBeLessThan(1100)
})

test('the first packet of another publisher says it by its clock', () => {
  const stage = new Stage(FROM_THE_NEXT_KEYFRAME)
  const first = publishing(stage)
  const viewer = stage.join(first, { sections: sections(true), extensions: ON })
  const second = stage.publisher({ seed: 2, clockSkewMs: 1_000_000 })
  second.start()
  stage.run(3300)
  first.close()
  viewer.egress.setSource('main', second.ingest, stage.nowMs)
  const before = viewer.video.packets.length
  stage.run(2000)
  const stamped = stampsOf(viewer.video).filter(({ packet }) => viewer.video.packets.indexOf(packet) >= before)
  expect(stamped[0]?.packet.keyframe).toBe(true)
  for (const { packet, captureUnixMs } of stamped) {
    const skewMs = captureUnixMs - (packet.atMs + stage.clock.unixOffsetMs)
    expect(Math.abs(skewMs - 1_000_000)).toBeLessThan(200)
  }
})

test('a packet that was lost says the same when it is sent again', () => {
  const stage = new Stage()
  const publisher = publishing(stage)
  stage.run(3000)
  const viewer = stage.join(publisher, { sections: sections(true), extensions: ON, nackRttMs: 40 })
  const lost = new Map<number, Buffer>()
  viewer.downlink.drop = (packet) => {
    if (isRtcp(packet) || packet.readUInt32BE(8) !== viewer.video.ssrc) return false
    const seq = packet.readUInt16BE(2)
    const stamp = elementOf({ header: packet }, VIEWER_ID)
    if (stamp === undefined || lost.has(seq) || viewer.video.count === 0) return false
    lost.set(seq, Buffer.from(stamp))
    return true
  }
  stage.run(8000)
  expect(lost.size).toBeGreaterThanOrEqual(6)
  for (const [seq, stamp] of lost) {
    const packet = viewer.video.packets.find(({ extSeq }) => (extSeq & 0xffff) === seq) as ReceivedPacket
    expect(elementOf(packet, VIEWER_ID)?.equals(stamp)).toBe(true)
  }
  expect(viewer.rtxPackets).toBeGreaterThanOrEqual(lost.size)
})

test('video that is repaired by the very same packets says nothing, audio does', () => {
  const stage = new Stage()
  const viewer = stage.join(publishing(stage), { sections: sections(false), extensions: ON })
  stage.run(4000)
  expect(viewer.video.count).toBeGreaterThan(100)
  expect(stampsOf(viewer.video)).toEqual([])
  expect(stampsOf(viewer.audio).length).toBeGreaterThanOrEqual(3)
})

test('what the publisher says itself is passed on, and nothing is added', () => {
  const stage = new Stage()
  const extensions = [...PUBLISHER_EXTENSIONS, { id: PUBLISHER_ID, uri: EXTENSION_URI.absCaptureTime }]
  const publisher = stage.publisher({ sections: [{ ...videoSection(false), extensions }], audioEnabled: false })
  // Every two seconds, the first time with its first frame.
  const stamp = Buffer.from('0102030405060708', 'hex')
  const { frame } = publisher.video
  publisher.video.frame = (durationMs, take) => {
    const says = publisher.video.framesSent % 60 === 0
    publisher.video.elements = says ? [{ id: PUBLISHER_ID, data: stamp }] : []
    frame.call(publisher.video, durationMs, take)
  }
  const viewer = stage.join(publisher, { sections: sections(true), extensions: ON })
  publisher.start()
  stage.run(8000)
  const said = viewer.video.packets.flatMap((packet) => elementOf(packet, VIEWER_ID)?.toString('hex') ?? [])
  expect(said.length).toBeGreaterThanOrEqual(12)
  expect(new Set(said)).toEqual(new Set([stamp.toString('hex')]))
})

test('without the option nothing is said', () => {
  const stage = new Stage()
  const viewer = stage.join(publishing(stage), { sections: sections(true) })
  stage.run(3000)
  expect([...stampsOf(viewer.video), ...stampsOf(viewer.audio)]).toEqual([])
})
