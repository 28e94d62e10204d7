/** `/events` of a session, which makes event streams, and the streams below it. */
import type { SignalingSession } from '../../broadcast/signaling-target.js'
import { BroadcastError } from '../../errors.js'
import { HttpReply } from '../http-reply.js'
import type { HttpRequest } from '../http-request.js'
import { emptyResponse } from '../responses.js'
import type { WhepEventName } from './event-stream.js'
import { readJson } from './json-body.js'
import { refuseMethod } from './resource-methods.js'
import { WHEP_EVENTS } from './session-events.js'
import type { WhepExtensions, WhepSessions } from './whep-extensions.js'
import type { WhipWhepConfig } from './whip-whep-options.js'
import { sessionPath } from './whip-whep-route.js'

const STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store, no-transform',
  // Nginx would hold back what is too little for it.
  'x-accel-buffering': 'no',
} as const

/** Answers at `/events`. */
export async function eventsResource(
  request: HttpRequest,
  session: SignalingSession,
  extensions: WhepExtensions,
  sessions: WhepSessions,
  config: WhipWhepConfig,
): Promise<HttpReply> {
  if (request.method !== 'POST') return refuseMethod(request, 'events')
  const wanted = readEventNames(await readJson(request, config))
  // It may have ended while the body came.
  if (session.state === 'closed') throw new BroadcastError('session-not-found', 'the session has ended')
  const name = sessions.openStream(session, extensions, wanted)
  const protocol = session.role === 'publisher' ? 'whip' : 'whep'
  return emptyResponse(201, { location: `${sessionPath(config.pathPrefix, protocol, session)}/events/${name}` })
}

/** Answers at the stream of that name. */
export function eventStreamResource(request: HttpRequest, { streams }: WhepExtensions, name: string): HttpReply {
  const events = streams.get(name)
  if (!events) throw new BroadcastError('session-not-found', 'there is no such event stream; it may have been deleted')
  switch (request.method) {
    case 'HEAD':
      return emptyResponse(200, STREAM_HEADERS)
    case 'GET':
      return new HttpReply(200, events.stream.read(), STREAM_HEADERS)
    case 'DELETE':
      streams.delete(name)
      events.close()
      return emptyResponse(200)
    default:
      return refuseMethod(request, 'event-stream')
  }
}

/** The events of a JSON list, all of them without one. Throws `request-invalid`. */
function readEventNames(value: unknown): ReadonlySet<WhepEventName> {
  if (value === undefined) return new Set(WHEP_EVENTS)
  const isKnown = (name: unknown): name is WhepEventName => (WHEP_EVENTS as readonly unknown[]).includes(name)
  if (!Array.isArray(value) || !value.every(isKnown)) {
    throw new BroadcastError('request-invalid', `expected a JSON list of events, which are ${WHEP_EVENTS.join(', ')}`)
  }
  return new Set(value)
}
