/** Walks the packets of a compound RTCP datagram in place (RFC 3550, section 6.1 and appendix A.2). */
import { readUint16 } from '../bytes.js'
import { RTCP_HEADER_LENGTH, type RtcpPacketView } from './rtcp-packet.js'

/** Where RTCP's packet types lie when RTP shares the port (RFC 5761, section 4). */
const FIRST_PACKET_TYPE = 192
const LAST_PACKET_TYPE = 223

/**
 * A cursor over compound packets, reused from datagram to datagram.
 *
 * @example
 * ```ts
 * if (!reader.reset(buffer, start, end)) return refuse()
 * while (reader.next()) dispatch(reader.packetType)
 * ```
 */
export class RtcpReader implements RtcpPacketView {
  packetType = 0
  count = 0
  offset = 0
  length = 0
  #buffer: Uint8Array = new Uint8Array(0)
  #at = 0
  #end = 0

  /** Where the packet's contents begin, behind the common header. */
  get bodyOffset(): number {
    return this.offset + RTCP_HEADER_LENGTH
  }

  /** Where the packet's contents end, padding excluded. */
  get bodyEnd(): number {
    return this.offset + this.length
  }

  /**
   * Goes before the first packet of `buffer[start, end)`; false, with nothing to read, if it is not a valid compound.
   *
   * Lengths must add up exactly. Reduced-size RTCP (RFC 5506) is accepted, so the first packet need not be a report, and so is padding
   * that RFC 3550 would not have: browsers pad each transport-wide feedback to a whole word, wherever it stands in the compound.
   */
  reset(buffer: Uint8Array, start: number, end: number): boolean {
    this.#buffer = buffer
    this.#at = start
    this.#end = start
    if (!isCompound(buffer, start, end)) return false
    this.#end = end
    return true
  }

  /** Moves to the next packet; false behind the last. */
  next(): boolean {
    if (this.#at >= this.#end) return false
    const buffer = this.#buffer
    const at = this.#at
    const first = buffer[at] as number
    const whole = packetLength(buffer, at)
    this.offset = at
    this.count = first & 0x1f
    this.packetType = buffer[at + 1] as number
    this.length = (first & 0x20) === 0 ? whole : whole - (buffer[at + whole - 1] as number)
    this.#at = at + whole
    return true
  }
}

function packetLength(buffer: Uint8Array, at: number): number {
  return 4 * (readUint16(buffer, at + 2) + 1)
}

function isCompound(buffer: Uint8Array, start: number, end: number): boolean {
  let at = start
  do {
    if (at + RTCP_HEADER_LENGTH > end) return false
    const first = buffer[at] as number
    if (first >> 6 !== 2) return false
    const packetType = buffer[at + 1] as number
    if (packetType < FIRST_PACKET_TYPE || packetType > LAST_PACKET_TYPE) return false
    const next = at + packetLength(buffer, at)
    if (next > end) return false
    if ((first & 0x20) !== 0) {
      const padding = buffer[next - 1] as number
      if (padding === 0 || padding > next - at - RTCP_HEADER_LENGTH) return false
    }
    at = next
  } while (at < end)
  return true
}
