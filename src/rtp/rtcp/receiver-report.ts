/** Receiver reports (RFC 3550, section 6.4.2). Their blocks are read by `readReportBlock`. */
import { writeUint32 } from '../bytes.js'
import { REPORT_BLOCK_LENGTH, type ReportBlock, writeReportBlock } from './report-block.js'
import { RTCP_HEADER_LENGTH, RTCP_MAX_COUNT, RTCP_TYPE, writeRtcpHeader } from './rtcp-packet.js'

/** Bytes of a receiver report without blocks. */
export const RECEIVER_REPORT_LENGTH = RTCP_HEADER_LENGTH + 4

/**
 * Writes a receiver report of `ssrc` with `blocks[from, to)` at `offset`; returns the new offset.
 *
 * A packet holds 31 blocks; what is beyond goes on in further receiver reports behind it, so the room needed is 24 bytes a block and
 * 8 bytes for every 31 begun, at least once.
 */
export function writeReceiverReport(
  buffer: Uint8Array,
  offset: number,
  ssrc: number,
  blocks: readonly ReportBlock[] = [],
  to = blocks.length,
  from = 0,
): number {
  let at = offset
  let index = from
  do {
    const count = Math.min(RTCP_MAX_COUNT, to - index)
    const length = RECEIVER_REPORT_LENGTH + count * REPORT_BLOCK_LENGTH
    at = writeRtcpHeader(buffer, at, count, RTCP_TYPE.receiverReport, length)
    at = writeUint32(buffer, at, ssrc)
    for (const last = index + count; index < last; index++) {
      at = writeReportBlock(buffer, at, blocks[index] as ReportBlock)
    }
  } while (index < to)
  return at
}
