/** HTTP requests of the client: with the token, within a time, and with errors that say what the server says. */
import { ClientError } from './client-error.js'

/** Without a reply for so long, a request counts as lost. */
const TIMEOUT_MS = 8000

/** A bearer token, or the way to get one; undefined for none. */
export type TokenSource = string | (() => string | undefined | Promise<string | undefined>)

/** What a request is besides its URL. */
export interface HttpRequest {
  readonly method: string
  readonly type?: string
  readonly body?: string
  readonly ifMatch?: string | null
  readonly signal?: AbortSignal
  readonly keepalive?: true
}

/** See the top of the file. */
export class Http {
  readonly #source: TokenSource | undefined
  #token: string | undefined

  constructor(source: TokenSource | undefined) {
    this.#source = source
  }

  /** A reply of success, with its body read. Rejects with a {@link ClientError}. */
  async send(url: URL, request: HttpRequest): Promise<{ readonly response: Response; readonly body: string }> {
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS)
    try {
      const response = await this.open(url, { ...request, signal: abort.signal })
      return { response, body: await response.text().catch(unreachable) }
    } finally {
      clearTimeout(timer)
    }
  }

  /** A reply of success. Rejects with a {@link ClientError}. */
  async open(url: URL, request: HttpRequest): Promise<Response> {
    try {
      this.#token = typeof this.#source === 'function' ? await this.#source() : this.#source
    } catch (cause) {
      throw new ClientError('token-failed', `there is no token: ${cause}`, { cause })
    }
    const response = await this.#fetch(url, request).catch(unreachable)
    if (!response.ok) throw await refusal(response)
    return response
  }

  /** Sends a DELETE, which outlives the page, and does not fail. The request is out when this returns. */
  async leave(url: URL): Promise<void> {
    await this.#fetch(url, { method: 'DELETE', keepalive: true }).catch(() => {})
  }

  #fetch(url: URL, { type, ifMatch, ...init }: HttpRequest): Promise<Response> {
    const headers = {
      ...(type && { 'content-type': type }),
      ...(ifMatch && { 'if-match': ifMatch }),
      ...(this.#token && { authorization: `Bearer ${this.#token}` }),
    }
    return fetch(url, { ...init, headers })
  }
}

/** Where `header` leads: `Location`, relative to where the reply comes from. */
export function locationOf({ headers, url }: Response): URL | undefined {
  const location = headers.get('location')
  return location === null ? undefined : new URL(location, url)
}

function unreachable(cause: unknown): never {
  throw new ClientError('unreachable', 'the server cannot be reached', { cause })
}

/** The server's own words (RFC 9457), unless something in between answered that does not speak problem+json. */
async function refusal(response: Response): Promise<ClientError> {
  const { status } = response
  const problem: Record<string, unknown> = Object(await response.json().catch(() => {}))
  const { code = 'refused', detail = `the server answered ${status}`, details } = problem
  return new ClientError(String(code), String(detail), {
    status,
    details: Object(details),
    retryAfterMs: retryAfterMs(response.headers.get('retry-after')),
  })
}

/** Seconds or a date (RFC 9110, section 10.2.3). */
function retryAfterMs(value: string | null): number | undefined {
  const delayMs = Number(value) * 1000 || Date.parse(value ?? '') - Date.now()
  return delayMs > 0 ? delayMs : undefined
}
