/** Servers of WHIP and WHEP on a network that is not there, for relays that are handed its `fetch`. */

const RID = 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id'

/** A request that came. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly body: string
}

/** What a test answers with instead; undefined for what the server says by itself. */
export type Answer = (request: Seen) => Response | Promise<Response> | undefined

/** Every host of the network is a server with any broadcast. */
export class FakeServers {
  readonly seen: Seen[] = []
  /** The sessions there are, by URL. */
  readonly sessions = new Set<string>()
  /** Hosts that are away. */
  readonly away = new Set<string>()
  /** What each host says of its nodes. */
  readonly paths = new Map<string, string>()
  /** Hosts with event streams, and those that read there. */
  readonly streams = new Map<string, ReadableStreamDefaultController<Uint8Array>[]>()
  answer: Answer = () => undefined
  #count = 0

  readonly fetch: typeof fetch = async (input, init = {}) => {
    const signal = init.signal as AbortSignal
    signal.throwIfAborted()
    const seen = {
      method: init.method ?? 'GET',
      url: String(input),
      headers: new Headers(init.headers),
      body: String(init.body ?? ''),
    }
    const { host } = new URL(seen.url)
    this.seen.push(seen)
    if (this.away.has(host)) throw new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } })
    const answered = this.answer(seen) ?? this.#answer(seen, host)
    const abort = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')), { once: true })
    })
    abort.catch(() => {})
    return Promise.race([answered, abort])
  }

  /** The requests of that method, as far as they matter. */
  of(method: string): string[] {
    return this.seen.filter((request) => request.method === method).map(({ url }) => url)
  }

  /** The newest request of that method. */
  last(method: string): Seen {
    return this.seen.findLast((request) => request.method === method) as Seen
  }

  #answer({ method, url }: Seen, host: string): Response {
    const { pathname, origin } = new URL(url)
    const path = this.paths.get(host)
    const headers = new Headers(path === undefined ? {} : { 'manycast-path': path })
    if (pathname.endsWith('/events')) return this.#events(method, url, host)
    if (method === 'POST') {
      this.#count++
      const location = `${pathname}/s${this.#count}`
      this.sessions.add(`${origin}${location}`)
      headers.set('location', location)
      if (this.streams.has(host)) {
        const relation = 'urn:ietf:params:whep:ext:core:server-sent-events'
        headers.set(
          'link',
          `<stun:x>; rel="ice-server", <${location}/events>; rel="${relation}"; events="active,reconnect"`,
        )
      }
      const simulcast = pathname.startsWith('/whip') ? `\r\na=extmap:8 ${RID}\r\na=simulcast:recv 0;1;2` : ''
      return new Response(`answer-${this.#count}${simulcast}`, { status: 201, headers })
    }
    const isThere = method === 'DELETE' ? this.sessions.delete(url) : this.sessions.has(url)
    return new Response(null, { status: isThere ? 200 : 404, headers })
  }

  #events(method: string, url: string, host: string): Response {
    if (method === 'POST') return new Response(null, { status: 201, headers: { location: `${url}/events` } })
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void this.streams.get(host)?.push(controller),
    })
    return new Response(body, { status: 200 })
  }
}
