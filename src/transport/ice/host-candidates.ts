/** The host candidates of the shared port (RFC 8445, sections 5.1.1.1, 5.1.1.3 and 5.1.2). */
import type { NetworkInterfaceInfo } from 'node:os'
import type { TransportCandidate } from './ice-types.js'

const HOST_TYPE_PREFERENCE = 126
const MAX_LOCAL_PREFERENCE = 65535
const COMPONENT = 1

/** The addresses of the machine, as `os.networkInterfaces()` returns them. */
export type NetworkInterfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

/**
 * What is announced for sockets bound to `listenIps`, best first: exactly `announceIps` if there are any; else the bound addresses, a wildcard
 * standing for all addresses of its family. Loopback comes last, link-local addresses not at all.
 */
export function hostCandidates(
  listenIps: readonly string[],
  announceIps: readonly string[],
  port: number,
  interfaces: NetworkInterfaces,
): readonly TransportCandidate[] {
  const ips = new Set<string>(announceIps)
  if (announceIps.length === 0) {
    const loopback: string[] = []
    for (const listenIp of listenIps) {
      if (listenIp !== '0.0.0.0' && listenIp !== '::') {
        ips.add(listenIp)
        continue
      }
      const family = listenIp === '::' ? 'IPv6' : 'IPv4'
      for (const info of Object.values(interfaces).flatMap((infos) => infos ?? [])) {
        if (info.family !== family || isLinkLocal(info.address)) continue
        if (info.internal) loopback.push(info.address)
        else ips.add(info.address)
      }
    }
    for (const ip of loopback) ips.add(ip)
  }
  return [...ips].map((ip, index) => ({
    // Candidates share a foundation when they share type, protocol and base; here, each one has a base of its own.
    foundation: String(index + 1),
    component: COMPONENT,
    protocol: 'udp',
    priority: HOST_TYPE_PREFERENCE * 2 ** 24 + (MAX_LOCAL_PREFERENCE - index) * 2 ** 8 + (256 - COMPONENT),
    ip,
    port,
    type: 'host',
  }))
}

function isLinkLocal(ip: string): boolean {
  return ip.startsWith('169.254.') || /^fe[89ab]/i.test(ip)
}
