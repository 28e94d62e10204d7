/** `struct sockaddr_in` and `sockaddr_in6`, as the kernel reads them. */
import { networkInterfaces } from 'node:os'
import { parseIp } from '../../udp/ip-address.js'
import { AF_INET, AF_INET6 } from './socket-functions.js'

/** Room for either of them. */
export const SOCKET_ADDRESS_BYTES = 32
const IPV4_LENGTH = 16
const IPV6_LENGTH = 28

/** Writes the address at `buffer[offset]`; returns its length, or 0 for what is no address. The host order is little-endian. */
export function writeSocketAddress(buffer: Buffer, offset: number, ip: string, port: number): number {
  const percent = ip.indexOf('%')
  const bytes = parseIp(percent < 0 ? ip : ip.slice(0, percent))
  if (bytes === undefined || !(port >= 0 && port <= 0xffff)) return 0
  buffer.fill(0, offset, offset + SOCKET_ADDRESS_BYTES)
  buffer.writeUInt16BE(port, offset + 2)
  if (bytes.length === 4) {
    buffer.writeUInt16LE(AF_INET, offset)
    bytes.copy(buffer, offset + 4)
    return IPV4_LENGTH
  }
  buffer.writeUInt16LE(AF_INET6, offset)
  bytes.copy(buffer, offset + 8)
  if (percent >= 0) buffer.writeUInt32LE(scopeOf(ip.slice(percent + 1)), offset + 24)
  return IPV6_LENGTH
}

/** The number of the interface that a zone names; 0 if there is none. */
function scopeOf(zone: string): number {
  if (/^\d{1,9}$/.test(zone)) return Number(zone)
  for (const address of networkInterfaces()[zone] ?? [])
    if (address.family === 'IPv6' && address.scopeid) return address.scopeid
  return 0
}
