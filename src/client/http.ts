/** HTTP requests of the client: with the token, within a time, and with errors that say what the server says. */
import { ClientError } from './client-error.js'

/** Without a reply for so long, a request counts as lost. */
const TIMEOUT_MS = 8000

/** A bearer token, or the way to get one; undefined for none. */
export type TokenSource = string | (() => string | undefined | Promise<string | undefined>)

/** What a request is besides its URL; the token is added. */
export type HttpRequest = RequestInit & { readonly headers?: Readonly<Record<string, string>> }

/** A reply of success, with its body read. */
export interface HttpReply {
  readonly response: Response
  readonly body: string
}

/** See the top of the file. */
export class Http {
  readonly #source: TokenSource | undefined
  #token: string | undefined

  constructor(source: TokenSource | undefined) {
    this.#source = source
  }

  /** A reply of success, with its body read. Rejects with a {@link ClientError}. */
  async send(url: URL, request: HttpRequest, timeoutMs = TIMEOUT_MS): Promise<HttpReply> {
    const response = await this.open(url, { ...request, signal: AbortSignal.timeout(timeoutMs) })
    return { response, body: await response.text().catch(unreachable) }
  }

  /** The same for a POST of a `body` of the media type `application/{subtype}`. */
  post(url: URL, subtype: string, body: string): Promise<HttpReply> {
    return this.send(url, { method: 'POST', headers: { 'content-type': `application/${subtype}` }, body })
  }

  /** The same for JSON. */
  postJson(url: URL, value: unknown): Promise<HttpReply> {
    return this.post(url, 'json', JSON.stringify(value))
  }

  /** A reply of success. Rejects with a {@link ClientError}. */
  async open(url: URL, request: HttpRequest): Promise<Response> {
    try {
      this.#token = typeof this.#source === 'function' ? await this.#source() : this.#source
    } catch (cause) {
      throw new ClientError('token-failed', `no token: ${cause}`, { cause })
    }
    const response = await this.#fetch(url, request).catch(unreachable)
    if (!response.ok) throw await refusal(response)
    return response
  }

  /** Sends a DELETE, which outlives the page, and does not fail. The request is out when this returns. */
  async leave(url: URL): Promise<void> {
    await this.#fetch(url, { method: 'DELETE', keepalive: true }).catch(() => {})
  }

  #fetch(url: URL, request: HttpRequest): Promise<Response> {
    const authorization = this.#token && { authorization: `Bearer ${this.#token}` }
    return fetch(url, { ...request, headers: { ...request.headers, ...authorization } })
  }
}

/** Where the reply's `Location` leads, relative to where it comes from. */
export function locationOf({ headers, url }: Response): URL | undefined {
  const location = headers.get('location')
  return location ? new URL(location, url) : undefined
}

function unreachable(cause: unknown): never {
  throw new ClientError('unreachable', 'the server is unreachable', { cause })
}

/** The server's own words (RFC 9457), unless something in between answered that does not speak problem+json. */
async function refusal(response: Response): Promise<ClientError> {
  const { status } = response
  const problem: Record<string, unknown> = Object(await response.json().catch(() => {}))
  const { code = 'refused', detail = `the server answered ${status}`, details } = problem
  // Seconds or a date (RFC 9110, section 10.2.3).
  const retryAfter = response.headers.get('retry-after') as string
  const delayMs = Number(retryAfter) * 1000 || Date.parse(retryAfter) - Date.now()
  return new ClientError(String(code), detail as string, {
    status,
    details: Object(details),
    retryAfterMs: delayMs > 0 ? delayMs : undefined,
  })
}
