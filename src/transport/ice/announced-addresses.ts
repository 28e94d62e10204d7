/** What is announced in place of the machine's own addresses: checked, and host names looked up or refused. */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { BroadcastError } from '../../errors.js'
import { canonicalUnicastIp } from '../udp/ip-address.js'

/** An address that is announced: in place of all of the machine's own, or of one of them. */
export interface AnnouncedAddress {
  /** An IP address, or a host name where those are looked up. */
  readonly ip: string
  /** The machine's own address that it stands for; all of them if left out. */
  readonly localIp?: string
}

/** What becomes of host names that are to be announced. */
export type AnnounceHosts = 'refuse' | 'resolve'

/** All addresses of a host. */
export type ResolveHost = (host: string) => Promise<readonly { readonly address: string }[]>

const systemResolve: ResolveHost = (host) => lookup(host, { all: true, verbatim: true })

/**
 * The same with IP addresses only, in the same order; a host name becomes all of its addresses. They stay what they are until the port is
 * opened again.
 *
 * @throws BroadcastError `option-invalid` for what nobody can send to, and for host names unless they are to be resolved; `host-unresolved` if a host
 * has no address.
 */
export async function resolveAnnounced(
  announced: readonly AnnouncedAddress[],
  hosts: AnnounceHosts,
  resolve: ResolveHost = systemResolve,
): Promise<readonly AnnouncedAddress[]> {
  const resolved = await Promise.all(
    announced.map(async (entry) => {
      const ips = isIP(entry.ip) === 0 ? await addressesOf(entry.ip, hosts, resolve) : [entry.ip]
      return ips.map((ip) => ({ ...entry, ip: usable(ip, entry.ip) }))
    }),
  )
  return resolved.flat()
}

async function addressesOf(host: string, hosts: AnnounceHosts, resolve: ResolveHost): Promise<readonly string[]> {
  if (hosts === 'refuse') {
    throw refused(host, `is not an IP address; host names are looked up with announceHosts: 'resolve' only`)
  }
  let cause: unknown
  try {
    const addresses = (await resolve(host)).map(({ address }) => address)
    if (addresses.length > 0) return addresses
  } catch (error) {
    cause = error
  }
  const why = cause instanceof Error ? `: ${cause.message}` : ''
  throw new BroadcastError('host-unresolved', `the announced host ${JSON.stringify(host)} has no address${why}`, {
    details: { host },
    ...(cause === undefined ? {} : { cause }),
  })
}

function usable(ip: string, from: string): string {
  const canonical = canonicalUnicastIp(ip)
  if (canonical === undefined) throw refused(from, 'is no address that clients can send to')
  return canonical
}

function refused(text: string, why: string): BroadcastError {
  return new BroadcastError('option-invalid', `announced address ${JSON.stringify(text)} ${why}`, {
    details: { option: 'announceIps' },
  })
}
