import { expect, test } from 'vitest'
import { type EgressSection, sendsUnchanged } from '../../../../src/media/egress/egress-section.js'
import { OutgoingStream } from '../../../../src/media/egress/outgoing-stream.js'
import { RetransmissionBudget } from '../../../../src/media/egress/retransmission-budget.js'
import { SentStretches } from '../../../../src/media/egress/sent-stretches.js'
import { Stretch } from '../../../../src/media/egress/stretch.js'
import type { MediaLayer, StoredPacket } from '../../../../src/media/types.js'
import type { Codec, PayloadCodec } from '../../../../src/rtp/types.js'

const codec: Codec = { name: 'VP8', kind: 'video', clockRate: 90_000, channels: 1, parameters: {} }
const plain: PayloadCodec = { payloadType: 96, codec, feedback: ['nack'] }
const repaired: PayloadCodec = { ...plain, rtxPayloadType: 97 }

function packet(extSeq: number): StoredPacket {
  const facts = { bytes: Buffer.alloc(13), start: 0, length: 13, headerLength: 12, marker: false, keyframe: true }
  return { ...facts, extSeq, timestamp: 5000, arrivalMs: 0, codec }
}

function layerOf(kept: readonly StoredPacket[]): MediaLayer {
  const get = (extSeq: number): StoredPacket | undefined => kept.find((one) => one.extSeq === extSeq)
  const history = { get, newestExtSeq: -1, keyframeExtSeq: -1 }
  const nothing = (): void => {}
  const size = { width: undefined, height: undefined }
  const info = () => ({ alive: true, bitrateBps: Number.NaN, fps: 30, ...size, sublayers: [] })
  const facts = {
    rid: undefined,
    keyframesOnDemand: true,
    codec: undefined,
    captureClock: undefined,
    info,
    layerIds: () => undefined,
  }
  return { ...facts, history, addSink: nothing, removeSink: nothing, requestKeyframe: nothing }
}

const constants = [
  { pictureId: 0, tl0PicIdx: 0 },
  { ids: new Uint8Array(256), idSet: 0, descriptorId: 0, frameNumberShift: 0 },
] as const

/** Begins a stretch of ten packets, at the source's number `base`. */
function begin(stretches: SentStretches, stream: OutgoingStream, base: number, nowMs: number): Stretch {
  const first = packet(base)
  stream.forgetSource()
  const layer = layerOf([first])
  stream.begin(first, layer)
  const stretch = new Stretch(layer, plain, first, stream, ...constants)
  stretches.begin(stretch, nowMs)
  for (let i = 0; i < 10; i++) stream.advance(packet(base + i), stream.extSeq(base + i))
  return stretch
}

test('a number belongs to the stretch in which it was sent', () => {
  const stretches = new SentStretches()
  const stream = new OutgoingStream(1000, 0)
  const [a, b] = [begin(stretches, stream, 70_000, 0), begin(stretches, stream, 5, 100)]
  expect([999, 1000, 1009, 1010, 1019].map((extSeq) => stretches.of(extSeq))).toEqual([undefined, a, a, b, b])
  expect([a.extSeq(70_003), b.extSeq(7)]).toEqual([1003, 1012])
  expect([a.timestamp({ ...packet(0), timestamp: 5000 }), a.endedMs, b.endedMs]).toEqual([
    0,
    100,
    Number.POSITIVE_INFINITY,
  ])
  expect(a.packet(1000)?.extSeq).toBe(70_000)
  expect(a.packet(1001)).toBeUndefined()
})

test('four stretches are remembered, each for three seconds behind its end', () => {
  const stretches = new SentStretches()
  const stream = new OutgoingStream(0, 0)
  const made = Array.from({ length: 5 }, (_, i) => begin(stretches, stream, 100 * i, 1000 * i))
  expect(stretches.of(5)).toBeUndefined()
  expect(stretches.of(15)).toBe(made[1])
  expect(stretches.dueMs).toBe(5000)
  stretches.forget(4999)
  expect(stretches.of(15)).toBe(made[1])
  stretches.forget(5000)
  expect([stretches.of(15), stretches.of(25)]).toEqual([undefined, made[2]])
  stretches.forget(1e9)
  expect([stretches.newest, stretches.dueMs]).toEqual([made[4], Number.POSITIVE_INFINITY])
  stretches.end(1e9)
  stretches.forget(2e9)
  expect(stretches.newest).toBeUndefined()
})

test('a stretch that could not be begun leaves the one before it', () => {
  const stretches = new SentStretches()
  const stream = new OutgoingStream(0, 0)
  const first = begin(stretches, stream, 100, 0)
  begin(stretches, stream, 200, 10)
  stretches.abandon()
  expect(stretches.newest).toBe(first)
})

test('the budget is a share of the media besides a burst, and lookups have one of their own', () => {
  const budget = new RetransmissionBudget(0.25, 10_000)
  budget.refill(800_000, 0)
  expect([budget.takeBytes(10_000), budget.takeBytes(1)]).toEqual([true, false])
  budget.refill(800_000, 100)
  expect([budget.takeBytes(2500), budget.takeBytes(1)]).toEqual([true, false])
  let lookups = 0
  while (budget.takeLookup()) lookups++
  expect(lookups).toBe(2500)
  budget.refill(0, 110)
  while (budget.takeLookup()) lookups++
  expect(lookups).toBe(2550)
})

test('packets must be the same each time where a codec is repaired without RTX', () => {
  const section = (codecs: PayloadCodec[], rtxSsrc?: number): EgressSection => {
    const base = { mid: 'v', kind: 'video', codecs, extensions: [], ssrc: 1 } as const
    return rtxSsrc === undefined ? base : { ...base, rtxSsrc }
  }
  expect(sendsUnchanged(section([plain]))).toBe(true)
  expect(sendsUnchanged(section([repaired, plain], 2))).toBe(true)
  expect(sendsUnchanged(section([repaired], 2))).toBe(false)
  expect(sendsUnchanged(section([{ ...plain, feedback: [] }]))).toBe(false)
})
