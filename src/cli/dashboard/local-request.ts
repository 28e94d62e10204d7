/**
 * Whether a request comes from this machine itself, and from nowhere through it.
 *
 * The address alone does not say so: a proxy on this machine has that address, too; a page of any site in a browser here can send requests
 * here; and one whose host name was pointed at loopback (DNS rebinding) is even of the same origin. So the address has to be loopback's, no proxy may
 * have left a trace, the host has to be named as this machine names itself, and a browser has to say that one of our own pages asks.
 */
import { BlockList, isIP } from 'node:net'
import type { AuthorizationRequest } from '../../signaling/index.js'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8)
LOOPBACK.addAddress('::1', 'ipv6')

/** What proxies add to the requests that they pass on. */
const PROXY_HEADERS = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-original-host',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
]

/** `localhost`, 127.0.0.0/8 or `[::1]`, with any port. */
const LOCAL_HOST = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d{1,5})?$/i

/** True where nobody else can have sent it: see above. */
export function isLocalRequest({ address, header }: Pick<AuthorizationRequest, 'address' | 'header'>): boolean {
  if (address === undefined || !isLoopback(address)) return false
  if (PROXY_HEADERS.some((name) => header(name) !== undefined)) return false
  const host = header('host')
  if (host === undefined || !LOCAL_HOST.test(host)) return false
  // Browsers tell the origin with everything but plain reading, and with what pages of other origins read.
  const origin = header('origin')
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) return false
  const site = header('sec-fetch-site')
  return site === undefined || site === 'same-origin' || site === 'none'
}

function isLoopback(address: string): boolean {
  const version = isIP(address)
  return version !== 0 && LOOPBACK.check(address, version === 4 ? 'ipv4' : 'ipv6')
}
