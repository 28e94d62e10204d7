/** The host candidates of the shared port (RFC 8445, sections 5.1.1.1, 5.1.1.3 and 5.1.2; RFC 6544, section 4.2, for TCP). */
import type { NetworkInterfaceInfo } from 'node:os'
import { canonicalUnicastIp } from '../udp/ip-address.js'
import type { AnnouncedAddress } from './announced-addresses.js'
import type { TransportCandidate } from './ice-types.js'

const HOST_TYPE_PREFERENCE = 126
const MAX_LOCAL_PREFERENCE = 65535
/** Below that of every UDP candidate, relayed ones excepted: browsers give the same to theirs. */
const TCP_HOST_TYPE_PREFERENCE = 90
/** The direction preference of passive candidates in the upper three bits, 13 bits for the rest (RFC 6544, section 4.2). */
const PASSIVE_DIRECTION_PREFERENCE = 4
const MAX_OTHER_PREFERENCE = 8191
const COMPONENT = 1

/** The addresses of the machine, as `os.networkInterfaces()` returns them. */
export type NetworkInterfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>

/** Whose candidates are wanted. */
export interface HostCandidatesOptions {
  /** What the sockets are bound to, wildcards included. */
  readonly listenIps: readonly string[]
  /** IP addresses only. */
  readonly announced: readonly AnnouncedAddress[]
  readonly port: number
  /** Whether the port takes TCP connections, too. */
  readonly tcp: boolean
}

/**
 * What is announced for a port, best first: the addresses that stand for all of the machine's own, if there are any, and those that stand for
 * one that is bound; else the bound addresses that nothing stands for, a wildcard being all addresses of its family. Loopback comes
 * last, link-local addresses not at all. TCP comes behind all of UDP.
 */
export function hostCandidates(
  options: HostCandidatesOptions,
  interfaces: NetworkInterfaces,
): readonly TransportCandidate[] {
  const { port } = options
  const ips = [...announcedIps(options, interfaces)]
  const udp = ips.map((ip, index): TransportCandidate => {
    const preference = MAX_LOCAL_PREFERENCE - index
    return { ...host(index, HOST_TYPE_PREFERENCE, preference), protocol: 'udp', ip, port, type: 'host' }
  })
  if (!options.tcp) return udp
  const tcp = ips.map((ip, index): TransportCandidate => {
    const preference = PASSIVE_DIRECTION_PREFERENCE * (MAX_OTHER_PREFERENCE + 1) + MAX_OTHER_PREFERENCE - index
    const base = host(ips.length + index, TCP_HOST_TYPE_PREFERENCE, preference)
    return { ...base, protocol: 'tcp', ip, port, type: 'host', tcpType: 'passive' }
  })
  return [...udp, ...tcp]
}

function host(index: number, typePreference: number, localPreference: number) {
  return {
    // Candidates share a foundation when they share type, protocol and base; here, each one has a base of its own.
    foundation: String(index + 1),
    component: COMPONENT,
    priority: typePreference * 2 ** 24 + localPreference * 2 ** 8 + (256 - COMPONENT),
  }
}

function announcedIps(options: HostCandidatesOptions, interfaces: NetworkInterfaces): ReadonlySet<string> {
  const { announced } = options
  const standIns = announced.filter(({ localIp }) => localIp === undefined)
  const ips = new Set(standIns.map(({ ip }) => ip))
  const same = (ip: string) => canonicalUnicastIp(ip) ?? ip
  for (const bound of boundIps(options.listenIps, interfaces)) {
    const forThis = announced.filter(({ localIp }) => localIp !== undefined && same(localIp) === same(bound))
    for (const { ip } of forThis) ips.add(ip)
    if (forThis.length === 0 && standIns.length === 0) ips.add(bound)
  }
  return ips
}

function boundIps(listenIps: readonly string[], interfaces: NetworkInterfaces): readonly string[] {
  const ips: string[] = []
  const loopback: string[] = []
  for (const listenIp of listenIps) {
    if (listenIp !== '0.0.0.0' && listenIp !== '::') {
      ips.push(listenIp)
      continue
    }
    const family = listenIp === '::' ? 'IPv6' : 'IPv4'
    for (const info of Object.values(interfaces).flatMap((infos) => infos ?? [])) {
      if (info.family !== family || isLinkLocal(info.address)) continue
      if (info.internal) loopback.push(info.address)
      else ips.push(info.address)
    }
  }
  return [...ips, ...loopback]
}

function isLinkLocal(ip: string): boolean {
  return ip.startsWith('169.254.') || /^fe[89ab]/i.test(ip)
}
