import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isNack } from '../../../../src/rtp/rtcp/feedback.js'
import {
  createPauseEntry,
  isPauseMessage,
  MAX_PAUSE_MESSAGE_LENGTH,
  PAUSE_TYPE,
  type PauseEntry,
  readPauseEntry,
  writePauseMessage,
} from '../../../../src/rtp/rtcp/pause.js'
import { RtcpReader } from '../../../../src/rtp/rtcp/rtcp-reader.js'
import { isTransportFeedback } from '../../../../src/rtp/rtcp/transport-feedback.js'
import { guarded } from '../guarded-bytes.js'
import { openPacket, shortenedPackets } from './open-packet.js'
import { randomCompound } from './random-compound.js'

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff })
const uint16 = fc.integer({ min: 0, max: 0xffff })

function entriesOf(packet: Uint8Array): PauseEntry[] {
  const { buffer, reader } = openPacket(packet)
  const entry = createPauseEntry()
  const entries: PauseEntry[] = []
  for (let at = readPauseEntry(buffer, reader, 0, entry); at >= 0; at = readPauseEntry(buffer, reader, at, entry)) {
    entries.push({ ...entry })
  }
  return entries
}

function written(...args: [type: 0 | 1 | 2 | 3, ssrc: number, pauseId: number, extSeq?: number]): Buffer {
  const packet = Buffer.alloc(MAX_PAUSE_MESSAGE_LENGTH)
  return packet.subarray(0, writePauseMessage(packet, 0, 0x0102_0304, ...args))
}

describe('messages about pauses', () => {
  // Computed by hand from RFC 7728, section 8: FMT 9 of packet type 205, no media source, target, type in the upper four bits.
  it.each([
    ['PAUSE', PAUSE_TYPE.pause, '89cd0004 01020304 00000000 cafebabe 0000 0007'],
    ['RESUME', PAUSE_TYPE.resume, '89cd0004 01020304 00000000 cafebabe 1000 0007'],
    ['REFUSED', PAUSE_TYPE.refused, '89cd0004 01020304 00000000 cafebabe 3000 0007'],
  ])('%s has its bytes', (_name, type, hex) => {
    expect(written(type, 0xcafe_babe, 7).toString('hex')).toBe(hex.replaceAll(' ', ''))
  })

  it('PAUSED has the newest sequence number with its cycles', () => {
    const packet = written(PAUSE_TYPE.paused, 0xcafe_babe, 0xffff, 0x2_ffff)
    expect(packet.toString('hex')).toBe('89cd00050102030400000000cafebabe2001ffff0002ffff')
    expect(entriesOf(packet)).toEqual([{ ssrc: 0xcafe_babe, type: 2, pauseId: 0xffff, extSeq: 0x2_ffff }])
  })

  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 1, 2, 3), uint32, uint16, uint32, (type, ssrc, pauseId, seq) => {
        const extSeq = type === PAUSE_TYPE.paused ? seq : -1
        expect(entriesOf(written(type as 0, ssrc, pauseId, seq))).toEqual([{ ssrc, type, pauseId, extSeq }])
      }),
    )
  })

  it('are neither NACKs nor transport-wide feedback', () => {
    const { reader } = openPacket(written(PAUSE_TYPE.pause, 1, 2))
    expect([isPauseMessage(reader), isNack(reader), isTransportFeedback(reader)]).toEqual([true, false, false])
  })

  it('may have several entries, with parameters and types that nobody knows', () => {
    const entries = [
      '00000001 0000 0001',
      '00000002 5a02 0002 11111111 22222222',
      '00000003 2002 0003 00010005 33333333',
    ]
    const body = entries.join('').replaceAll(' ', '')
    const packet = Buffer.from(`89cd000c0102030400000000${body}`, 'hex')
    expect(entriesOf(packet)).toEqual([
      { ssrc: 1, type: 0, pauseId: 1, extSeq: -1 },
      { ssrc: 2, type: 5, pauseId: 2, extSeq: -1 },
      { ssrc: 3, type: 2, pauseId: 3, extSeq: 0x1_0005 },
    ])
  })

  it('have no entry where one is cut off', () => {
    for (const shorter of shortenedPackets(written(PAUSE_TYPE.paused, 1, 2, 3))) expect(entriesOf(shorter)).toEqual([])
    // It claims more parameters than there are.
    expect(entriesOf(Buffer.from('89cd000501020304000000000000000120020001ffffffff', 'hex'))).toEqual([])
  })

  it('PAUSED without its number is one all the same', () => {
    const packet = Buffer.from('89cd0004010203040000000000000009200000ff', 'hex')
    expect(entriesOf(packet)).toEqual([{ ssrc: 9, type: 2, pauseId: 0xff, extSeq: -1 }])
  })

  it('are read from any bytes without an error, and never from outside', () => {
    const reader = new RtcpReader()
    const entry = createPauseEntry()
    const pauses = uint32.chain((seed) =>
      fc.uint8Array({ minLength: 8, maxLength: 64 }).map((body) => ({ seed, body })),
    )
    fc.assert(
      fc.property(
        fc.oneof(
          randomCompound,
          pauses.map(({ body }) => messageOf(body)),
        ),
        (bytes) => {
          const { buffer, start, end } = guarded(bytes)
          if (!reader.reset(buffer, start, end)) return
          while (reader.next()) {
            let before = 0
            for (let at = 0; ; ) {
              at = readPauseEntry(buffer, reader, at, entry)
              if (at < 0) break
              expect(at).toBeGreaterThanOrEqual(before + 8)
              before = at
            }
          }
        },
      ),
      { numRuns: 2000 },
    )
  })
})

/** A message whose entries are these bytes. */
function messageOf(body: Uint8Array): Buffer {
  const whole = body.length & ~3
  const packet = Buffer.alloc(12 + whole)
  packet.writeUInt32BE(0x89cd_0000 + packet.length / 4 - 1, 0)
  packet.set(body.subarray(0, whole), 12)
  return packet
}
