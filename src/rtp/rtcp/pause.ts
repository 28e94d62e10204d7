/**
 * Pausing and resuming of single RTP streams (RFC 7728, section 8): a receiver asks by PAUSE and RESUME, the stream's sender says PAUSED or
 * REFUSED. All four are entries of one transport-layer feedback message, which names no media source in its head.
 */
import { readUint16, readUint32, writeUint16, writeUint32 } from '../bytes.js'
import { FEEDBACK_HEADER_LENGTH } from './feedback.js'
import { RTCP_TYPE, type RtcpPacketView, TRANSPORT_FEEDBACK, writeRtcpHeader } from './rtcp-packet.js'

/** What an entry is; the numbers from 4 to 15 are reserved. */
export const PAUSE_TYPE = { pause: 0, resume: 1, paused: 2, refused: 3 } as const

/** One of {@link PAUSE_TYPE}. */
export type PauseType = (typeof PAUSE_TYPE)[keyof typeof PAUSE_TYPE]

/** Target SSRC, type, length and PauseID. */
const ENTRY_HEAD_LENGTH = 8

/** The longest message of one entry, PAUSED. */
export const MAX_PAUSE_MESSAGE_LENGTH = FEEDBACK_HEADER_LENGTH + ENTRY_HEAD_LENGTH + 4

/** One entry. A plain record that readers fill and reuse. */
export interface PauseEntry {
  /** The stream that it is about. */
  ssrc: number
  /** One of {@link PAUSE_TYPE}, or a number that is reserved and to be ignored. */
  type: number
  /** 16 bit; each PAUSE of a stream has the next one, and RESUME and the answers that of their PAUSE. */
  pauseId: number
  /** The newest sequence number that was sent, with the cycles above its 16 bits; -1 where the entry does not say it, as only PAUSED does. */
  extSeq: number
}

/** An entry to be read into. */
export function createPauseEntry(): PauseEntry {
  return { ssrc: 0, type: 0, pauseId: 0, extSeq: -1 }
}

/** True for such a message. */
export function isPauseMessage(packet: RtcpPacketView): boolean {
  const { packetType, count, length } = packet
  const isOfType = packetType === RTCP_TYPE.transportFeedback && count === TRANSPORT_FEEDBACK.pause
  return isOfType && length >= FEEDBACK_HEADER_LENGTH
}

/**
 * Reads the entry at `at` into `out`; returns where the next begins, or -1 if there is no whole entry.
 *
 * @param at 0 for the first entry.
 */
export function readPauseEntry(buffer: Uint8Array, packet: RtcpPacketView, at: number, out: PauseEntry): number {
  const from = FEEDBACK_HEADER_LENGTH + at
  if (!isPauseMessage(packet) || from + ENTRY_HEAD_LENGTH > packet.length) return -1
  const offset = packet.offset + from
  const parameterLength = 4 * (buffer[offset + 5] as number)
  const end = from + ENTRY_HEAD_LENGTH + parameterLength
  if (end > packet.length) return -1
  out.ssrc = readUint32(buffer, offset)
  out.type = (buffer[offset + 4] as number) >> 4
  out.pauseId = readUint16(buffer, offset + 6)
  const saysSeq = out.type === PAUSE_TYPE.paused && parameterLength >= 4
  out.extSeq = saysSeq ? readUint32(buffer, offset + ENTRY_HEAD_LENGTH) : -1
  return end - FEEDBACK_HEADER_LENGTH
}

/**
 * Writes a message of one entry at `offset`, at most {@link MAX_PAUSE_MESSAGE_LENGTH} bytes; returns the new offset.
 *
 * @param extSeq for PAUSED: the newest unwrapped sequence number that was sent, 0 where none was.
 */
export function writePauseMessage(
  buffer: Uint8Array,
  offset: number,
  senderSsrc: number,
  type: PauseType,
  targetSsrc: number,
  pauseId: number,
  extSeq = 0,
): number {
  const parameters = type === PAUSE_TYPE.paused ? 1 : 0
  const length = FEEDBACK_HEADER_LENGTH + ENTRY_HEAD_LENGTH + 4 * parameters
  let at = writeRtcpHeader(buffer, offset, TRANSPORT_FEEDBACK.pause, RTCP_TYPE.transportFeedback, length)
  at = writeUint32(buffer, writeUint32(buffer, at, senderSsrc), 0)
  at = writeUint32(buffer, at, targetSsrc)
  buffer[at++] = type << 4
  buffer[at++] = parameters
  at = writeUint16(buffer, at, pauseId)
  return parameters === 0 ? at : writeUint32(buffer, at, extSeq >>> 0)
}
