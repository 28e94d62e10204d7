import { expect, test } from 'vitest'
import { ForwardedLayer } from '../../../src/media/forwarded-layer.js'
import { defaultMediaConfig } from '../../../src/media/media-config.js'
import type { LayerSink, MediaLayer, StoredPacket } from '../../../src/media/types.js'
import type { Codec } from '../../../src/rtp/types.js'
import { SyntheticAudio, SyntheticVideo } from '../../../src/testing/synthetic-video.js'

const vp8: Codec = { name: 'VP8', kind: 'video', clockRate: 90_000, channels: 1, parameters: {} }
const h264: Codec = { ...vp8, name: 'H264' }
const opus: Codec = { name: 'opus', kind: 'audio', clockRate: 48_000, channels: 2, parameters: {} }

class Recorder implements LayerSink {
  readonly seen: number[] = []
  readonly keyframes: number[] = []
  faults: unknown[] = []
  constructor(readonly then: (packet: StoredPacket, layer: MediaLayer) => void = () => {}) {}
  onPacket(packet: StoredPacket, layer: MediaLayer): void {
    this.seen.push(packet.extSeq)
    if (packet.keyframe) this.keyframes.push(packet.extSeq)
    this.then(packet, layer)
  }
  onFault(error: unknown): void {
    this.faults.push(error)
  }
}

function videoLayer(): { layer: ForwardedLayer; requests: number[]; dues: number[] } {
  const requests: number[] = []
  const dues: number[] = []
  const layer = new ForwardedLayer({
    rid: undefined,
    kind: 'video',
    extensions: [],
    config: defaultMediaConfig(0),
    wishes: { sendKeyframeRequest: (nowMs) => requests.push(nowMs), onDue: (dueMs) => dues.push(dueMs) },
  })
  return { layer, requests, dues }
}

function feed(layer: ForwardedLayer, extSeq: number, payload: number[], codec = h264, timestamp = 0): boolean {
  const stream = new SyntheticVideo({ ssrc: 1, payloadType: 96, timestamp })
  const packet = stream.packet(Buffer.from(payload), false)
  return layer.accept(packet, 0, packet.length, extSeq, codec, 0)
}

test('every sink gets every packet, in the order in which they came', () => {
  const { layer } = videoLayer()
  const [a, b] = [new Recorder(), new Recorder()]
  layer.addSink(a)
  layer.addSink(a)
  layer.addSink(b)
  for (const extSeq of [5, 6, 9, 8]) expect(feed(layer, extSeq, [0x41, 1])).toBe(true)
  expect(a.seen).toEqual([5, 6, 9, 8])
  expect(b.seen).toEqual([5, 6, 9, 8])
  expect(layer.sinkCount).toBe(2)
})

test('sinks may leave and come during the fan-out', () => {
  const { layer } = videoLayer()
  const late = new Recorder()
  const second = new Recorder()
  const first = new Recorder((_packet, from) => {
    from.removeSink(first)
    from.removeSink(second)
    from.addSink(late)
  })
  const third = new Recorder()
  for (const sink of [first, second, third]) layer.addSink(sink)
  feed(layer, 1, [0x41, 1])
  feed(layer, 2, [0x41, 1])
  expect([first.seen, second.seen, third.seen, late.seen]).toEqual([[1], [], [1, 2], [2]])
  expect(layer.sinkCount).toBe(2)
})

test('a sink that leaves and comes back within one packet does not get it twice', () => {
  const { layer } = videoLayer()
  const sink = new Recorder((_packet, from) => {
    from.removeSink(sink)
    from.addSink(sink)
  })
  layer.addSink(sink)
  feed(layer, 1, [0x41, 1])
  feed(layer, 2, [0x41, 1])
  expect(sink.seen).toEqual([1, 2])
  expect(layer.sinkCount).toBe(1)
})

test('a sink that throws is removed and told, the others go on', () => {
  const { layer } = videoLayer()
  const error = new Error('defect')
  const broken = new Recorder(() => {
    throw error
  })
  const sound = new Recorder()
  layer.addSink(broken)
  layer.addSink(sound)
  feed(layer, 1, [0x41, 1])
  feed(layer, 2, [0x41, 1])
  expect(broken.seen).toEqual([1])
  expect(broken.faults).toEqual([error])
  expect(sound.seen).toEqual([1, 2])
  expect(layer.sinkCount).toBe(1)
})

test('of the packets of one keyframe, only the first is where it begins', () => {
  const { layer } = videoLayer()
  const sink = new Recorder()
  layer.addSink(sink)
  feed(layer, 1, [0x67, 1], h264, 100)
  feed(layer, 2, [0x68, 1], h264, 100)
  feed(layer, 3, [0x65, 1], h264, 100)
  feed(layer, 4, [0x65, 1], h264, 100)
  feed(layer, 5, [0x41, 1], h264, 200)
  feed(layer, 6, [0x65, 1], h264, 300)
  expect(sink.keyframes).toEqual([1, 6])
  expect(layer.keyframes).toBe(2)
})

