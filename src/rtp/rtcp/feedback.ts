/**
 * Feedback messages (RFC 4585, section 6.1): picture loss (6.3.1), generic NACK (6.2.1), full intra request (RFC 5104, section 4.3.1)
 * and the receiver's estimated maximum bitrate (draft-alvestrand-rmcat-remb-03).
 */
import { readUint16, readUint24, readUint32, writeUint16, writeUint24, writeUint32 } from '../bytes.js'
import { seqDelta } from '../sequence.js'
import { PAYLOAD_FEEDBACK, RTCP_TYPE, type RtcpPacketView, TRANSPORT_FEEDBACK, writeRtcpHeader } from './rtcp-packet.js'

/** Common header, sender's SSRC and media SSRC: what every feedback message begins with. */
export const FEEDBACK_HEADER_LENGTH = 12

const FIR_ENTRY_LENGTH = 8
/** Sequence numbers that one NACK entry covers: its packet id and 16 bits after it. */
const NACK_SPAN = 17
/** "REMB" in ASCII. */
const REMB_NAME = 0x5245_4d42
const REMB_FIXED_LENGTH = FEEDBACK_HEADER_LENGTH + 8

/** True for a picture loss indication; its target is {@link feedbackMediaSsrc}. */
export function isPli(packet: RtcpPacketView): boolean {
  return isFeedback(packet, RTCP_TYPE.payloadFeedback, PAYLOAD_FEEDBACK.pli)
}

/** True for a full intra request; its targets are read by {@link readFirEntry}. */
export function isFir(packet: RtcpPacketView): boolean {
  return isFeedback(packet, RTCP_TYPE.payloadFeedback, PAYLOAD_FEEDBACK.fir)
}

/** True for a generic NACK; its target is {@link feedbackMediaSsrc}. */
export function isNack(packet: RtcpPacketView): boolean {
  return isFeedback(packet, RTCP_TYPE.transportFeedback, TRANSPORT_FEEDBACK.nack)
}

/** Who sent the feedback. Only for a packet of which one of the `is...` functions was true. */
export function feedbackSenderSsrc(buffer: Uint8Array, packet: RtcpPacketView): number {
  return readUint32(buffer, packet.offset + 4)
}

/** Which stream it is about; 0 in FIR and REMB, which name their streams themselves. Precondition as above. */
export function feedbackMediaSsrc(buffer: Uint8Array, packet: RtcpPacketView): number {
  return readUint32(buffer, packet.offset + 8)
}

/** Writes a picture loss indication, 12 bytes, at `offset`; returns the new offset. */
export function writePli(buffer: Uint8Array, offset: number, senderSsrc: number, mediaSsrc: number): number {
  const { payloadFeedback } = RTCP_TYPE
  return writeHead(buffer, offset, PAYLOAD_FEEDBACK.pli, payloadFeedback, FEEDBACK_HEADER_LENGTH, senderSsrc, mediaSsrc)
}

/** One target of a full intra request. A plain record that readers fill and reuse. */
export interface FirEntry {
  /** The stream that a keyframe is wanted of. */
  ssrc: number
  /** 8 bit; a repeated request has the same one. */
  seqNr: number
}

/** Writes a full intra request for one stream, 20 bytes, at `offset`; returns the new offset. */
export function writeFir(
  buffer: Uint8Array,
  offset: number,
  senderSsrc: number,
  targetSsrc: number,
  seqNr: number,
): number {
  const length = FEEDBACK_HEADER_LENGTH + FIR_ENTRY_LENGTH
  let at = writeHead(buffer, offset, PAYLOAD_FEEDBACK.fir, RTCP_TYPE.payloadFeedback, length, senderSsrc, 0)
  at = writeUint32(buffer, at, targetSsrc)
  buffer[at++] = seqNr
  return writeUint24(buffer, at, 0)
}

/** Reads entry `index` of a full intra request into `out`; false if there is no such whole entry. */
export function readFirEntry(buffer: Uint8Array, packet: RtcpPacketView, index: number, out: FirEntry): boolean {
  const before = FEEDBACK_HEADER_LENGTH + index * FIR_ENTRY_LENGTH
  if (!isFir(packet) || before + FIR_ENTRY_LENGTH > packet.length) return false
  out.ssrc = readUint32(buffer, packet.offset + before)
  out.seqNr = buffer[packet.offset + before + 4] as number
  return true
}

/**
 * Writes a generic NACK of the first `count` of `seqs`, at least one, at `offset`; returns the new offset.
 *
 * In ascending order (across the wrap) they pack best; in any order they are complete. At most 12 + 4 * `count` bytes.
 */
