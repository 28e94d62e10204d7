import { expect, test } from 'vitest'
import { ExtensionRewriter } from '../../../../src/media/egress/extension-rewriter.js'
import { PacketReading } from '../../../../src/media/packet-reading.js'
import type { StoredPacket } from '../../../../src/media/types.js'
import { ExtensionElement } from '../../../../src/rtp/header-extension.js'
import { RtpHeader } from '../../../../src/rtp/rtp-header.js'
import { SyntheticVideo } from '../../../../src/testing/synthetic-video.js'

const MID = 'urn:ietf:params:rtp-hdrext:sdes:mid'
const LEVEL = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level'
const ORIENTATION = 'urn:3gpp:video-orientation'
const ABS_SEND_TIME = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time'
const DESCRIPTOR = 'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension'

const codec = { name: 'AV1', kind: 'video', clockRate: 90_000, channels: 1, parameters: {} } as const
let extSeq = 0

function stored(elements: { id: number; data: Uint8Array }[]): StoredPacket {
  const bytes = new SyntheticVideo({ ssrc: 1, payloadType: 96, elements }).packet(Buffer.from([1, 2]), false)
  const header = new RtpHeader()
  header.parse(bytes, 0, bytes.length)
  const { headerLength, timestamp, marker } = header
  const where = { bytes, start: 0, length: bytes.length, headerLength }
  return { ...where, extSeq: extSeq++, timestamp, marker, codec, keyframe: true, arrivalMs: 0 }
}

/** The elements that come out for `packet`, as id and hex. */
function rewritten(rewriter: ExtensionRewriter, packet: StoredPacket, withMid = false, begin = false): string[] {
  const reading = new PacketReading()
  reading.read(packet)
  if (begin) rewriter.begin(packet, reading)
  const length = rewriter.prepare(packet, reading, withMid, true)
  if (length === 0) return []
  const out = Buffer.alloc(12 + length)
  out[0] = 0x90
  rewriter.write(out, 12)
  const header = new RtpHeader()
  expect(header.parse(out, 0, out.length)).toBe(true)
  expect(header.headerLength).toBe(out.length)
  const element = new ExtensionElement()
  element.reset(header)
  const found: string[] = []
  while (element.next(out)) {
    found.push(`${element.id}:${out.toString('hex', element.offset, element.offset + element.length)}`)
  }
  return found
}

test('what both have negotiated is forwarded under the viewer id, the rest is left out', () => {
  const rewriter = new ExtensionRewriter('v', [
    { id: 9, uri: LEVEL },
    { id: 2, uri: ABS_SEND_TIME },
    { id: 12, uri: MID },
  ])
  rewriter.setSource([
    { id: 1, uri: LEVEL },
    { id: 3, uri: ABS_SEND_TIME },
    { id: 4, uri: ORIENTATION },
    { id: 5, uri: MID },
  ])
  const packet = stored([
    { id: 1, data: Buffer.from([0x55]) },
    { id: 3, data: Buffer.from([1, 2, 3]) },
    { id: 4, data: Buffer.from([1]) },
    { id: 5, data: Buffer.from('pub') },
    { id: 7, data: Buffer.from([9]) },
  ])
  expect(rewritten(rewriter, packet)).toEqual(['9:55'])
  expect(rewritten(rewriter, packet, true)).toEqual([`12:${Buffer.from('v').toString('hex')}`, '9:55'])
})

test('a packet without anything to forward has no extension', () => {
  const rewriter = new ExtensionRewriter('v', [{ id: 9, uri: LEVEL }])
  rewriter.setSource([{ id: 1, uri: LEVEL }])
  expect(rewritten(rewriter, stored([]), true)).toEqual([])
  expect(rewritten(rewriter, stored([{ id: 2, data: Buffer.from([1]) }]))).toEqual([])
})

test('a viewer id above 14 takes the two-byte form', () => {
  const rewriter = new ExtensionRewriter('v', [{ id: 200, uri: LEVEL }])
  rewriter.setSource([{ id: 1, uri: LEVEL }])
  expect(rewritten(rewriter, stored([{ id: 1, data: Buffer.from([7]) }]))).toEqual(['200:07'])
})

test('frame numbers of dependency descriptors go on through a change of source', () => {
  const rewriter = new ExtensionRewriter('v', [{ id: 8, uri: DESCRIPTOR }])
  const frame = (id: number, number: number): StoredPacket =>
    stored([{ id, data: Buffer.from([0xc1, number >> 8, number & 0xff, 0x77]) }])
  rewriter.setSource([{ id: 1, uri: DESCRIPTOR }])
  expect(rewritten(rewriter, frame(1, 0xfffe), false, true)).toEqual(['8:c1fffe77'])
  expect(rewritten(rewriter, frame(1, 0xffff))).toEqual(['8:c1ffff77'])
  rewriter.setSource([{ id: 2, uri: DESCRIPTOR }])
  expect(rewritten(rewriter, frame(2, 500), false, true)).toEqual(['8:c1000077'])
  expect(rewritten(rewriter, frame(2, 501))).toEqual(['8:c1000177'])
})

test('what is withheld is not handed on', () => {
  const rewriter = new ExtensionRewriter(
    'v',
    [
      { id: 9, uri: LEVEL },
      { id: 8, uri: ORIENTATION },
    ],
    [LEVEL],
  )
  rewriter.setSource([
    { id: 1, uri: LEVEL },
    { id: 4, uri: ORIENTATION },
  ])
  const packet = stored([
    { id: 1, data: Buffer.from([0x55]) },
    { id: 4, data: Buffer.from([1]) },
  ])
  expect(rewritten(rewriter, packet)).toEqual(['8:01'])
})
