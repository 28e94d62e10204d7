/** Reception report blocks, which sender and receiver reports share (RFC 3550, section 6.4.1). */
import { readUint24, readUint32, writeUint24, writeUint32 } from '../bytes.js'
import { RTCP_HEADER_LENGTH, RTCP_TYPE, type RtcpPacketView } from './rtcp-packet.js'

/** Bytes of one block. */
export const REPORT_BLOCK_LENGTH = 24

/** What one receiver says about one stream. A plain record that readers fill and reuse. */
export interface ReportBlock {
  /** The stream it is about. */
  ssrc: number
  /** Loss since the previous report, in 1/256. */
  fractionLost: number
  /** Packets lost since the beginning, signed 24 bit: duplicates make it negative. */
  packetsLost: number
  /** Highest sequence number received, with the count of its cycles in the upper 16 bits. */
  highestSeq: number
  /** Interarrival jitter in units of the RTP clock. */
  jitter: number
  /** Middle 32 bits of the NTP time of the last sender report; 0 if there was none. */
  lastSenderReport: number
  /** Delay since that sender report arrived, in 1/65536 s. */
  delaySinceLastSenderReport: number
}

/** An empty block to read into. */
export function createReportBlock(): ReportBlock {
  return {
    ssrc: 0,
    fractionLost: 0,
    packetsLost: 0,
    highestSeq: 0,
    jitter: 0,
    lastSenderReport: 0,
    delaySinceLastSenderReport: 0,
  }
}

/** Reads block `index` of a sender or receiver report into `out`; false if the packet has no such whole block. */
export function readReportBlock(buffer: Uint8Array, packet: RtcpPacketView, index: number, out: ReportBlock): boolean {
  let skip = RTCP_HEADER_LENGTH + 4
  if (packet.packetType === RTCP_TYPE.senderReport) skip += 20
  else if (packet.packetType !== RTCP_TYPE.receiverReport) return false
  const before = skip + index * REPORT_BLOCK_LENGTH
  if (index >= packet.count || before + REPORT_BLOCK_LENGTH > packet.length) return false
  const at = packet.offset + before
  out.ssrc = readUint32(buffer, at)
  out.fractionLost = buffer[at + 4] as number
  out.packetsLost = (readUint24(buffer, at + 5) << 8) >> 8
  out.highestSeq = readUint32(buffer, at + 8)
  out.jitter = readUint32(buffer, at + 12)
  out.lastSenderReport = readUint32(buffer, at + 16)
  out.delaySinceLastSenderReport = readUint32(buffer, at + 20)
  return true
}

/** Writes one block at `offset`, its values held within their fields; returns the offset behind it. */
export function writeReportBlock(buffer: Uint8Array, offset: number, block: ReportBlock): number {
  let at = writeUint32(buffer, offset, block.ssrc)
  buffer[at++] = Math.min(255, Math.max(0, block.fractionLost))
  at = writeUint24(buffer, at, Math.min(0x7f_ffff, Math.max(-0x80_0000, block.packetsLost)))
  at = writeUint32(buffer, at, block.highestSeq)
  at = writeUint32(buffer, at, block.jitter)
  at = writeUint32(buffer, at, block.lastSenderReport)
  return writeUint32(buffer, at, block.delaySinceLastSenderReport)
}
