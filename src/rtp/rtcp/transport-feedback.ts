/**
 * Reads transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1): which packets of a
 * transport arrived, and when. `transport-feedback-writer.ts` writes it.
 */
import { readUint16, readUint24 } from '../bytes.js'
import { FEEDBACK_HEADER_LENGTH } from './feedback.js'
import { RTCP_TYPE, type RtcpPacketView, TRANSPORT_FEEDBACK } from './rtcp-packet.js'

/** Feedback header, base sequence number, status count, reference time and feedback count. */
export const TRANSPORT_FEEDBACK_HEADER_LENGTH = FEEDBACK_HEADER_LENGTH + 8

/** Arrival times are counted in ticks of a quarter of a millisecond. */
export const TICKS_PER_MS = 4

/** The reference time is counted in multiples of 64 ms. */
export const TICKS_PER_REFERENCE = 64 * TICKS_PER_MS

/** Instead of an arrival time: the packet has not arrived. */
export const NOT_RECEIVED = -0x8000_0000

/** Status symbols (section 3.1.1). The fourth value is reserved. */
export const PACKET_STATUS = { notReceived: 0, smallDelta: 1, largeDelta: 2 } as const

/** Statuses in a vector of one-bit and of two-bit symbols (section 3.1.4). */
export const ONE_BIT_SYMBOLS = 14
export const TWO_BIT_SYMBOLS = 7

/** What a feedback says besides the arrival times. A plain record that readers fill and reuse. */
export interface TransportFeedback {
  /** The 16-bit transport-wide number of the first packet that it is about. */
  baseSeq: number
  /** How many packets it is about. */
  statusCount: number
  /** Multiples of 64 ms on the receiver's clock, modulo 2^24. */
  referenceTime: number
  /** Counts the feedback packets, modulo 256. */
  feedbackCount: number
}

/** True for transport-wide feedback; {@link readTransportFeedback} reads it. */
export function isTransportFeedback(packet: RtcpPacketView): boolean {
  return (
    packet.packetType === RTCP_TYPE.transportFeedback &&
    packet.count === TRANSPORT_FEEDBACK.transportWide &&
    packet.length > TRANSPORT_FEEDBACK_HEADER_LENGTH
  )
}

/**
 * Reads a feedback: `arrivalTicks[i]` becomes the arrival of packet `baseSeq + i` in ticks since the reference time, or
 * {@link NOT_RECEIVED}. What is beyond `arrivalTicks` is left out, and not counted in `statusCount`.
 *
 * @returns false if it is no such packet or contradicts itself; both outputs are then undefined.
 */
export function readTransportFeedback(
  buffer: Uint8Array,
  packet: RtcpPacketView,
  out: TransportFeedback,
  arrivalTicks: Int32Array,
): boolean {
  if (!isTransportFeedback(packet)) return false
  const end = packet.offset + packet.length
  const at = packet.offset + FEEDBACK_HEADER_LENGTH
  const count = readUint16(buffer, at + 2)
  const chunks = at + 8
  const deltas = endOfChunks(buffer, chunks, end, count)
  if (count === 0 || deltas < 0) return false
  out.baseSeq = readUint16(buffer, at)
  out.statusCount = Math.min(count, arrivalTicks.length)
  out.referenceTime = readUint24(buffer, at + 4)
  out.feedbackCount = buffer[at + 7] as number
  return readArrivals(buffer, chunks, deltas, end, arrivalTicks, out.statusCount)
}

/** The offset behind the chunks of `count` statuses; -1 if they are cut off. */
function endOfChunks(buffer: Uint8Array, offset: number, end: number, count: number): number {
  let at = offset
  for (let covered = 0; covered < count; at += 2) {
    if (at + 2 > end) return -1
    covered += statusesOf(readUint16(buffer, at))
  }
  return at
}

function readArrivals(
  buffer: Uint8Array,
  chunksOffset: number,
  deltasOffset: number,
  end: number,
  out: Int32Array,
  count: number,
): boolean {
  let delta = deltasOffset
  let ticks = 0
  let i = 0
  for (let chunkAt = chunksOffset; i < count; chunkAt += 2) {
    const chunk = readUint16(buffer, chunkAt)
    const last = Math.min(count, i + statusesOf(chunk))
    for (let index = 0; i < last; index++, i++) {
      const status = statusAt(chunk, index)
      if (status === PACKET_STATUS.notReceived) {
        out[i] = NOT_RECEIVED
        continue
      }
      if (status > PACKET_STATUS.largeDelta || delta + status > end) return false
      // The symbols' values are the lengths of their deltas; the longer one is signed.
      ticks += status === PACKET_STATUS.smallDelta ? (buffer[delta] as number) : (readUint16(buffer, delta) << 16) >> 16
      delta += status
      out[i] = ticks
    }
  }
  return true
}

/** How many statuses a chunk has room for. */
function statusesOf(chunk: number): number {
  if ((chunk & 0x8000) === 0) return chunk & 0x1fff
  return (chunk & 0x4000) === 0 ? ONE_BIT_SYMBOLS : TWO_BIT_SYMBOLS
}

function statusAt(chunk: number, index: number): number {
  if ((chunk & 0x8000) === 0) return chunk >> 13
  if ((chunk & 0x4000) === 0) return (chunk >> (ONE_BIT_SYMBOLS - 1 - index)) & 1
  return (chunk >> (2 * (TWO_BIT_SYMBOLS - 1 - index))) & 3
}
