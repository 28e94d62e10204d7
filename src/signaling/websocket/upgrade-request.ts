/** The request that opened a WebSocket as a Fetch request, which is what authorization is asked with everywhere. */
import { BroadcastError } from '../../errors.js'
import { clientAddress, setClientAddress } from '../client-address.js'
import { forwardedAddress, type ProxyTrust } from '../trust-proxy.js'
import type { HeadersLike, UpgradeRequestLike } from './websocket-like.js'
import type { WebSocketConfig } from './websocket-options.js'

/**
 * The request, with the client's address as far as it is known; or undefined if it comes from a page that may not connect.
 *
 * A browser sends its cookies to us whatever page has opened the WebSocket, and nothing like CORS stands in between (RFC 6455, section 10.2).
 * So cookies that another origin's page brings along are taken off, unless that origin is listed. Throws what `Headers` and `URL` do.
 */
export function upgradeRequest(
  upgrade: UpgradeRequestLike,
  { cors, trust }: Pick<WebSocketConfig, 'cors' | 'trust'>,
): Request | undefined {
  const headers = fetchHeaders(upgrade.headers ?? {})
  const origin = headers.get('origin')
  if (origin !== null && !isOwn(origin, headers.get('host'))) {
    const isListed = typeof cors === 'object' && cors.has(origin)
    if (!isListed && cors !== true) return undefined
    if (!isListed) headers.delete('cookie')
  }
  const request = new Request(`http://${headers.get('host') ?? 'localhost'}${pathOf(upgrade.url ?? '/')}`, { headers })
  const address = addressOf(upgrade, headers, trust)
  if (address !== undefined) setClientAddress(request, address)
  return request
}

/** `request` with the token of a message in place of its own, or itself if the message has none. Throws `request-invalid`. */
export function withToken(request: Request, token: string | undefined): Request {
  if (token === undefined) return request
  if (!/^[!-~]+$/.test(token)) {
    throw new BroadcastError('request-invalid', 'field token: expected a bearer token', { details: { field: 'token' } })
  }
  const headers = new Headers(request.headers)
  headers.set('authorization', `Bearer ${token}`)
  const copy = new Request(request.url, { headers })
  const address = clientAddress(request)
  if (address !== undefined) setClientAddress(copy, address)
  return copy
}

function isOwn(origin: string, host: string | null): boolean {
  return host !== null && URL.canParse(origin) && new URL(origin).host === host.toLowerCase()
}

function fetchHeaders(like: HeadersLike): Headers {
  const headers = new Headers()
  const entries = Symbol.iterator in like ? (like as Iterable<readonly [string, string]>) : Object.entries(like)
  for (const [name, value] of entries) {
    // Pseudo headers of HTTP/2 are none.
    if (value === undefined || name.startsWith(':')) continue
    for (const item of typeof value === 'string' ? [value] : value) headers.append(name, item)
  }
  return headers
}

function addressOf(upgrade: UpgradeRequestLike, headers: Headers, trust: ProxyTrust): string | undefined {
  const remote = upgrade.socket?.remoteAddress
  if (remote !== undefined) return forwardedAddress(remote, headers.get('x-forwarded-for'), trust)
  return upgrade instanceof Request ? clientAddress(upgrade) : undefined
}

/** Only what stands behind the host. A target such as //host/path is a path, too. */
function pathOf(url: string): string {
  if (url.startsWith('/')) return url
  const { pathname, search } = new URL(url)
  return pathname + search
}
