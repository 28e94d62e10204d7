/** Sender reports (RFC 3550, section 6.4.1). Their blocks are read by `readReportBlock`. */
import { readUint32, writeUint32 } from '../bytes.js'
import { writeReceiverReport } from './receiver-report.js'
import { REPORT_BLOCK_LENGTH, type ReportBlock, writeReportBlock } from './report-block.js'
import { RTCP_MAX_COUNT, RTCP_TYPE, writeRtcpHeader } from './rtcp-packet.js'

/** Bytes of a sender report without blocks. */
export const SENDER_REPORT_LENGTH = 28

/** The sender's part of a report. A plain record that readers fill and reuse; every field is an unsigned 32-bit number. */
export interface SenderReport {
  ssrc: number
  ntpSeconds: number
  ntpFraction: number
  /** The RTP timestamp of the same instant as the NTP time. */
  rtpTimestamp: number
  /** Packets sent so far. */
  packetCount: number
  /** Payload bytes sent so far. */
  octetCount: number
}

/** An empty report to read into. */
export function createSenderReport(): SenderReport {
  return { ssrc: 0, ntpSeconds: 0, ntpFraction: 0, rtpTimestamp: 0, packetCount: 0, octetCount: 0 }
}

/**
 * Reads the sender's part of the report that begins at `offset` (where an `RtcpReader` has found it) into `out`; false if it is not a
 * sender report or is too short to be one.
 */
export function readSenderReport(buffer: Uint8Array, offset: number, out: SenderReport): boolean {
  if (offset + SENDER_REPORT_LENGTH > buffer.length) return false
  if (buffer[offset + 1] !== RTCP_TYPE.senderReport) return false
  const words = ((buffer[offset + 2] as number) << 8) | (buffer[offset + 3] as number)
  if (4 * (words + 1) < SENDER_REPORT_LENGTH) return false
  out.ssrc = readUint32(buffer, offset + 4)
  out.ntpSeconds = readUint32(buffer, offset + 8)
  out.ntpFraction = readUint32(buffer, offset + 12)
  out.rtpTimestamp = readUint32(buffer, offset + 16)
  out.packetCount = readUint32(buffer, offset + 20)
  out.octetCount = readUint32(buffer, offset + 24)
  return true
}

/**
 * Writes a sender report with the first `blockCount` of `blocks` at `offset`; returns the new offset. Counters are taken modulo 2^32.
 *
 * It holds 31 blocks; what is beyond goes into receiver reports of the same sender behind it.
 */
export function writeSenderReport(
  buffer: Uint8Array,
  offset: number,
  report: Readonly<SenderReport>,
  blocks: readonly ReportBlock[] = [],
  blockCount = blocks.length,
): number {
  const count = Math.min(RTCP_MAX_COUNT, blockCount)
  const length = SENDER_REPORT_LENGTH + count * REPORT_BLOCK_LENGTH
  let at = writeRtcpHeader(buffer, offset, count, RTCP_TYPE.senderReport, length)
  at = writeUint32(buffer, at, report.ssrc)
  at = writeUint32(buffer, at, report.ntpSeconds)
  at = writeUint32(buffer, at, report.ntpFraction)
  at = writeUint32(buffer, at, report.rtpTimestamp)
  at = writeUint32(buffer, at, report.packetCount)
  at = writeUint32(buffer, at, report.octetCount)
  for (let i = 0; i < count; i++) at = writeReportBlock(buffer, at, blocks[i] as ReportBlock)
  return count < blockCount ? writeReceiverReport(buffer, at, report.ssrc, blocks, blockCount, count) : at
}
