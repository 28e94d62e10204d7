/** The session as the server has it: an URL, its entity-tag, and its links (RFC 9725, sections 4.2 and 4.3; the WHEP draft). */
import type { ClientError } from './client-error.js'
import { type Http, type HttpReply, locationOf } from './http.js'
import { type Link, parseLinks } from './link-header.js'

const SDP_FRAGMENT = 'application/trickle-ice-sdpfrag'

/** A server that is gone does not answer; one that is there answers such a question fast. */
const ASK_MS = 3000

/** A session on the server. */
export class Resource {
  declare readonly links: readonly Link[]
  readonly #http: Http
  /** Where the links of the session are relative to. */
  readonly #base: string
  /** Undefined from a server that does not tell it, or not to pages of another origin. */
  readonly #url: URL | undefined
  /** Its entity-tag; null from a server that cannot restart ICE. */
  declare tag: string | null

  /** @param created the reply to the offer. */
  constructor(http: Http, { response }: HttpReply) {
    this.#http = http
    this.links = parseLinks(response.headers.get('link'))
    this.#base = response.url
    this.#url = locationOf(response)
    this.tag = this.#url ? response.headers.get('etag') : null
  }

  /** Tells candidates. Does not fail: the server finds the way by our checks, too. */
  async trickle(fragment: string): Promise<void> {
    if (this.tag) await this.#patch(fragment, this.tag).catch(() => {})
  }

  /** Restarts ICE; resolves with the server's fragment. Rejects with a {@link ClientError}. */
  async restart(fragment: string): Promise<string> {
    try {
      const { response, body } = await this.#patch(fragment, '*')
      this.tag = response.headers.get('etag') ?? this.tag
      return body
    } catch (error) {
      // What was refused for good is not asked for again.
      if (!isTransient(error as ClientError)) this.tag = null
      throw error
    }
  }

  /** Asks for the session: resolves with whether the server knows it, or undefined if that cannot be found out. */
  async isThere(): Promise<boolean | undefined> {
    return (
      this.#url &&
      this.#http.send(this.#url, {}, ASK_MS).then(
        () => true,
        // Something in front of a server that is down answers with 502 or the like.
        (error: ClientError) => (isTransient(error) ? undefined : !isGone(error)),
      )
    )
  }

  /** Where the links lead whose relation ends with that. */
  linksTo(relation: string): URL[] {
    return this.links.flatMap(({ rel, target }) => (rel?.endsWith(relation) ? [new URL(target, this.#base)] : []))
  }

  /** Ends it on the server. Does not fail. */
  async leave(): Promise<void> {
    if (this.#url) await this.#http.leave(this.#url)
  }

  #patch(body: string, tag: string): Promise<HttpReply> {
    const headers = { 'content-type': SDP_FRAGMENT, 'if-match': tag }
    return this.#http.send(this.#url as URL, { method: 'PATCH', headers, body })
  }
}

/** Whether the same request may do better in a while. */
export function isTransient({ code, status }: ClientError): boolean {
  return !/^(failed|unsupported|closed|501|3..|4(?!08|25|29)..)$/.test(`${status ?? code}`)
}

/** Whether that is what the URL of a session answers when there is none any more. */
export function isGone({ status }: ClientError): boolean {
  return status === 404 || status === 410
}
