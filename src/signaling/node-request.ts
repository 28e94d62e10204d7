/** A request of node:http with as much of a Fetch `Request` as the adapters read, and the `Request` itself for those who want it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BodyLimits } from './body-text.js'
import { setClientAddress } from './client-address.js'
import { readIncoming } from './read-incoming.js'
import { requestBody } from './request-body.js'
import { forwardedAddress, type ProxyTrust } from './trust-proxy.js'

/** Methods that have no Fetch form (Fetch standard, "forbidden method"). */
const FORBIDDEN_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK'])

/** See the top of the file. */
export class NodeRequest {
  readonly method: string
  /** For reading only. */
  readonly parsedUrl: URL
  /** The client's address; undefined on a Unix socket, which has none. */
  readonly address: string | undefined
  readonly headers: NodeHeaders
  readonly signal: GoneSignal
  readonly #incoming: IncomingMessage
  readonly #outgoing: ServerResponse
  #text: Promise<string> | undefined
  #request: Request | undefined

  /** Throws for what HTTP lets through and Fetch has no form for: TRACE and its like, and some hosts and targets. */
  constructor(incoming: IncomingMessage, outgoing: ServerResponse, trust: ProxyTrust) {
    this.method = incoming.method ?? 'GET'
    if (FORBIDDEN_METHODS.has(this.method)) throw new Error(`${this.method} has no Fetch form`)
    this.parsedUrl = requestTarget(incoming)
    this.headers = new NodeHeaders(incoming.rawHeaders)
    this.signal = new GoneSignal(outgoing)
    this.#incoming = incoming
    this.#outgoing = outgoing
    const { remoteAddress } = incoming.socket
    this.address =
      remoteAddress === undefined
        ? undefined
        : forwardedAddress(remoteAddress, this.headers.get('x-forwarded-for'), trust)
  }

  get url(): string {
    return this.parsedUrl.href
  }

  /** The body as text, read only once. Rejects as `readIncoming` does; undefined if the `Request` has it already. */
  text(limits: BodyLimits): Promise<string> | undefined {
    if (this.#request !== undefined && this.#text === undefined) return undefined
    this.#text ??= readIncoming(this.#incoming, limits)
    return this.#text
  }

  /** The Fetch request, always the same one. Its body is a stream; there is none where the body has been read before. */
  toRequest(): Request {
    this.#request ??= this.#makeRequest()
    return this.#request
  }

  #makeRequest(): Request {
    const hasBody = this.method !== 'GET' && this.method !== 'HEAD' && this.#text === undefined
    const init: RequestInit & { duplex: 'half' } = {
      method: this.method,
      headers: [...this.headers],
      body: hasBody ? requestBody(this.#incoming) : null,
      signal: abortSignal(this.#outgoing, this.signal),
      duplex: 'half',
    }
    const request = new Request(this.parsedUrl, init)
    if (this.address !== undefined) setClientAddress(request, this.address)
    return request
  }
}

/** Whether the client went away before the reply was out. */
class GoneSignal {
  readonly #outgoing: ServerResponse

  constructor(outgoing: ServerResponse) {
    this.#outgoing = outgoing
  }

  get aborted(): boolean {
    return this.#outgoing.destroyed && !this.#outgoing.writableFinished
  }
}

/** Header fields as they came: looked up by name, and joined where there are several of that name. */
class NodeHeaders {
  readonly #raw: readonly string[]

  constructor(rawHeaders: readonly string[]) {
    this.#raw = rawHeaders
  }

  /** The value of `name`, or null. */
  get(name: string): string | null {
    const wanted = name.toLowerCase()
    const raw = this.#raw
    let found: string | null = null
    for (let i = 0; i + 1 < raw.length; i += 2) {
      const field = raw[i] as string
      if (field.length !== wanted.length || field.toLowerCase() !== wanted) continue
      found = found === null ? (raw[i + 1] as string) : `${found}, ${raw[i + 1]}`
    }
    return found
  }

  has(name: string): boolean {
    return this.get(name) !== null
  }

  *[Symbol.iterator](): Generator<[string, string]> {
    const raw = this.#raw
    for (let i = 0; i + 1 < raw.length; i += 2) yield [raw[i] as string, raw[i + 1] as string]
  }
}

function abortSignal(outgoing: ServerResponse, gone: GoneSignal): AbortSignal {
  if (gone.aborted) return AbortSignal.abort()
  const controller = new AbortController()
  outgoing.once('close', () => {
    if (gone.aborted) controller.abort()
  })
  return controller.signal
}

function requestTarget(incoming: IncomingMessage): URL {
  // Express cuts its mount path off `url`; the whole path is what session URLs have to begin with.
  const { originalUrl } = incoming as { originalUrl?: unknown }
  const target = typeof originalUrl === 'string' ? originalUrl : (incoming.url ?? '/')
  const scheme = 'encrypted' in incoming.socket ? 'https' : 'http'
  // Glued and not resolved: a target such as //host/path must stay a path.
  const path = target.startsWith('/') ? target : new URL(target).pathname
  const url = new URL(`${scheme}://${incoming.headers.host ?? 'localhost'}${path}`)
  if (url.username !== '' || url.password !== '') throw new Error('a request has no credentials in its URL')
  return url
}
