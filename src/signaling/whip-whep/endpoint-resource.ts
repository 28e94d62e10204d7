/** The endpoints of WHIP and WHEP: a POST of an offer opens a session (RFC 9725, section 4.2). */
import type { SignalingAnswer, SignalingContext, SignalingTarget } from '../../broadcast/signaling-target.js'
import { BroadcastError } from '../../errors.js'
import { createLog, printable } from '../../util/log.js'
import { admitOffer } from '../admission.js'
import { broadcastNameOf } from '../broadcast-name.js'
import { isPreflight } from '../cors.js'
import type { HttpReply } from '../http-reply.js'
import { fetchRequest, type HttpRequest, requestUrl } from '../http-request.js'
import { mediaType } from '../media-type.js'
import { readBody } from '../read-body.js'
import { emptyResponse, problemResponse, textResponse } from '../responses.js'
import { entityTag } from './entity-tag.js'
import { iceServerLinks } from './ice-server.js'
import { relayContext, tellRelayPath } from './relay-requests.js'
import { refuseMethod, resourceOptions, SDP } from './resource-methods.js'
import { extensionLinks, type WhepSessions } from './whep-extensions.js'
import type { IceServerContext, WhipWhepConfig } from './whip-whep-options.js'
import { sessionPath, type WhipWhepRoute } from './whip-whep-route.js'

const log = createLog('signaling')

/** Answers at endpoints. */
export class EndpointResource {
  constructor(
    private readonly target: SignalingTarget,
    private readonly sessions: WhepSessions,
    private readonly config: WhipWhepConfig,
  ) {}

  async answer(request: HttpRequest, route: WhipWhepRoute): Promise<HttpReply> {
    const name = broadcastNameOf(route.nameSegment)
    switch (request.method) {
      case 'OPTIONS':
        return this.options(request, route, name)
      case 'GET':
      case 'HEAD':
        if (name === undefined) throw badName()
        // The type without a body is how players discover what an URL is (WHEP).
        return emptyResponse(200, { 'content-type': SDP, 'accept-post': SDP })
      case 'POST':
        if (name === undefined) throw badName()
        return this.post(request, route, name)
      default:
        return refuseMethod(request, 'endpoint')
    }
  }

  private async options(request: HttpRequest, route: WhipWhepRoute, name: string | undefined): Promise<HttpReply> {
    const response = resourceOptions('endpoint')
    // A preflight must not cost anything: it comes without authorization, and with every request (RFC 9725, section 4.6).
    if (name === undefined || isPreflight(request) || this.config.iceServers === undefined) return response
    try {
      await this.admit(request, route, name)
    } catch {
      // What anybody may know is in there; credentials are for those who may open a session.
      return response
    }
    await this.announceIceServers(response, request, { protocol: route.protocol, broadcast: name, session: undefined })
    return response
  }

  private async post(request: HttpRequest, route: WhipWhepRoute, name: string): Promise<HttpReply> {
    const elsewhere = await this.config.redirect(request)
    if (elsewhere !== undefined) return emptyResponse(307, { location: String(elsewhere) })
    if (mediaType(request) !== SDP) {
      const error = new BroadcastError('media-type-unsupported', `the body must be ${SDP}`)
      return problemResponse(error, { 'accept-post': SDP })
    }
    const context = relayContext(request, route.protocol, await this.admit(request, route, name))
    const offer = await readBody(request, this.config)
    if (offer.trim() === '') throw new BroadcastError('request-invalid', 'the body must be an SDP offer; it is empty')
    const answer = await this.open(route, offer, context)
    if (request.signal.aborted) {
      // Nobody is left to take the answer; the session would only wait for its timeout.
      await answer.session.close('closed')
      throw new BroadcastError('request-invalid', 'the client went away')
    }
    return this.created(request, route, answer)
  }

  private admit(request: HttpRequest, { protocol }: WhipWhepRoute, broadcast: string): Promise<SignalingContext> {
    // Publishers of one broadcast may stand side by side under names of their own.
    const { search, searchParams } = requestUrl(request)
    const as = search === '' ? null : searchParams.get('as')
    const action = protocol === 'whip' ? 'publish' : 'view'
    return admitOffer(request, this.config, { action, broadcast, as })
  }

  private open({ protocol }: WhipWhepRoute, offer: string, context: SignalingContext): Promise<SignalingAnswer> {
    if (protocol === 'whip') return this.target.publish(offer, context)
    return this.target.view(offer, this.config.requireLive ? { ...context, requireLive: true } : context)
  }

  private async created(
    request: HttpRequest,
    { protocol }: WhipWhepRoute,
    { sdp, session }: SignalingAnswer,
  ): Promise<HttpReply> {
    log('%s %s: session %s', protocol, printable(session.broadcast), session.id)
    const path = sessionPath(this.config.pathPrefix, protocol, session)
    const response = textResponse(201, SDP, sdp, { location: path, etag: entityTag(session) })
    tellRelayPath(request, session, response)
    const { broadcast, id } = session
    await this.announceIceServers(response, request, { protocol, broadcast, session: id })
    this.sessions.add(session, sdp)
    for (const link of extensionLinks(path, protocol)) response.headers.append('link', link)
    return response
  }

  /** Without them, most clients get connected all the same: a failure is no reason to refuse the session. */
  private async announceIceServers(
    response: HttpReply,
    request: HttpRequest,
    context: Omit<IceServerContext, 'request'>,
  ): Promise<void> {
    const { iceServers } = this.config
    if (iceServers === undefined) return
    try {
      const links = iceServerLinks((await iceServers({ ...context, request: fetchRequest(request) })) ?? [])
      for (const link of links) response.headers.append('link', link)
    } catch (error) {
      log('iceServers failed: %O', error)
    }
  }
}

function badName(): BroadcastError {
  return new BroadcastError(
    'request-invalid',
    'the name of a broadcast is 1 to 128 letters, digits, dots, hyphens, underscores or tildes',
  )
}
