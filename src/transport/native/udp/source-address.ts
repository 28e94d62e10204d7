/** The text of an address that the kernel has written, the same that `dgram` says. */
import { networkInterfaces } from 'node:os'
import { formatIp } from '../../udp/ip-address.js'
import { AF_INET } from './socket-functions.js'

/** Texts are kept for so many addresses; beyond that, all are forgotten. */
const MAX_KEPT = 4096
const IPV4_AT = 4
const IPV6_AT = 8
/** From the address up to the end of the zone behind it. */
const IPV6_BYTES = 20
const ZONE_AT = 24

/** Reads `struct sockaddr_in` and `sockaddr_in6`. */
export class SourceAddresses {
  readonly #kept = new Map<number | string, string>()

  /** The address at `buffer[at]`. */
  ipAt(buffer: Buffer, at: number): string {
    const isIpv4 = buffer.readUInt16LE(at) === AF_INET
    const key = isIpv4
      ? buffer.readUInt32LE(at + IPV4_AT)
      : buffer.toString('latin1', at + IPV6_AT, at + IPV6_AT + IPV6_BYTES)
    let ip = this.#kept.get(key)
    if (ip === undefined) {
      ip = isIpv4 ? formatIp(buffer.subarray(at + IPV4_AT, at + IPV4_AT + 4)) : ipv6At(buffer, at)
      if (this.#kept.size >= MAX_KEPT) this.#kept.clear()
      this.#kept.set(key, ip)
    }
    return ip
  }

  /** The port there. */
  portAt(buffer: Buffer, at: number): number {
    return buffer.readUInt16BE(at + 2)
  }
}

function ipv6At(buffer: Buffer, at: number): string {
  const ip = formatIp(buffer.subarray(at + IPV6_AT, at + IPV6_AT + 16))
  const zone = buffer.readUInt32LE(at + ZONE_AT)
  const isLinkLocal = buffer[at + IPV6_AT] === 0xfe && ((buffer[at + IPV6_AT + 1] as number) & 0xc0) === 0x80
  return isLinkLocal && zone !== 0 ? `${ip}%${interfaceOf(zone)}` : ip
}

/** The name of the interface with that number. */
function interfaceOf(zone: number): string {
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    if (addresses?.some((address) => address.family === 'IPv6' && address.scopeid === zone)) return name
  }
  return String(zone)
}
