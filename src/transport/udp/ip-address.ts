/** IP addresses as text and as bytes (RFC 4291, section 2.2; text form of RFC 5952, the one that the kernel's addresses come in). */
import { isIPv4, isIPv6 } from 'node:net'

/** The 4 or 16 bytes of a literal address; undefined for anything else, an IPv6 zone included. */
export function parseIp(text: string): Buffer | undefined {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number))
  if (!isIPv6(text) || text.includes('%')) return undefined
  let hex = text
  const lastColon = text.lastIndexOf(':')
  if (text.includes('.')) {
    const [a = 0, b = 0, c = 0, d = 0] = text
      .slice(lastColon + 1)
      .split('.')
      .map(Number)
    hex = `${text.slice(0, lastColon + 1)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  }
  const [left = '', right] = hex.split('::')
  const head = left === '' ? [] : left.split(':')
  const tail = right === undefined || right === '' ? [] : right.split(':')
  const bytes = Buffer.alloc(16)
  head.forEach((group, i) => {
    bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * i)
  })
  tail.forEach((group, i) => {
    bytes.writeUInt16BE(Number.parseInt(group, 16), 16 - 2 * (tail.length - i))
  })
  return bytes
}

/** The text of an address of 4 or 16 bytes. */
export function formatIp(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups: number[] = []
  for (let i = 0; i < 16; i += 2) groups.push(bytes.readUInt16BE(i))
  // The longest run of at least two zero groups becomes "::", the first one of several.
  let runStart = -1
  let runLength = 1
  for (let i = 0; i < 8; i++) {
    let length = 0
    while (i + length < 8 && groups[i + length] === 0) length++
    if (length > runLength) {
      runStart = i
      runLength = length
    }
  }
  const text = (part: number[]) => part.map((group) => group.toString(16)).join(':')
  if (runStart < 0) return text(groups)
  return `${text(groups.slice(0, runStart))}::${text(groups.slice(runStart + runLength))}`
}

/** Writes the bytes of an address, from whose text a zone is ignored, at `buffer[offset]`. */
export function writeIp(text: string, buffer: Buffer, offset: number): void {
  const zone = text.indexOf('%')
  const bytes = parseIp(zone < 0 ? text : text.slice(0, zone))
  bytes?.copy(buffer, offset)
}

/**
 * The address in canonical text if packets may be sent to it because a stranger said so: one host's address, neither multicast,
 * broadcast, unspecified, reserved, link-local nor IPv4 in disguise; else undefined.
 */
export function canonicalUnicastIp(text: string): string | undefined {
  const bytes = parseIp(text)
  if (!bytes) return undefined
  const first = bytes[0] as number
  const second = bytes[1] as number
  if (bytes.length === 4) {
    if (first === 0 || first >= 224 || (first === 169 && second === 254)) return undefined
    return formatIp(bytes)
  }
  const linkLocal = first === 0xfe && (second & 0xc0) === 0x80
  const loopback = formatIp(bytes) === '::1'
  // ::/96 and ::ffff:0:0/96 hold the unspecified address and IPv4 addresses; only ::1 of them is usable.
  const embedded = bytes.subarray(0, 10).every((byte) => byte === 0)
  if (first === 0xff || linkLocal || (embedded && !loopback)) return undefined
  return formatIp(bytes)
}

/** The address in the kernel's spelling; undefined for what is none, or has a zone. */
export function canonicalIp(text: string): string | undefined {
  const bytes = parseIp(text)
  return bytes && formatIp(bytes)
}

/** True for an address that only this machine reaches. */
export function isLoopback(text: string): boolean {
  const ip = canonicalIp(text)
  return ip === '::1' || (ip !== undefined && isIPv4(ip) && ip.startsWith('127.'))
}

/** `ip:port`, with the brackets that IPv6 wants. */
export function formatAddress(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}
