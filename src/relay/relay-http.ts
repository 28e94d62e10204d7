/**
 * HTTP requests of a relay: with the token where it may go, along redirects (RFC 9725, section 4.5), within a time, and never more of a reply than is
 * needed.
 */
import { BroadcastError } from '../errors.js'
import type { RelayConfig } from './relay-options.js'
import { refusal } from './relay-refusal.js'

/** So many redirects are followed, one after the other. */
const MAX_REDIRECTS = 5

/** What a request is besides its URL; the token and the headers of the application are added. */
export interface RelayRequest {
  readonly method: 'POST' | 'GET' | 'DELETE'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Gives it up. */
  readonly signal?: AbortSignal
  /** In place of `requestTimeoutMs`. */
  readonly timeoutMs?: number
}

/** A reply of success, with its body read. */
export interface RelayReply {
  /** What has answered, after redirects. */
  readonly url: URL
  readonly headers: Headers
  readonly body: string
}

/** What requests need of a relay's configuration. */
export type RelayHttpConfig = Pick<
  RelayConfig,
  'token' | 'headers' | 'trustedHosts' | 'requestTimeoutMs' | 'maxBodyBytes' | 'fetch' | 'time'
>

/** The requests about one endpoint and what it leads to. */
export class RelayHttp {
  readonly #config: RelayHttpConfig
  readonly #endpoint: URL

  /** @param endpoint what the application has named; its origin may have the token. */
  constructor(config: RelayHttpConfig, endpoint: URL) {
    this.#config = config
    this.#endpoint = endpoint
  }

  /** A reply of success. Rejects with `relay-unreachable`, `relay-refused`, `relay-loop`, `relay-too-deep`; with `closed` if given up. */
  async send(url: URL, request: RelayRequest): Promise<RelayReply> {
    const { time, requestTimeoutMs } = this.#config
    const abort = new AbortController()
    const giveUp = (): void => abort.abort()
    const cancelTimer = time.setTimer(request.timeoutMs ?? requestTimeoutMs, giveUp)
    request.signal?.addEventListener('abort', giveUp, { once: true })
    if (request.signal?.aborted) giveUp()
    try {
      const { response, url: answered } = await this.#follow(url, request, abort.signal)
      const body = await readText(response, this.#config.maxBodyBytes)
      if (!response.ok) throw refusal(response, body, time.unixMs())
      return { url: answered, headers: response.headers, body }
    } catch (error) {
      throw this.#failure(error, url, request.signal)
    } finally {
      cancelTimer()
      request.signal?.removeEventListener('abort', giveUp)
    }
  }

  /** A reply of success whose body is read by the caller, for as long as it comes. Rejects as `send` does. */
  async open(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response> {
    try {
      const { response } = await this.#follow(url, { method: 'GET', headers }, signal)
      if (response.ok) return response
      throw refusal(response, await readText(response, this.#config.maxBodyBytes), this.#config.time.unixMs())
    } catch (error) {
      throw this.#failure(error, url, signal)
    }
  }

  async #follow(first: URL, request: RelayRequest, signal: AbortSignal): Promise<{ response: Response; url: URL }> {
    let url = first
    for (let redirects = 0; ; redirects++) {
      const init: RequestInit = { method: request.method, redirect: 'manual', signal }
      init.headers = { ...(await this.#credentials(url)), ...request.headers }
      if (request.body !== undefined) init.body = request.body
      const response = await this.#config.fetch(url, init)
      if (response.status < 300 || response.status >= 400) return { response, url }
      await response.body?.cancel()
      const next = redirectOf(response, url)
      if (next === undefined) throw unreachable(url, `it answers ${response.status}, which is no redirect to follow`)
      if (redirects === MAX_REDIRECTS) throw unreachable(url, 'it redirects again and again')
      url = next
    }
  }

  /** Nothing for those that the application has not named. */
  async #credentials(url: URL): Promise<Readonly<Record<string, string>>> {
    const { token, headers, trustedHosts } = this.#config
    const isDowngrade = this.#endpoint.protocol === 'https:' && url.protocol !== 'https:'
    const isTrusted = url.origin === this.#endpoint.origin || (trustedHosts.has(url.host) && !isDowngrade)
    if (!isTrusted) return {}
    const value = typeof token === 'function' ? await askToken(token) : token
    return value === undefined ? headers : { ...headers, authorization: `Bearer ${value}` }
  }

  #failure(error: unknown, url: URL, signal: AbortSignal | undefined): BroadcastError {
    if (signal?.aborted) return new BroadcastError('closed', 'the request was given up')
    if (error instanceof BroadcastError) return error
    const isLate = error instanceof Error && error.name === 'AbortError'
    return unreachable(url, isLate ? 'it takes too long' : causeText(error), error)
  }
}

async function askToken(token: () => string | undefined | Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await token()
  } catch (cause) {
    throw new BroadcastError('relay-refused', 'there is no token for the other server', { cause })
  }
}

function redirectOf(response: Response, from: URL): URL | undefined {
  const location = response.headers.get('location')
  if ((response.status !== 307 && response.status !== 308) || location === null) return undefined
  const url = URL.canParse(location, from.href) ? new URL(location, from) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) ? url : undefined
}

function unreachable(url: URL, why: string, cause?: unknown): BroadcastError {
  return new BroadcastError('relay-unreachable', `${url.origin} does not answer: ${why}`, { cause })
}

/** What `fetch` hides in the cause: ECONNREFUSED and the like. */
function causeText(error: unknown): string {
  const { cause } = Object(error) as { cause?: unknown }
  const { code, message } = Object(cause ?? error) as { code?: unknown; message?: unknown }
  return String(code ?? message ?? error)
}

async function readText(response: Response, maxBytes: number): Promise<string> {
  if (response.body === null) return ''
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    // Leaving the loop cancels the rest.
    if (bytes > maxBytes) throw new BroadcastError('relay-unreachable', `the reply has more than ${maxBytes} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
