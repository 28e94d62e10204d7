import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type IngestSection, PublisherIngest } from '../../../../src/media/ingest/publisher-ingest.js'
import { defaultMediaConfig } from '../../../../src/media/media-config.js'
import type { RtpOutput } from '../../../../src/media/types.js'
import { createSenderReport, SENDER_REPORT_LENGTH, writeSenderReport } from '../../../../src/rtp/rtcp/sender-report.js'
import type { PayloadCodec } from '../../../../src/rtp/types.js'
import { SyntheticVideo } from '../../../../src/testing/synthetic-video.js'

const MID = { id: 4, uri: 'urn:ietf:params:rtp-hdrext:sdes:mid' }
const RID = { id: 10, uri: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id' }

class NoOutput implements RtpOutput {
  readonly buffer = Buffer.alloc(2048)
  sent = 0
  reserve(): number {
    return 0
  }
  sendRtp(): void {
    throw new Error('an ingest sends no RTP')
  }
  sendRtcp(): void {
    this.sent++
  }
}

function vp8(payloadType: number): PayloadCodec {
  const codec = { name: 'VP8', kind: 'video', clockRate: 90_000, channels: 1, parameters: {} } as const
  return { payloadType, codec, feedback: ['nack pli'] }
}

function section(mid: string, options: Partial<IngestSection> = {}): IngestSection {
  return { mid, kind: 'video', codecs: [vp8(96)], extensions: [MID, RID], ssrcs: [], rids: [], ...options }
}

function ingestOf(sections: IngestSection[]): PublisherIngest {
  const base = { id: 'p', localSsrc: 1, cname: 'c', output: new NoOutput(), config: defaultMediaConfig(0) }
  return new PublisherIngest({ ...base, sections })
}

function send(
  ingest: PublisherIngest,
  ssrc: number,
  elements: Record<number, string> = {},
  payloadType = 96,
  seq = 1,
): void {
  const made = new SyntheticVideo({
    ssrc,
    payloadType,
    seq,
    elements: Object.entries(elements).map(([id, text]) => ({ id: Number(id), data: Buffer.from(text) })),
  })
  const packet = made.packet(Buffer.from([0x10, 0x10, 2, 0, 0x9d, 1, 0x2a, 1, 1, 1, 1]), true)
  ingest.receiveRtp(packet, 0, packet.length, 0)
}

function counts(ingest: PublisherIngest): number[] {
  return ingest.stats(0).layers.map(({ packetsReceived }) => packetsReceived)
}

test('a declared SSRC is routed without any extension', () => {
  const ingest = ingestOf([section('0', { ssrcs: [5] }), section('1', { ssrcs: [6] })])
  send(ingest, 6)
  expect(counts(ingest)).toEqual([0, 1])
})

test('an SSRC is learned from the MID and kept without it', () => {
  const ingest = ingestOf([section('0'), section('1')])
  send(ingest, 77, { 4: '1' })
  send(ingest, 77, {}, 96, 2)
  expect(counts(ingest)).toEqual([0, 2])
})

test('an SSRC is learned from the rid, with or without the MID', () => {
  const ingest = ingestOf([section('0', { rids: ['lo', 'hi'] })])
  send(ingest, 1, { 4: '0', 10: 'hi' })
  send(ingest, 2, { 10: 'lo' })
  send(ingest, 1, {}, 96, 2)
  expect(ingest.tracks[0]?.layers.map(({ rid }) => rid)).toEqual(['lo', 'hi'])
  expect(counts(ingest)).toEqual([1, 2])
})

test('without a rid a section with several layers is not guessed at', () => {
  const ingest = ingestOf([section('0', { rids: ['lo', 'hi'], ssrcs: [9] })])
  send(ingest, 9, { 4: '0' })
  expect(counts(ingest)).toEqual([0, 0])
  expect(ingest.stats(0).dropped.unrouted).toBe(1)
})

test('a payload type that only one section has routes it', () => {
  const ingest = ingestOf([section('0', { codecs: [vp8(96)] }), section('1', { codecs: [vp8(98)] })])
  send(ingest, 3, {}, 98)
  expect(counts(ingest)).toEqual([0, 1])
})

test('a payload type of two sections does not, nor a MID that nobody has', () => {
  const ingest = ingestOf([section('0'), section('1')])
  send(ingest, 3)
  send(ingest, 4, { 4: '7' })
  expect(counts(ingest)).toEqual([0, 0])
  expect(ingest.stats(0).dropped.unrouted).toBe(2)
  const single = ingestOf([section('0')])
  send(single, 4, { 4: '7' })
  expect(single.stats(0).dropped.unrouted).toBe(1)
})

test('payload types that nobody negotiated are counted, whether the SSRC is known or not', () => {
  const ingest = ingestOf([section('0', { ssrcs: [5] })])
  send(ingest, 5, {}, 97)
  send(ingest, 6, {}, 97)
  expect(ingest.stats(0).dropped).toMatchObject({ unknownPayloadType: 2, unrouted: 0 })
})

test('ever new SSRCs are followed without being remembered for ever', () => {
  const ingest = ingestOf([section('0')])
  for (let ssrc = 1; ssrc <= 5000; ssrc++) send(ingest, ssrc)
  expect(counts(ingest)).toEqual([5000])
  expect(ingest.stats(0).layers[0]?.ssrc).toBe(5000)
})

test('whatever bytes come, nothing throws, and nothing is taken that is not RTP', () => {
  const made = new SyntheticVideo({ ssrc: 5, payloadType: 96, elements: [{ id: 4, data: Buffer.from('0') }] })
  const valid = made.packet(Buffer.alloc(30, 0x10), true)
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 100 }),
        fc.tuple(fc.nat(valid.length - 1), fc.nat(255)).map(([at, value]) => {
          const mutated = Buffer.from(valid)
          mutated[at] = value
          return mutated
        }),
        fc.nat(valid.length).map((length) => valid.subarray(0, length)),
      ),
      (bytes) => {
        const ingest = ingestOf([section('0')])
        const packet = Buffer.from(bytes)
        ingest.receiveRtp(packet, 0, packet.length, 0)
        ingest.receiveRtcp(packet, 0, packet.length, 0)
        const { packetsReceived, dropped } = ingest.stats(0)
        const counted = Object.values(dropped).reduce((sum, count) => sum + count, 0) - dropped.malformedRtcp
        expect(packetsReceived + counted).toBe(1)
      },
    ),
    { numRuns: 2000 },
  )
})

