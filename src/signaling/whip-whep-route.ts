/** The URL space of WHIP and WHEP: `/whip/:name` is an endpoint, `/whip/:name/:session` a session; the same for `/whep`. */

/** Which of the two protocols. */
export type Protocol = 'whip' | 'whep'

/** A path, taken apart; segments are as they stand in the URL. */
export interface WhipWhepRoute {
  readonly protocol: Protocol
  readonly nameSegment: string
  /** Undefined at an endpoint. */
  readonly sessionSegment: string | undefined
}

/** The route of `pathname`, or undefined if it lies outside of the space below `prefix`. */
export function whipWhepRoute(pathname: string, prefix: string): WhipWhepRoute | undefined {
  if (!pathname.startsWith(`${prefix}/`)) return undefined
  const [protocol, nameSegment, sessionSegment, ...more] = pathname.slice(prefix.length + 1).split('/')
  if (protocol !== 'whip' && protocol !== 'whep') return undefined
  if (nameSegment === undefined || nameSegment === '' || sessionSegment === '' || more.length > 0) return undefined
  return { protocol, nameSegment, sessionSegment }
}
