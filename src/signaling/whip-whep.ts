/**
 * WHIP (RFC 9725) for publishers and WHEP (draft-ietf-wish-whep) for viewers, as a Fetch handler.
 *
 * A POST of an offer opens a session and answers with its URL; a PATCH of that URL trickles or restarts ICE, a DELETE ends it. Viewers have
 * event streams and a layer selection besides. `docs/signaling.md` describes all of it.
 */
import type { SignalingSession, SignalingTarget } from '../broadcast/signaling-target.js'
import { BroadcastError } from '../errors.js'
import { admitToSession } from './admission.js'
import { withCors } from './cors.js'
import { type SignalingHandler, signalingHandler } from './handler.js'
import type { HttpReply } from './http-reply.js'
import { type HttpRequest, requestUrl } from './http-request.js'
import { redirectResponse } from './redirect.js'
import { noSuchPath, problemResponse } from './responses.js'
import { EndpointResource } from './whip-whep/endpoint-resource.js'
import { eventStreamResource, eventsResource } from './whip-whep/event-resources.js'
import { layerResource } from './whip-whep/layer-resource.js'
import { resourceOptions } from './whip-whep/resource-methods.js'
import { SessionResource } from './whip-whep/session-resource.js'
import { WhepSessions } from './whip-whep/whep-extensions.js'
import { type WhipWhepConfig, type WhipWhepOptions, whipWhepConfig } from './whip-whep/whip-whep-options.js'
import { decodeSegment, type WhipWhepRoute, whipWhepRoute } from './whip-whep/whip-whep-route.js'

export type { WhipWhepOptions } from './whip-whep/whip-whep-options.js'

/** Requests that cost something. */
const THROTTLED: readonly string[] = ['POST', 'PATCH', 'DELETE']

/**
 * A Fetch handler for `POST /whip/:name` and `POST /whep/:name`, and for the session URLs that they give out. Several publishers of one
 * broadcast name themselves by a parameter: `POST /whip/:name?as=slides`.
 *
 * The handler never rejects; failures become `application/problem+json` replies. Throws `option-invalid`.
 *
 * @example
 * ```ts
 * const server = createServer(nodeHttp(whipWhep(new Sfu())))
 * ```
 */
export function whipWhep(target: SignalingTarget, options: WhipWhepOptions = {}): SignalingHandler {
  const adapter = new WhipWhep(target, whipWhepConfig(options))
  return signalingHandler(
    (url) => adapter.route(url) !== undefined,
    (request) => adapter.handle(request),
  )
}

class WhipWhep {
  readonly #sessions: WhepSessions
  readonly #endpoint: EndpointResource
  readonly #session: SessionResource

  constructor(
    private readonly target: SignalingTarget,
    private readonly config: WhipWhepConfig,
  ) {
    this.#sessions = new WhepSessions(config)
    this.#endpoint = new EndpointResource(target, this.#sessions, config)
    this.#session = new SessionResource(config)
  }

  route(url: URL): WhipWhepRoute | undefined {
    return whipWhepRoute(url.pathname, this.config.pathPrefix)
  }

  async handle(request: HttpRequest): Promise<HttpReply> {
    let response: HttpReply
    try {
      const route = this.route(requestUrl(request))
      if (route === undefined) response = noSuchPath()
      else response = (await this.#throttled(request)) ?? (await this.#answer(request, route))
    } catch (error) {
      response = redirectResponse(error, request, this.config.pathPrefix) ?? this.#problem(error)
    }
    return withCors(response, request, this.config.cors)
  }

  async #throttled(request: HttpRequest): Promise<HttpReply | undefined> {
    const seconds = THROTTLED.includes(request.method) ? await this.config.throttle(request) : undefined
    if (seconds === undefined) return undefined
    const details = { limit: 'throttle', retryAfterMs: seconds * 1000 }
    return problemResponse(new BroadcastError('rate-limited', 'too many requests; come again later', { details }))
  }

  async #answer(request: HttpRequest, route: WhipWhepRoute): Promise<HttpReply> {
    if (route.resource === 'endpoint') return this.#endpoint.answer(request, route)
    // Before the look-up: a preflight must not fail, or the browser could never show the script the 404 behind it.
    if (request.method === 'OPTIONS') return resourceOptions(route.resource)
    const session = this.#find(route)
    if (session === undefined) throw this.target.draining ? goingDown() : noSession()
    if (!isEventSource(request, route)) await admitToSession(request, this.config, session)
    if (route.resource === 'session') return this.#session.answer(request, session)
    const extensions = this.#sessions.of(session)
    if (extensions === undefined) throw noSession()
    switch (route.resource) {
      case 'events':
        return eventsResource(request, session, extensions, this.#sessions, this.config)
      case 'event-stream':
        return eventStreamResource(request, extensions, decodeSegment(route.streamSegment) ?? '')
      case 'layer':
        return layerResource(request, session, extensions, this.config)
    }
  }

  #find(route: WhipWhepRoute): SignalingSession | undefined {
    const id = decodeSegment(route.sessionSegment)
    const session = id === undefined ? undefined : this.target.session(id)
    if (session === undefined || session.state === 'closed') return undefined
    // A session has one URL: under another name or protocol it does not exist.
    const role = route.protocol === 'whip' ? 'publisher' : 'viewer'
    const isHere = session.role === role && session.broadcast === decodeSegment(route.nameSegment)
    return isHere ? session : undefined
  }

  #problem(error: unknown): HttpReply {
    const failure = BroadcastError.from(error)
    const retry = { 'retry-after': String(this.config.retryAfterSeconds) }
    // There is nothing to watch under that name yet; WHEP wants 409 for it, never 404.
    const isNotLive = failure.code === 'not-live' || failure.code === 'broadcast-not-found'
    if (isNotLive) return problemResponse(failure, retry, 409)
    const isTimed = failure.details.retryAfterMs !== undefined
    return problemResponse(error, failure.httpStatus === 503 && !isTimed ? retry : {})
  }
}

/** Whether `request` reads an event stream. Browsers send no token then; that the stream's URL is known is proof enough. */
function isEventSource({ method }: HttpRequest, { resource }: WhipWhepRoute): boolean {
  return resource === 'event-stream' && (method === 'GET' || method === 'HEAD')
}

/** So that a client whose session was ended for that reason does not take it for a decision about itself. */
function goingDown(): BroadcastError {
  return new BroadcastError('draining', 'there is no such session; the server is going down')
}

function noSession(): BroadcastError {
  return new BroadcastError('session-not-found', 'there is no such session; it may have ended')
}