test('closing is idempotent and silent if nothing was ever said', () => {
  const output = new NoOutput()
  const ingest = new PublisherIngest({
    id: 'p',
    sections: [section('0')],
    localSsrc: 1,
    cname: 'c',
    output,
    config: defaultMediaConfig(0),
  })
  ingest.close(0)
  ingest.close(0)
  expect(output.sent).toBe(0)
  send(ingest, 5)
  expect(counts(ingest)).toEqual([0])
  expect(ingest.tick(0)).toBe(Number.POSITIVE_INFINITY)
})

test('a clock is one from its first second on, be it of 2036 or of a sender that counts from zero; all zero is none', () => {
  const ingest = ingestOf([section('0')])
  send(ingest, 5)
  const report = (ntpSeconds: number, ntpFraction: number): void => {
    const packet = Buffer.alloc(SENDER_REPORT_LENGTH)
    writeSenderReport(packet, 0, { ...createSenderReport(), ssrc: 5, ntpSeconds, ntpFraction, rtpTimestamp: 7 })
    ingest.receiveRtcp(packet, 0, packet.length, 3)
  }
  const layer = ingest.tracks[0]?.layers[0]
  report(0, 0)
  expect(layer?.captureClock).toBeUndefined()
  report(0, 0x8000_0000)
  const ntpUnixMs = Date.UTC(2036, 1, 7, 6, 28, 16) + 500
  expect(layer?.captureClock).toEqual({ ntpUnixMs, rtpTimestamp: 7, arrivalMs: 3, sourceId: 'p' })
})
