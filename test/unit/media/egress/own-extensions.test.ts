import { expect, test } from 'vitest'
import type { EgressSection } from '../../../../src/media/egress/egress-section.js'
import { OutgoingStream } from '../../../../src/media/egress/outgoing-stream.js'
import { type ExtensionSettings, OwnExtensions } from '../../../../src/media/egress/own-extensions.js'
import { playoutDelayNumber } from '../../../../src/media/egress/playout-delay.js'
import { SourceClock } from '../../../../src/media/egress/source-clock.js'
import { Stretch } from '../../../../src/media/egress/stretch.js'
import type { CaptureClock, MediaLayer, StoredPacket } from '../../../../src/media/types.js'
import { EXTENSION_URI } from '../../../../src/rtp/extension-uri.js'
import { ExtensionWriter } from '../../../../src/rtp/extension-writer.js'
import { ExtensionElement } from '../../../../src/rtp/header-extension.js'
import { RtpHeader } from '../../../../src/rtp/rtp-header.js'
import type { Codec, MediaKind } from '../../../../src/rtp/types.js'

const codec: Codec = { name: 'VP8', kind: 'video', clockRate: 90_000, channels: 1, parameters: {} }
const DELAY_ID = 5
const CAPTURE_ID = 6
const SETTINGS: ExtensionSettings = { playoutDelay: { minMs: 100, maxMs: 400 }, absCaptureTime: true }

function section(kind: MediaKind, rtx: boolean): EgressSection {
  const payloadCodec = { payloadType: 96, codec, feedback: ['nack'], ...(rtx ? { rtxPayloadType: 97 } : {}) }
  const extensions = [
    { id: DELAY_ID, uri: EXTENSION_URI.playoutDelay },
    { id: CAPTURE_ID, uri: EXTENSION_URI.absCaptureTime },
  ]
  return { mid: 'v', kind, codecs: [payloadCodec], extensions, ssrc: 1, ...(rtx ? { rtxSsrc: 2 } : {}) }
}

/** A packet of that number and arrival, captured when it arrived. */
function packet(extSeq: number, arrivalMs: number, keyframe = false): StoredPacket {
  const facts = { bytes: Buffer.alloc(13), start: 0, length: 13, headerLength: 12, marker: false, codec }
  return { ...facts, extSeq, timestamp: arrivalMs * 90, arrivalMs, keyframe }
}

/** The publisher's clock is an hour ahead of ours, which begins with the epoch. */
const AHEAD_MS = 3_600_000
const clockAt = (nowMs: number): CaptureClock => ({
  ntpUnixMs: nowMs + AHEAD_MS,
  rtpTimestamp: nowMs * 90,
  arrivalMs: nowMs,
  sourceId: 'p',
})

/** The stretch that begins with `first`, of a layer with that clock. */
function stretchOf(first: StoredPacket, captureClock: CaptureClock | undefined): Stretch {
  const stream = new OutgoingStream(0, 0)
  const layer = { captureClock } as MediaLayer
  stream.begin(first, layer)
  const mapping = { ids: new Uint8Array(256), idSet: 0, descriptorId: 0, frameNumberShift: 0 }
  const stretch = new Stretch(
    layer,
    { payloadType: 96, codec, feedback: [] },
    first,
    stream,
    { pictureId: 0, tl0PicIdx: 0 },
    mapping,
  )
  return stretch
}

function create(kind: MediaKind = 'video', rtx = true, settings = SETTINGS): OwnExtensions {
  const clock = new SourceClock(0)
  const created = OwnExtensions.create(section(kind, rtx), settings, () => clock)
  if (created === undefined) throw new Error('there are none')
  return created
}

/** The elements that are added to one of the publisher's own with that id, as id and hex. */
function added(
  own: OwnExtensions,
  one: StoredPacket,
  stretch: Stretch,
  options: { again?: boolean; publisherId?: number } = {},
): string[] {
  const writer = new ExtensionWriter()
  writer.reset()
  if (options.publisherId !== undefined) writer.addNumber(options.publisherId, 7, 1)
  const extSeq = stretch.firstExtSeq + one.extSeq - 100
  own.add(writer, one, stretch, extSeq, options.again !== true)
  const out = Buffer.alloc(12 + writer.blockLength)
  out[0] = writer.blockLength > 0 ? 0x90 : 0x80
  writer.write(out, 12)
  const header = new RtpHeader()
  header.parse(out, 0, out.length)
  const element = new ExtensionElement()
  element.reset(header)
  const found: string[] = []
  while (element.next(out)) {
    found.push(`${element.id}:${out.toString('hex', element.offset, element.offset + element.length)}`)
  }
  return found
}

/** The time and offset of the stamp among them, in milliseconds of our clock; undefined without. */
function stamp(elements: readonly string[]): { atMs: number; offsetMs: number } | undefined {
  const found = elements.find((text) => text.startsWith(`${CAPTURE_ID}:`) && text.length > 10)
  if (found === undefined) return undefined
  const bytes = Buffer.from(found.slice(2), 'hex')
  const ms = (at: number, seconds: number) => seconds * 1000 + (bytes.readUInt32BE(at) * 1000) / 2 ** 32
  const atMs = ms(4, bytes.readUInt32BE(0) - 2_208_988_800) - AHEAD_MS
  return { atMs: Math.round(atMs), offsetMs: Math.round(ms(12, bytes.readInt32BE(8))) }
}

