/** What counts as one client address. */
import { isIPv4, isIPv6 } from 'node:net'

/**
 * An IPv4 address is itself; of an IPv6 address the first 64 bits count, as a single customer has at least as many. Undefined for a loopback
 * address: behind a proxy on this machine that is not declared, it is everybody's.
 */
export function addressKey(address: string): string | undefined {
  if (isIPv4(address)) return address.startsWith('127.') ? undefined : address
  const bare = address.replace(/%.*$/, '')
  if (!isIPv6(bare)) return undefined
  const groups = groupsOf(bare)
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (isMapped)
    return addressKey(
      groups
        .slice(6)
        .flatMap((group) => [group >> 8, group & 255])
        .join('.'),
    )
  if (groups.every((group, index) => group === (index === 7 ? 1 : 0))) return undefined
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  // The URL standard's own form has hexadecimal groups only, and one gap at most.
  const [, text = ''] = /^\[(.*)\]$/.exec(new URL(`http://[${address}]`).hostname) ?? []
  const [head = [], tail = []] = text.split('::').map((part) => part.split(':').filter((group) => group !== ''))
  const gap = Array.from({ length: 8 - head.length - tail.length }, () => '0')
  return [...head, ...gap, ...tail].map((group) => Number.parseInt(group, 16))
}
