import { RtcpReader } from '../../../../src/rtp/rtcp/rtcp-reader.js'
import { type GuardedPacket, guarded } from '../guarded-bytes.js'

/** A reader on the first packet of that datagram, whose bytes are guarded. */
export function openPacket(datagram: Uint8Array): GuardedPacket & { reader: RtcpReader } {
  const packet = guarded(datagram)
  const reader = new RtcpReader()
  if (!reader.reset(packet.buffer, packet.start, packet.end) || !reader.next()) throw new Error('no RTCP packet')
  return { ...packet, reader }
}

/** Every shorter version of a single packet that is valid outside: its length field says how many words are left. */
export function shortenedPackets(packet: Uint8Array): Buffer[] {
  return Array.from({ length: packet.length / 4 - 1 }, (_, words) => {
    const shorter = Buffer.from(packet.subarray(0, 4 * (words + 1)))
    shorter.writeUInt16BE(words, 2)
    return shorter
  })
}
