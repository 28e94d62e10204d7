/** Where the media port is for clients: announced addresses, and ICE-TCP, checked and resolved. */
import { isIP } from 'node:net'
import {
  type AnnouncedAddress,
  type AnnounceHosts,
  DEFAULT_ENGINE_CONFIG,
  DEFAULT_ICE_TCP,
  type IceTcpConfig,
} from '../engine/engine-config.js'
import { choiceOption, integerOption, objectOption, refuseOption } from '../util/options.js'

/** An address by which clients reach one of the machine's own addresses. */
export interface AnnouncedAddressOption {
  /** The public address; IPv4 or IPv6, or a host name with `announceHosts: 'resolve'`. */
  readonly ip: string
  /**
   * The machine's own address that it stands for, such as that of one of several network cards. Own addresses that nothing stands for are
   * candidates as they are. By default it replaces all of them.
   */
  readonly localIp?: string
}

/** Bounds of the TCP connections of one worker thread; all of them are optional. */
export interface IceTcpOptions {
  /** Connections at the same time. When there are as many, one that is not in use makes room, or the new one is refused. Default 4096. */
  readonly maxConnections?: number
  /** The same for each client address; an IPv6 network of 64 bits counts as one, loopback addresses are not limited. Default 256. */
  readonly maxConnectionsPerAddress?: number
  /** Connections that have not shown by an authenticated check whose they are. The oldest makes room for a new one. Default 256. */
  readonly maxPendingConnections?: number
  /** Milliseconds within which such a check has to come. Default 10000. */
  readonly checkTimeoutMs?: number
  /**
   * Bytes that may wait for one connection's network; what comes on top is dropped and counted. When an eighth of them wait, the viewer's video is held
   * back by the pacer, as long as `pacingQueueMs` says. Default 256 KiB.
   */
  readonly maxQueueBytes?: number
}

/** The options of the media port's addresses. */
export interface AddressOptions {
  /**
   * Public addresses of a server behind a NAT, IPv4 and IPv6: they replace its own in the candidates, all of them or one each
   * (`{ ip: '203.0.113.7', localIp: '10.0.0.2' }`). Default none.
   */
  readonly announceIps?: string | AnnouncedAddressOption | readonly (string | AnnouncedAddressOption)[]
  /**
   * Whether host names in `announceIps` are refused with `option-invalid`, or looked up when the media port is opened, with `host-unresolved` for
   * names without an address. Default `refuse`.
   */
  readonly announceHosts?: 'refuse' | 'resolve'
  /**
   * Whether the media port takes TCP connections under the same number, for clients whose UDP is blocked (ICE-TCP, passive; RFC 6544): false, true, or
   * bounds. Default true.
   */
  readonly iceTcp?: boolean | IceTcpOptions
}

const HOST_NAME =
  /^(?=.{1,253}\.?$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.?$/i
const IP_ADDRESSES = 'IP addresses, or host names with announceHosts: "resolve"'

/** Checks and completes them. Throws `option-invalid`. */
export function resolveAddressOptions(options: AddressOptions): {
  announceIps: readonly AnnouncedAddress[]
  announceHosts: AnnounceHosts
  iceTcp: IceTcpConfig | undefined
} {
  const { announceIps: given = DEFAULT_ENGINE_CONFIG.announceIps } = options
  const hosts = ['refuse', 'resolve'] as const
  const announceHosts = choiceOption('announceHosts', options.announceHosts, DEFAULT_ENGINE_CONFIG.announceHosts, hosts)
  const list: readonly unknown[] = Array.isArray(given) ? given : [given]
  return {
    announceIps: list.map((entry) => announcedAddress(entry, announceHosts)),
    announceHosts,
    iceTcp: iceTcpConfig(options.iceTcp),
  }
}

function announcedAddress(entry: unknown, hosts: AnnounceHosts): AnnouncedAddress {
  const isObject = typeof entry === 'object' && entry !== null
  const { ip, localIp } = (isObject ? entry : { ip: entry }) as { ip: unknown; localIp?: unknown }
  if (typeof ip !== 'string' || (isIP(ip) === 0 && !(hosts === 'resolve' && HOST_NAME.test(ip)))) {
    refuseOption('announceIps', IP_ADDRESSES, ip)
  }
  if (localIp === undefined) return { ip }
  if (typeof localIp !== 'string' || isIP(localIp) === 0) {
    refuseOption('announceIps', 'a local IP address as localIp', localIp)
  }
  return { ip, localIp }
}

function iceTcpConfig(option: boolean | IceTcpOptions = true): IceTcpConfig | undefined {
  if (option === false) return undefined
  if (option === true) return DEFAULT_ICE_TCP
  const given = objectOption('iceTcp', option, 'true, false, or bounds')
  const integer = (name: keyof IceTcpConfig, min: number, max: number) =>
    integerOption(`iceTcp.${name}`, given[name], DEFAULT_ICE_TCP[name], min, max)
  return {
    maxConnections: integer('maxConnections', 1, 1_000_000),
    maxConnectionsPerAddress: integer('maxConnectionsPerAddress', 1, 1_000_000),
    maxPendingConnections: integer('maxPendingConnections', 1, 1_000_000),
    checkTimeoutMs: integer('checkTimeoutMs', 100, 60_000),
    maxQueueBytes: integer('maxQueueBytes', 16 * 1024, 1024 ** 3),
  }
}