test('there are only those that an option asks for, the viewer has negotiated and the stream can carry', () => {
  const clock = () => new SourceClock(0)
  expect(OwnExtensions.create(section('video', true), {}, clock)).toBeUndefined()
  expect(OwnExtensions.create(section('video', true), { absCaptureTime: false }, clock)).toBeUndefined()
  expect(OwnExtensions.create({ ...section('video', true), extensions: [] }, SETTINGS, clock)).toBeUndefined()
  const { absCaptureTime: _, ...delayOnly } = SETTINGS
  expect(OwnExtensions.create(section('audio', true), delayOnly, clock)).toBeUndefined()
  expect(OwnExtensions.create(section('video', false), { absCaptureTime: true }, clock)).toBeUndefined()
  expect(create('video', false).replaced).toEqual([EXTENSION_URI.playoutDelay])
  expect(create('audio').replaced).toEqual([])
})

test('a playout delay has two times twelve bits of ten milliseconds, rounded to the nearest', () => {
  expect(playoutDelayNumber({ minMs: 0, maxMs: 40_950 })).toBe(0x000fff)
  expect(playoutDelayNumber({ minMs: 40_950, maxMs: 40_950 })).toBe(0xffffff)
  expect(playoutDelayNumber({ minMs: 14, maxMs: 15 })).toBe(0x001002)
})

test('the playout delay goes with the first packet of a keyframe, now and again', () => {
  const own = create('video', false)
  const stretch = stretchOf(packet(100, 0), undefined)
  expect(added(own, packet(100, 0, true), stretch)).toEqual([`${DELAY_ID}:00a028`])
  expect(added(own, packet(101, 0), stretch)).toEqual([])
  expect(added(own, packet(100, 0, true), stretch, { again: true })).toEqual([`${DELAY_ID}:00a028`])
})

test('one packet a second says when it was captured, from the first of a stretch on', () => {
  const own = create()
  const stretch = stretchOf(packet(100, 500), clockAt(0))
  const seen = Array.from({ length: 31 }, (_, i) => stamp(added(own, packet(100 + i, 500 + 100 * i), stretch)))
  const expected = [0, 10, 20, 30].map((i) => ({ atMs: 500 + 100 * i, offsetMs: AHEAD_MS }))
  expect(seen.filter((one) => one !== undefined)).toEqual(expected)
  // Another publisher's report has not come yet: the next packet says it that can.
  const next = stretchOf(packet(100, 3600), undefined)
  expect(stamp(added(own, packet(100, 3600), next))).toBeUndefined()
  Object.assign(next.layer, { captureClock: clockAt(3600) })
  expect(stamp(added(own, packet(101, 3610), next))?.atMs).toBe(3610)
  expect(stamp(added(own, packet(102, 3620), next))).toBeUndefined()
})

test('a packet that is sent again says what it said, whatever the publisher has reported since', () => {
  const own = create()
  const stretch = stretchOf(packet(100, 0), clockAt(0))
  const first = added(own, packet(100, 0), stretch)
  for (let i = 1; i < 60; i++) added(own, packet(100 + i, 100 * i), stretch)
  Object.assign(stretch.layer, { captureClock: { ...clockAt(6000), ntpUnixMs: 6003 + AHEAD_MS } })
  expect(added(own, packet(100, 0), stretch, { again: true })).toEqual(first)
  expect(first.length).toBe(1)
  expect(added(own, packet(101, 100), stretch, { again: true })).toEqual([])
})

test('a packet that could not be sent leaves nothing behind for the one that gets its number', () => {
  const own = create()
  const abandoned = stretchOf(packet(100, 0), clockAt(0))
  expect(stamp(added(own, packet(100, 0), abandoned))?.atMs).toBe(0)
  const next = stretchOf(packet(100, 40), undefined)
  expect(added(own, packet(100, 40), next)).toEqual([])
  expect(added(own, packet(100, 40), next, { again: true })).toEqual([])
})

test('a publisher that says it itself is left alone, for as long as receivers count on from it', () => {
  const own = create()
  const stretch = stretchOf(packet(100, 0), clockAt(0))
  const publisherId = CAPTURE_ID
  expect(added(own, packet(100, 0), stretch, { publisherId })).toEqual([`${CAPTURE_ID}:07`])
  for (let i = 1; i < 50; i++) expect(added(own, packet(100 + i, 100 * i), stretch)).toEqual([])
  expect(stamp(added(own, packet(150, 5000), stretch))?.atMs).toBe(5000)
  // Asked for again, the publisher's packet has the publisher's element alone.
  expect(added(own, packet(100, 0), stretch, { again: true, publisherId })).toEqual([`${CAPTURE_ID}:07`])
})

test('a timestamp that has nothing to do with the report is not counted from it', () => {
  const own = create()
  const stretch = stretchOf(packet(100, 0), clockAt(0))
  const stray = { ...packet(100, 0), timestamp: 2_000_000_000 }
  expect(added(own, stray, stretch)).toEqual([])
  expect(stamp(added(own, packet(101, 10), stretch))?.atMs).toBe(10)
})
