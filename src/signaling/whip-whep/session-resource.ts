/** The URL of a session: DELETE ends it, PATCH trickles ICE candidates or restarts ICE (RFC 9725, sections 4.2 and 4.3). */
import type { SignalingSession, TrickleResult } from '../../broadcast/signaling-target.js'
import { BroadcastError } from '../../errors.js'
import type { HttpReply } from '../http-reply.js'
import type { HttpRequest } from '../http-request.js'
import { mediaType } from '../media-type.js'
import { readBody } from '../read-body.js'
import { emptyResponse, problemResponse, textResponse } from '../responses.js'
import { entityTag, matchesEntityTag } from './entity-tag.js'
import { tellRelayPath } from './relay-requests.js'
import { refuseMethod, SDP_FRAGMENT } from './resource-methods.js'
import type { WhipWhepConfig } from './whip-whep-options.js'

/** Answers at session URLs. */
export class SessionResource {
  readonly #config: WhipWhepConfig
  /** The PATCH of each session that is being carried out, and those that wait for it: what they match is the tag after it. */
  readonly #turns = new WeakMap<SignalingSession, Promise<unknown>>()

  constructor(config: WhipWhepConfig) {
    this.#config = config
  }

  async answer(request: HttpRequest, session: SignalingSession): Promise<HttpReply> {
    switch (request.method) {
      case 'GET':
      case 'HEAD':
        return this.#present(request, session)
      case 'DELETE':
        // Whatever entity-tag it comes with (RFC 9725, section 4.3.1).
        await session.close('closed')
        return emptyResponse(200)
      case 'PATCH':
        return this.#patch(request, session)
      default:
        return refuseMethod(request, 'session')
    }
  }

  #present(request: HttpRequest, session: SignalingSession): HttpReply {
    const response = emptyResponse(200)
    tellRelayPath(request, session, response)
    return response
  }

  async #patch(request: HttpRequest, session: SignalingSession): Promise<HttpReply> {
    if (mediaType(request) !== SDP_FRAGMENT) {
      const error = new BroadcastError('media-type-unsupported', `the body must be ${SDP_FRAGMENT}`)
      return problemResponse(error, { 'accept-patch': SDP_FRAGMENT })
    }
    const condition = request.headers.get('if-match')
    if (condition === null) {
      throw new BroadcastError('precondition-required', 'If-Match must say which ICE session the request is for')
    }
    const fragment = await readBody(request, this.#config)
    const [result, tag] = await this.#inTurn(session, () => this.#trickle(session, condition, fragment))
    if (!result.restarted) return emptyResponse(204)
    return textResponse(200, SDP_FRAGMENT, result.fragment, { etag: tag })
  }

  async #trickle(
    session: SignalingSession,
    condition: string,
    fragment: string,
  ): Promise<readonly [result: TrickleResult, tag: string]> {
    if (!matchesEntityTag(condition, entityTag(session))) {
      throw new BroadcastError('precondition-failed', 'the request is for another ICE session than the present one')
    }
    const result = await session.trickle(fragment)
    return [result, entityTag(session)]
  }

  #inTurn<T>(session: SignalingSession, fn: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(session) ?? Promise.resolve()).then(fn)
    this.#turns.set(
      session,
      turn.catch(() => {}),
    )
    return turn
  }
}
