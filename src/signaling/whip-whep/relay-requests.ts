/** Requests of relays: the nodes that they name, and what they are told of ours; see `relay/relay-path.ts`. Others are told nothing of nodes. */
import type { SignalingContext, SignalingSession } from '../../broadcast/signaling-target.js'
import { BroadcastError } from '../../errors.js'
import { formatRelayPath, parseRelayPath, RELAY_PATH_HEADER } from '../../relay/relay-path.js'
import type { HttpReply } from '../http-reply.js'
import type { HttpRequest } from '../http-request.js'
import type { Protocol } from './whip-whep-route.js'

/** What goes with the offer of a relay besides what the grant says. Throws `request-invalid` for a header that is no path. */
export function relayContext(request: HttpRequest, protocol: Protocol, context: SignalingContext): SignalingContext {
  const value = request.headers.get(RELAY_PATH_HEADER)
  if (value === null) return context
  const path = parseRelayPath(value)
  if (path === undefined) throw new BroadcastError('request-invalid', `${RELAY_PATH_HEADER} is no list of nodes`)
  const { as, ...rest } = context
  if (protocol === 'whip') return { ...context, relay: { path } }
  return { ...rest, ...publishersOf(as, context.publishers), relay: { path } }
}

/** Of several publishers a relay takes one. Throws `forbidden` if the grant leaves it out. */
function publishersOf(
  as: string | undefined,
  granted: readonly string[] | undefined,
): Pick<SignalingContext, 'publishers'> {
  if (as === undefined) return {}
  if (granted?.includes(as) === false) throw new BroadcastError('forbidden', 'the publisher is not for this viewer')
  return { publishers: [as] }
}

/** Tells a relay the nodes that what `session` sends came through. */
export function tellRelayPath(request: HttpRequest, session: SignalingSession, response: HttpReply): void {
  if (!request.headers.has(RELAY_PATH_HEADER)) return
  const path = session.relayPath?.()
  if (path !== undefined) response.headers.set(RELAY_PATH_HEADER, formatRelayPath(path))
}
