/**
 * The endpoint that is tested, and the sessions that checks have opened there. They are ended before the next check: many servers take one
 * publisher at a time.
 */
import { type AnswerView, viewAnswer } from './answer-view.js'
import { CheckFailure, CheckSkipped } from './check-outcome.js'
import type { HttpClient, Reply, RequestOptions } from './http-client.js'
import { createFragment, createOffer, type Offer, type OfferOptions } from './offer.js'

export const SDP = 'application/sdp'
export const SDP_FRAGMENT = 'application/trickle-ice-sdpfrag'

/** A session that a check has opened. */
export interface TestedSession {
  readonly url: string
  readonly offer: Offer
  readonly answer: AnswerView
  readonly created: Reply
  /** The `ETag` of the 201; '' without one. */
  readonly tag: string
}

/** How long things that may not come are waited for. */
export interface Patience {
  /** Servers tell how things are at the beginning, or say nothing for as long as nothing happens. */
  readonly firstEventsMs: number
  /** For a stream that should end. */
  readonly endMs: number
}

/** What checks ask. */
export class TestedServer {
  /** URLs of sessions that are to be ended. */
  readonly #opened = new Set<string>()
  #sample: Promise<TestedSession> | undefined

  constructor(
    readonly protocol: 'whip' | 'whep',
    readonly endpoint: string,
    readonly http: HttpClient,
    readonly patience: Patience = { firstEventsMs: 1500, endMs: 3000 },
  ) {}

  /** An offer in the direction that the protocol wants. */
  offer(options: OfferOptions = {}): Offer {
    return createOffer({ direction: this.protocol === 'whip' ? 'sendonly' : 'recvonly', ...options })
  }

  /** POSTs `body` to the endpoint; earlier sessions are ended. */
  async post(body: string, options: RequestOptions = {}): Promise<Reply> {
    await this.endSessions()
    return (await this.#post(body, options)).reply
  }

  /** Opens a session; earlier ones are ended. Rejects with `CheckSkipped` where the server wants a publisher first, with `CheckFailure` where it opens none. */
  async open(options: OfferOptions = {}): Promise<TestedSession> {
    await this.endSessions()
    const offer = this.offer(options)
    const { reply, url } = await this.#post(offer.sdp)
    if (reply.status === 409) throw new CheckSkipped('nobody publishes there, and the server wants a publisher (409)')
    if (reply.status !== 201) throw new CheckFailure(`the offer was answered with ${reply.status}, not 201`)
    if (url === undefined) throw new CheckFailure('the 201 has no Location')
    return { url, offer, answer: viewAnswer(reply.body), created: reply, tag: reply.headers.get('etag') ?? '' }
  }

  /** The reply to one plain offer, for checks that only look at that; the session is over by then. */
  async sample(): Promise<TestedSession> {
    this.#sample ??= this.open()
    const session = await this.#sample
    await this.endSessions()
    return session
  }

  /** PATCHes a session with a fragment, and `If-Match` unless that is null. */
  patch(session: TestedSession, fragment: string, ifMatch: string | null, type = SDP_FRAGMENT): Promise<Reply> {
    return this.http.send('PATCH', session.url, {
      headers: { 'content-type': type, ...(ifMatch === null ? {} : { 'if-match': ifMatch }) },
      body: fragment,
    })
  }

  /** Opens a session for the checks of PATCH, if the server takes that at all. */
  async patchable(): Promise<TestedSession> {
    const session = await this.open()
    const { status } = await this.patch(session, createFragment(session.offer), session.tag === '' ? '*' : session.tag)
    if (status === 405 || status === 501) throw new CheckSkipped(`the server takes no PATCH (${status})`)
    if (status === 422) throw new CheckSkipped('the server does not take trickled candidates (422)')
    return session
  }

  /** Ends all sessions that are left. */
  async endSessions(): Promise<void> {
    const urls = [...this.#opened]
    this.#opened.clear()
    await Promise.allSettled(urls.map((url) => this.http.send('DELETE', url)))
  }

  /** Follows one redirection, as clients have to (RFC 9725, section 4.5). The URL is that of the session, if there is one now. */
  async #post(body: string, options: RequestOptions = {}): Promise<{ reply: Reply; url: string | undefined }> {
    const init = { ...options, headers: { 'content-type': SDP, ...options.headers }, body }
    let url = this.endpoint
    let reply = await this.http.send('POST', url, init)
    if (reply.status === 307 || reply.status === 308) {
      url = new URL(reply.headers.get('location') ?? '', url).href
      reply = await this.http.send('POST', url, init)
    }
    const location = reply.status === 201 ? reply.headers.get('location') : null
    if (location === null || !URL.canParse(location, url)) return { reply, url: undefined }
    const session = new URL(location, url).href
    this.#opened.add(session)
    return { reply, url: session }
  }
}