export function writeNack(
  buffer: Uint8Array,
  offset: number,
  senderSsrc: number,
  mediaSsrc: number,
  seqs: ArrayLike<number>,
  count = seqs.length,
): number {
  let at = offset + FEEDBACK_HEADER_LENGTH
  for (let i = 0; i < count; ) {
    const packetId = (seqs[i++] as number) & 0xffff
    let lostMask = 0
    for (; i < count; i++) {
      const ahead = seqDelta(seqs[i] as number, packetId)
      if (ahead < 0 || ahead >= NACK_SPAN) break
      if (ahead > 0) lostMask |= 1 << (ahead - 1)
    }
    at = writeUint16(buffer, at, packetId)
    at = writeUint16(buffer, at, lostMask)
  }
  writeHead(buffer, offset, TRANSPORT_FEEDBACK.nack, RTCP_TYPE.transportFeedback, at - offset, senderSsrc, mediaSsrc)
  return at
}

/** Reads the 16-bit sequence numbers of a generic NACK into `out[0, n)`; returns n, never more than a typed `out` holds. */
export function readNack(buffer: Uint8Array, packet: RtcpPacketView, out: Uint16Array | number[]): number {
  if (!isNack(packet)) return 0
  const room = Array.isArray(out) ? Number.POSITIVE_INFINITY : out.length
  const end = packet.offset + packet.length
  let n = 0
  for (let at = packet.offset + FEEDBACK_HEADER_LENGTH; at + 4 <= end; at += 4) {
    const packetId = readUint16(buffer, at)
    // The packet id itself is the lowest bit of a mask of 17.
    let lostMask = (readUint16(buffer, at + 2) << 1) | 1
    for (let seq = packetId; lostMask !== 0; seq++, lostMask >>>= 1) {
      if ((lostMask & 1) === 0) continue
      if (n === room) return n
      out[n++] = seq & 0xffff
    }
  }
  return n
}

/** What a REMB says. A plain record that readers fill and reuse. */
export interface Remb {
  /** Bits per second for all named streams together. */
  bitrateBps: number
  /** How many streams it names; {@link readRembSsrc} reads them. */
  ssrcCount: number
}

/** Writes a REMB for at most 255 streams at `offset`; returns the new offset. The bitrate is rounded down to 18 significant bits. */
export function writeRemb(
  buffer: Uint8Array,
  offset: number,
  senderSsrc: number,
  bitrateBps: number,
  ssrcs: readonly number[],
): number {
  const count = Math.min(255, ssrcs.length)
  let exponent = 0
  let mantissa = Math.max(0, Math.floor(bitrateBps))
  for (; mantissa > 0x3_ffff && exponent < 63; exponent++) mantissa = Math.floor(mantissa / 2)
  const length = REMB_FIXED_LENGTH + 4 * count
  const { applicationLayer } = PAYLOAD_FEEDBACK
  let at = writeHead(buffer, offset, applicationLayer, RTCP_TYPE.payloadFeedback, length, senderSsrc, 0)
  at = writeUint32(buffer, at, REMB_NAME)
  buffer[at++] = count
  at = writeUint24(buffer, at, (exponent << 18) | Math.min(mantissa, 0x3_ffff))
  for (let i = 0; i < count; i++) at = writeUint32(buffer, at, ssrcs[i] as number)
  return at
}

/** Reads a REMB into `out`; false if the packet is not a whole one. */
export function readRemb(buffer: Uint8Array, packet: RtcpPacketView, out: Remb): boolean {
  if (!isFeedback(packet, RTCP_TYPE.payloadFeedback, PAYLOAD_FEEDBACK.applicationLayer)) return false
  if (packet.length < REMB_FIXED_LENGTH) return false
  const at = packet.offset + FEEDBACK_HEADER_LENGTH
  const count = buffer[at + 4] as number
  if (readUint32(buffer, at) !== REMB_NAME || packet.length < REMB_FIXED_LENGTH + 4 * count) return false
  const packed = readUint24(buffer, at + 5)
  out.bitrateBps = (packed & 0x3_ffff) * 2 ** (packed >> 18)
  out.ssrcCount = count
  return true
}

/** Stream `index`, below `ssrcCount`, of a packet that {@link readRemb} has read. */
export function readRembSsrc(buffer: Uint8Array, packet: RtcpPacketView, index: number): number {
  return readUint32(buffer, packet.offset + REMB_FIXED_LENGTH + 4 * index)
}

function isFeedback(packet: RtcpPacketView, packetType: number, format: number): boolean {
  return packet.packetType === packetType && packet.count === format && packet.length >= FEEDBACK_HEADER_LENGTH
}

function writeHead(
  buffer: Uint8Array,
  offset: number,
  format: number,
  packetType: number,
  length: number,
  senderSsrc: number,
  mediaSsrc: number,
): number {
  const at = writeRtcpHeader(buffer, offset, format, packetType, length)
  return writeUint32(buffer, writeUint32(buffer, at, senderSsrc), mediaSsrc)
}
