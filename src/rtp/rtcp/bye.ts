/** BYE: sources that are leaving (RFC 3550, section 6.6). */
import { readUint32, writeUint32 } from '../bytes.js'
import {
  RTCP_HEADER_LENGTH,
  RTCP_MAX_COUNT,
  RTCP_TYPE,
  type RtcpPacketView,
  writeRtcpHeader,
  writeRtcpText,
} from './rtcp-packet.js'

/** Writes a BYE of the first 31 of `ssrcs`, with a reason cut at 255 bytes of UTF-8 unless empty, at `offset`; returns the new offset. */
export function writeBye(buffer: Buffer, offset: number, ssrcs: readonly number[], reason = ''): number {
  const count = Math.min(RTCP_MAX_COUNT, ssrcs.length)
  let at = offset + RTCP_HEADER_LENGTH
  for (let i = 0; i < count; i++) at = writeUint32(buffer, at, ssrcs[i] as number)
  if (reason !== '') {
    at = writeRtcpText(buffer, at, reason)
    while ((at - offset) % 4 !== 0) buffer[at++] = 0
  }
  writeRtcpHeader(buffer, offset, count, RTCP_TYPE.bye, at - offset)
  return at
}

/** Reads the sources of a BYE into `out[0, n)`; returns n, 0 to 31 and never more than a typed `out` holds. */
export function readBye(buffer: Uint8Array, packet: RtcpPacketView, out: Uint32Array | number[]): number {
  if (packet.packetType !== RTCP_TYPE.bye) return 0
  const room = Array.isArray(out) ? RTCP_MAX_COUNT : out.length
  const count = Math.min(packet.count, (packet.length - RTCP_HEADER_LENGTH) >> 2, room)
  for (let i = 0; i < count; i++) out[i] = readUint32(buffer, packet.offset + RTCP_HEADER_LENGTH + 4 * i)
  return count
}