test('a first packet that was overtaken is where the keyframe begins after all', () => {
  const { layer } = videoLayer()
  feed(layer, 3, [0x65, 1], h264, 100)
  feed(layer, 2, [0x67, 1], h264, 100)
  expect(layer.history.keyframeExtSeq).toBe(2)
  expect(layer.keyframes).toBe(1)
})

test('padding is cut off, and packets without anything else are refused', () => {
  const { layer } = videoLayer()
  const stream = new SyntheticAudio({ ssrc: 1, payloadType: 111 })
  const padded = stream.packet(Buffer.from([7, 8]), true, 5)
  expect(layer.accept(padded, 0, padded.length, 1, opus, 0)).toBe(true)
  const kept = layer.history.get(1)
  const bytes = kept?.bytes.subarray(kept.start, kept.start + kept.length)
  expect(bytes?.length).toBe(14)
  expect((bytes?.[0] as number) & 0x20).toBe(0)
  const empty = stream.paddingPacket()
  expect(layer.accept(empty, 0, empty.length, 2, opus, 0)).toBe(false)
  expect(layer.accept(empty, 0, 11, 3, opus, 0)).toBe(false)
  expect(layer.refused).toMatchObject({ paddingOnly: 1, malformed: 1 })
})

test('audio has no keyframes to ask for', () => {
  const requests: number[] = []
  const layer = new ForwardedLayer({
    rid: undefined,
    kind: 'audio',
    extensions: [],
    config: defaultMediaConfig(0),
    wishes: { sendKeyframeRequest: (nowMs) => requests.push(nowMs) },
  })
  layer.addSink(new Recorder())
  layer.requestKeyframe(1)
  expect(layer.tick(5000)).toBe(Number.POSITIVE_INFINITY)
  expect(requests).toEqual([])
})

test('a deferred request announces when it is due', () => {
  const { layer, requests, dues } = videoLayer()
  layer.addSink(new Recorder())
  layer.requestKeyframe(0)
  expect(dues).toEqual([1000])
  const stream = new SyntheticVideo({ ssrc: 1, payloadType: 96, keyframePackets: 1 })
  stream.frame(33, (packet) => layer.accept(packet, 0, packet.length, 1, vp8, 40))
  // Nothing but the age of what is kept.
  expect(layer.tick(40)).toBe(10_040)
  layer.requestKeyframe(100)
  expect(dues).toEqual([1000, 10_040, 500])
  expect(layer.tick(500)).toBe(1500)
  expect(requests).toEqual([0, 500])
})

test('a layer that has fallen silent lets go of its packets, and begins anew when more come', () => {
  const { layer, dues } = videoLayer()
  const accept = (extSeq: number, nowMs: number): void => {
    const packet = new SyntheticVideo({ ssrc: 1, payloadType: 96 }).packet(Buffer.alloc(100, 0x41), false)
    layer.accept(packet, 0, packet.length, extSeq, h264, nowMs)
  }
  for (let i = 0; i < 40; i++) accept(i, i * 100)
  expect(dues).toEqual([10_000])
  // By then the first is too old by no more than the others need to be due together.
  expect(layer.tick(10_000)).toBe(11_000)
  expect(layer.tick(11_050)).toBe(12_050)
  expect([10, 11, 39].map((extSeq) => layer.history.get(extSeq)?.extSeq)).toEqual([undefined, 11, 39])
  expect(layer.tick(14_000)).toBe(Number.POSITIVE_INFINITY)
  expect(layer.history.get(39)).toBeUndefined()
  accept(40, 20_000)
  expect(dues).toEqual([10_000, 30_000])
  expect(layer.history.get(40)?.extSeq).toBe(40)
})

test('sinks are told when the capture clock becomes known, and it ends with the timestamps it is about', () => {
  const { layer } = videoLayer()
  const told: number[] = []
  const sink = { onPacket: () => {}, onCaptureClock: (_layer: MediaLayer, nowMs: number) => told.push(nowMs) }
  layer.addSink(sink)
  const clock = (arrivalMs: number) => ({ ntpUnixMs: 5, rtpTimestamp: 6, arrivalMs, sourceId: 'p' })
  const report = (arrivalMs: number): void => layer.setCaptureClock(clock(arrivalMs))
  report(1)
  report(2)
  expect(told).toEqual([1])
  feed(layer, 5, [0x41, 1])
  expect(layer.captureClock?.arrivalMs).toBe(2)
  // Another numbering, and another codec that ticks at another rate.
  feed(layer, 5000, [0x41, 1])
  expect(layer.captureClock).toBeUndefined()
  report(3)
  feed(layer, 5001, [0x41, 1], { ...h264, name: 'VP8' })
  expect(layer.captureClock?.arrivalMs).toBe(3)
  feed(layer, 5002, [0x41, 1], { ...h264, clockRate: 45_000 })
  expect(layer.captureClock).toBeUndefined()
  expect(told).toEqual([1, 3])
})
