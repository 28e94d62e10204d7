/**
 * The URL space of WHIP and WHEP: `/whip/:name` is an endpoint, `/whip/:name/:session` a session; the same for `/whep`, whose sessions have
 * `/events`, `/events/:stream` and `/layer` below them; of WHIP's, only the events.
 */

/** Which of the two protocols. */
export type Protocol = 'whip' | 'whep'

/** What a path stands for. */
export type WhipWhepResource = 'endpoint' | 'session' | 'events' | 'event-stream' | 'layer'

/** A path, taken apart; segments are as they stand in the URL. */
export interface WhipWhepRoute {
  readonly protocol: Protocol
  readonly resource: WhipWhepResource
  readonly nameSegment: string
  /** '' at an endpoint. */
  readonly sessionSegment: string
  /** '' but for an event stream. */
  readonly streamSegment: string
}

/** The route of `pathname`, or undefined if it lies outside of the space below `prefix`. */
export function whipWhepRoute(pathname: string, prefix: string): WhipWhepRoute | undefined {
  if (!pathname.startsWith(`${prefix}/`)) return undefined
  const [protocol, ...segments] = pathname.slice(prefix.length + 1).split('/')
  if ((protocol !== 'whip' && protocol !== 'whep') || segments.includes('')) return undefined
  const [nameSegment, sessionSegment = '', part, streamSegment = '', ...more] = segments
  if (nameSegment === undefined || more.length > 0) return undefined
  const resource = resourceOf(protocol, sessionSegment, part, streamSegment)
  return resource && { protocol, resource, nameSegment, sessionSegment, streamSegment }
}

function resourceOf(
  protocol: Protocol,
  session: string,
  part: string | undefined,
  stream: string,
): WhipWhepResource | undefined {
  if (session === '') return 'endpoint'
  if (part === undefined) return 'session'
  if (part === 'events') return stream === '' ? 'events' : 'event-stream'
  return protocol === 'whep' && part === 'layer' && stream === '' ? 'layer' : undefined
}

/** The path of a session. The name comes from the session: a lone `Broadcast` as target has its own, whatever the client asked for. */
export function sessionPath(
  prefix: string,
  protocol: Protocol,
  session: { readonly broadcast: string; readonly id: string },
): string {
  return `${prefix}/${protocol}/${encodeURIComponent(session.broadcast)}/${encodeURIComponent(session.id)}`
}

/** What a segment stands for; undefined if it cannot be decoded. */
export function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
