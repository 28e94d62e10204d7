/**
 * The client's address behind proxies.
 *
 * Each proxy adds the address that it got the request from to the end of X-Forwarded-For. What stands further left than the proxies that are
 * trusted was written by the client, and may be anything. No other header is read: a proxy passes on what it does not know.
 */
import { BlockList, isIP } from 'node:net'
import { booleanOption, integerOption, refuseOption } from '../util/options.js'

/** See `trustProxy` of `nodeHttp`. */
export type TrustProxy = boolean | number | readonly string[]

/** Whether what the hop at `address` says of its own client is believed; `index` counts hops from ours, 0 is the one that is connected. */
export type ProxyTrust = (address: string, index: number) => boolean

const MAX_PROXIES = 32

/** Throws `option-invalid`. */
export function resolveTrustProxy(value: TrustProxy | undefined): ProxyTrust {
  if (Array.isArray(value)) return trustOf(value)
  const count =
    typeof value === 'number'
      ? integerOption('trustProxy', value, 0, 0, MAX_PROXIES)
      : Number(booleanOption('trustProxy', value, false))
  return (_address, index) => index < count
}

/** The address that the trusted proxies name, or `remote` itself. */
export function forwardedAddress(remote: string, forwardedFor: string | null | undefined, trust: ProxyTrust): string {
  const entries = (forwardedFor ?? '').split(',')
  let address = plainAddress(remote) ?? remote
  for (let index = 0; entries.length > 0 && trust(address, index); index++) {
    const next = plainAddress(entries.pop() as string)
    // A trusted proxy that hides its client is the best that is known.
    if (next === undefined) break
    address = next
  }
  return address
}

/** An IP address without port, brackets, zone and the IPv6 dress of an IPv4 address; undefined if it is none. */
function plainAddress(text: string): string | undefined {
  const trimmed = text.trim()
  const bare =
    /^\[([^\]]+)\](?::\d+)?$/.exec(trimmed)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(trimmed)?.[1] ?? trimmed
  const address = bare.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
  return isIP(address) === 0 ? undefined : address.toLowerCase()
}

function trustOf(proxies: readonly string[]): ProxyTrust {
  const list = new BlockList()
  for (const entry of proxies) {
    const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(typeof entry === 'string' ? entry : '') ?? []
    const family = familyOf(address)
    if (family === undefined || Number(prefix ?? 0) > (family === 'ipv4' ? 32 : 128)) {
      refuseOption('trustProxy', 'true, a number of proxies, or addresses such as 10.0.0.0/8', entry)
    }
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return (address) => {
    const family = familyOf(address)
    return family !== undefined && list.check(address, family)
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address)
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6'
}
