/**
 * The plain exchange of the classic copy-and-paste demo: one POST with an offer, one reply with the answer, no URLs and no
 * roles. The first offer that has media to send becomes the publisher, every later one a viewer.
 */
import type {
  SignalingAnswer,
  SignalingContext,
  SignalingSession,
  SignalingTarget,
} from '../broadcast/signaling-target.js'
import { BroadcastError } from '../errors.js'
import { offerSendsMedia } from '../sdp/peek-direction.js'
import { createLog } from '../util/log.js'
import { type AdapterConfig, type AdapterOptions, adapterConfig, pathOption } from './adapter-options.js'
import { admitOffer } from './admission.js'
import { isBroadcastName } from './broadcast-name.js'
import { withCors } from './cors.js'
import { EXCHANGE_MEDIA_TYPES, readOffer, writeAnswer } from './exchange-forms.js'
import { type SignalingHandler, signalingHandler } from './handler.js'
import type { HttpReply } from './http-reply.js'
import { type HttpRequest, requestUrl } from './http-request.js'
import { readBody } from './read-body.js'
import { redirectResponse } from './redirect.js'
import { emptyResponse, methodNotAllowed, noSuchPath, problemResponse, textResponse } from './responses.js'

const log = createLog('signaling')

const METHODS = 'POST, OPTIONS'

/** Options of {@link plainExchange}. */
export interface PlainExchangeOptions extends AdapterOptions {
  /** The path that takes offers; default '/sdp'. */
  readonly path?: string | undefined
  /** The name of the broadcast that everybody joins; default 'main'. A lone `Broadcast` as target ignores it. */
  readonly broadcast?: string | undefined
}

/**
 * A Fetch handler for `POST /sdp`. The body is base64 of the JSON of a session description, or that JSON, or SDP text, and
 * the answer comes back in the same form; the Content-Type of the request does not matter.
 *
 * When the publisher is gone, the next offer with media to send takes its place. Throws `option-invalid`.
 */
export function plainExchange(target: SignalingTarget, options: PlainExchangeOptions = {}): SignalingHandler {
  const path = pathOption('path', options.path, '/sdp')
  const broadcast = options.broadcast ?? 'main'
  if (!isBroadcastName(broadcast)) {
    throw new BroadcastError('option-invalid', 'option broadcast: expected the name of a broadcast', {
      details: { option: 'broadcast' },
    })
  }
  const exchange = new PlainExchange(target, broadcast, adapterConfig(options))
  const knows = (url: URL): boolean => url.pathname === path
  return signalingHandler(knows, (request) => exchange.handle(request, knows(requestUrl(request))))
}

class PlainExchange {
  #publisher: SignalingSession | undefined
  /** The decision of the last sender; the next one waits for it. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly target: SignalingTarget,
    private readonly broadcast: string,
    private readonly config: AdapterConfig,
  ) {}

  async handle(request: HttpRequest, known: boolean): Promise<HttpReply> {
    let response: HttpReply
    try {
      if (!known) response = noSuchPath()
      else if (request.method === 'OPTIONS') response = emptyResponse(200, { allow: METHODS })
      else if (request.method === 'POST') response = await this.exchange(request)
      else response = methodNotAllowed(request, METHODS)
    } catch (error) {
      response = redirectResponse(error, request, '') ?? problemResponse(error)
    }
    return withCors(response, request, this.config.cors)
  }

  private async exchange(request: HttpRequest): Promise<HttpReply> {
    const { sdp, form } = readOffer(await readBody(request, this.config))
    const { session, sdp: answer } = await this.join(request, sdp)
    if (request.signal.aborted) {
      // There is no URL to end this session by, so it must not outlive the request that nobody reads.
      await session.close('closed')
      throw new BroadcastError('request-invalid', 'the client went away')
    }
    log('plain exchange: session %s is a %s', session.id, session.role)
    return textResponse(200, EXCHANGE_MEDIA_TYPES[form], writeAnswer(form, answer))
  }

  private async join(request: HttpRequest, offer: string): Promise<SignalingAnswer> {
    if (offerSendsMedia(offer) && !this.hasPublisher()) {
      const published = await this.takePlace(offer, await this.admit(request, 'publish'))
      if (published !== undefined) return published
    }
    return this.target.view(offer, await this.admit(request, 'view'))
  }

  private admit(request: HttpRequest, action: 'publish' | 'view'): Promise<SignalingContext> {
    return admitOffer(request, this.config, { action, broadcast: this.broadcast })
  }

  /**
   * Publishes `offer` if the place is free, else resolves to undefined. Senders decide one after the other: of two that
   * come together exactly one gets the place, and if it fails, the other one does.
   */
  private takePlace(offer: string, context: SignalingContext): Promise<SignalingAnswer | undefined> {
    const decision = this.#turn.then(async () => {
      if (this.hasPublisher()) return undefined
      const answer = await this.publish(offer, context)
      this.#publisher = answer?.session
      return answer
    })
    this.#turn = decision.catch(() => {})
    return decision
  }

  private async publish(offer: string, context: SignalingContext): Promise<SignalingAnswer | undefined> {
    try {
      return await this.target.publish(offer, context)
    } catch (error) {
      // Somebody publishes by another way than this exchange, and is to be kept.
      if (BroadcastError.from(error).code === 'publisher-exists') return undefined
      throw error
    }
  }

  private hasPublisher(): boolean {
    const publisher = this.#publisher
    if (publisher === undefined) return false
    if (publisher.state !== 'closed' && this.target.session(publisher.id) !== undefined) return true
    this.#publisher = undefined
    return false
  }
}
