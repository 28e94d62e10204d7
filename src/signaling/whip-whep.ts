/**
 * WHIP (RFC 9725) for publishers and WHEP (draft-ietf-wish-whep) for viewers, as a Fetch handler.
 *
 * A POST of an offer opens a session and answers with its URL; a DELETE of that URL ends it. Trickle ICE and ICE restarts
 * by PATCH are not offered: the answer carries all candidates (RFC 9725, section 4.3.2).
 */
import type { SignalingAnswer, SignalingSession, SignalingTarget } from '../broadcast/signaling-target.js'
import { BroadcastError } from '../errors.js'
import { createLog, printable } from '../util/log.js'
import { type AdapterConfig, type AdapterOptions, adapterConfig, pathOption } from './adapter-options.js'
import { admitOffer, admitToSession } from './admission.js'
import { broadcastNameOf } from './broadcast-name.js'
import { withCors } from './cors.js'
import { type SignalingHandler, signalingHandler } from './handler.js'
import { mediaType } from './media-type.js'
import { readBody } from './read-body.js'
import {
  emptyResponse,
  methodNotAllowed,
  noSuchPath,
  notLiveResponse,
  problemResponse,
  textResponse,
} from './responses.js'
import { type Protocol, type WhipWhepRoute, whipWhepRoute } from './whip-whep-route.js'

const log = createLog('signaling')

const SDP = 'application/sdp'
const ENDPOINT_METHODS = 'POST, GET, HEAD, OPTIONS'
const SESSION_METHODS = 'DELETE, GET, HEAD, OPTIONS'

/** Options of {@link whipWhep}. */
export interface WhipWhepOptions extends AdapterOptions {
  /** The path in front of `/whip/:name` and `/whep/:name`, such as `/media`; default ''. */
  readonly pathPrefix?: string | undefined
}

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
  const adapter = new WhipWhep(target, pathOption('pathPrefix', options.pathPrefix, ''), adapterConfig(options))
  return signalingHandler(
    (url) => adapter.route(url) !== undefined,
    (request) => adapter.handle(request),
  )
}

class WhipWhep {
  constructor(
    private readonly target: SignalingTarget,
    private readonly prefix: string,
    private readonly config: AdapterConfig,
  ) {}

  route(url: URL): WhipWhepRoute | undefined {
    return whipWhepRoute(url.pathname, this.prefix)
  }

  async handle(request: Request): Promise<Response> {
    let response: Response
    try {
      const route = this.route(new URL(request.url))
      if (route === undefined) response = noSuchPath()
      else if (route.sessionSegment === undefined) response = await this.endpoint(request, route)
      else response = await this.session(request, route, route.sessionSegment)
    } catch (error) {
      response = problemResponse(error)
    }
    return withCors(response, request, this.config.cors)
  }

  private async endpoint(request: Request, route: WhipWhepRoute): Promise<Response> {
    const name = broadcastNameOf(route.nameSegment)
    switch (request.method) {
      case 'OPTIONS':
        return emptyResponse(200, { allow: ENDPOINT_METHODS, 'accept-post': SDP })
      case 'GET':
      case 'HEAD':
        if (name === undefined) return problemResponse(badName())
        // The type without a body is how players discover what an URL is (WHEP).
        return emptyResponse(200, { 'content-type': SDP, 'accept-post': SDP })
      case 'POST':
        if (name === undefined) return problemResponse(badName())
        return this.open(request, route.protocol, name)
      default:
        return methodNotAllowed(request, ENDPOINT_METHODS)
    }
  }

  private async open(request: Request, protocol: Protocol, name: string): Promise<Response> {
    if (mediaType(request) !== SDP) {
      const error = new BroadcastError('media-type-unsupported', `the body must be ${SDP}`)
      return problemResponse(error, { 'accept-post': SDP })
    }
    // Publishers of one broadcast may stand side by side under names of their own.
    const as = new URL(request.url).searchParams.get('as')
    const action = protocol === 'whip' ? 'publish' : 'view'
    const context = await admitOffer(request, this.config, { action, broadcast: name, as })
    const offer = await readBody(request, this.config)
    if (offer.trim() === '') throw new BroadcastError('request-invalid', 'the body must be an SDP offer; it is empty')
    let answer: SignalingAnswer
    try {
      answer = await (protocol === 'whip' ? this.target.publish(offer, context) : this.target.view(offer, context))
    } catch (error) {
      const failure = BroadcastError.from(error)
      if (protocol === 'whep' && failure.code === 'broadcast-not-found') return notLiveResponse(failure)
      throw error
    }
    const { session } = answer
    if (request.signal.aborted) {
      // Nobody is left to take the answer; the session would only wait for its timeout.
      await session.close('closed')
      throw new BroadcastError('request-invalid', 'the client went away')
    }
    log('%s %s: session %s', protocol, printable(name), session.id)
    return textResponse(201, SDP, answer.sdp, { location: this.sessionPath(protocol, session) })
  }

  /** The name comes from the session: a lone `Broadcast` as target has its own, whatever the client asked for. */
  private sessionPath(protocol: Protocol, session: SignalingSession): string {
    return `${this.prefix}/${protocol}/${encodeURIComponent(session.broadcast)}/${encodeURIComponent(session.id)}`
  }

  private async session(request: Request, route: WhipWhepRoute, segment: string): Promise<Response> {
    // Before the look-up: a preflight must not fail, or the browser could never show the script the 404 behind it.
    if (request.method === 'OPTIONS') return emptyResponse(200, { allow: SESSION_METHODS })
    const session = this.find(route, segment)
    if (session === undefined) {
      return problemResponse(new BroadcastError('session-not-found', 'there is no such session; it may have ended'))
    }
    await admitToSession(request, this.config, session)
    switch (request.method) {
      case 'GET':
      case 'HEAD':
        return emptyResponse(200)
      case 'DELETE':
        await session.close('closed')
        return emptyResponse(200)
      default:
        return methodNotAllowed(request, SESSION_METHODS)
    }
  }

  private find(route: WhipWhepRoute, segment: string): SignalingSession | undefined {
    const id = decodeSegment(segment)
    const session = id === undefined ? undefined : this.target.session(id)
    if (session === undefined || session.state === 'closed') return undefined
    // A session has one URL: under another name or protocol it does not exist.
    const role = route.protocol === 'whip' ? 'publisher' : 'viewer'
    const isHere = session.role === role && session.broadcast === decodeSegment(route.nameSegment)
    return isHere ? session : undefined
  }
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

function badName(): BroadcastError {
  return new BroadcastError(
    'request-invalid',
    'the name of a broadcast is 1 to 128 letters, digits, dots, hyphens, underscores or tildes',
  )
}
