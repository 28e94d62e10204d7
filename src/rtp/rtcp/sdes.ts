/** Source descriptions, of which only the CNAME is used (RFC 3550, section 6.5). */
import { readUint32, writeUint32 } from '../bytes.js'
import { RTCP_HEADER_LENGTH, RTCP_TYPE, type RtcpPacketView, writeRtcpHeader, writeRtcpText } from './rtcp-packet.js'

const CNAME_ITEM = 1

/** The canonical name of one source. */
export interface SdesCname {
  readonly ssrc: number
  readonly cname: string
}

/** Writes a source description with one CNAME, cut at 255 bytes of UTF-8, at `offset`; returns the new offset. */
export function writeSdesCname(buffer: Buffer, offset: number, ssrc: number, cname: string): number {
  writeUint32(buffer, offset + RTCP_HEADER_LENGTH, ssrc)
  const item = offset + RTCP_HEADER_LENGTH + 4
  buffer[item] = CNAME_ITEM
  let at = writeRtcpText(buffer, item + 1, cname)
  // At least one zero byte ends the list of items, and zeros fill it up to a multiple of four.
  do buffer[at++] = 0
  while ((at - offset) % 4 !== 0)
  writeRtcpHeader(buffer, offset, 1, RTCP_TYPE.sdes, at - offset)
  return at
}

/** The CNAMEs in a source description, up to the first thing in it that cannot be read. Not for the hot path. */
export function readSdesCnames(buffer: Buffer, packet: RtcpPacketView): SdesCname[] {
  const found: SdesCname[] = []
  if (packet.packetType !== RTCP_TYPE.sdes) return found
  const end = packet.offset + packet.length
  let at = packet.offset + RTCP_HEADER_LENGTH
  for (let chunk = 0; chunk < packet.count && at + 4 < end; chunk++) {
    const ssrc = readUint32(buffer, at)
    at += 4
    while (at < end && buffer[at] !== 0) {
      const from = at + 2
      const to = from + (from <= end ? (buffer[at + 1] as number) : 0)
      if (to > end) return found
      if (buffer[at] === CNAME_ITEM) found.push({ ssrc, cname: buffer.toString('utf8', from, to) })
      at = to
    }
    // The next chunk begins at the next multiple of four behind the ending zero.
    at += 4 - ((at - packet.offset) % 4)
  }
  return found
}
