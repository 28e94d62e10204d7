/** Requests of the conformance command, and their replies. */

import { setTimeout } from 'node:timers/promises'

/** Sends a request; `fetch`, or a handler in tests. */
export type Fetcher = (request: Request) => Promise<Response>

/** A reply whose body was read. */
export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}

/** What goes with a request. */
export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** The token that is sent in place of the client's; null for none. */
  readonly token?: string | null
}

/** Bodies of replies are read up to here. */
const MAX_BODY_LENGTH = 1024 * 1024

/** Says who it is by a token, follows nothing, and gives up after a while. */
export class HttpClient {
  readonly #fetch: Fetcher

  constructor(
    fetcher: Fetcher,
    readonly token: string | undefined,
    readonly timeoutMs: number,
  ) {
    this.#fetch = fetcher
  }

  /** Sends a request and reads the reply. Servers that limit rates (RFC 9725, section 5) are asked again when they say so. */
  async send(method: string, url: string, options: RequestOptions = {}): Promise<Reply> {
    const until = Date.now() + this.timeoutMs
    for (;;) {
      const response = await this.open(method, url, options)
      const body = await readText(response)
      const { status, headers } = response
      const waitMs = status === 429 ? retryAfterMs(headers) : undefined
      if (waitMs === undefined || Date.now() + waitMs > until) return { status, headers, body }
      await setTimeout(waitMs)
    }
  }

  /** Sends a request; the body of the reply is left to the caller. */
  open(
    method: string,
    url: string,
    { headers = {}, body, token = this.token }: RequestOptions = {},
  ): Promise<Response> {
    const request = new Request(url, {
      method,
      headers: { ...(typeof token === 'string' ? { authorization: `Bearer ${token}` } : {}), ...headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(this.timeoutMs),
      ...(body === undefined ? {} : { body }),
    })
    return this.#fetch(request)
  }
}

function retryAfterMs(headers: Headers): number | undefined {
  const seconds = headers.get('retry-after') ?? ''
  return /^\d{1,4}$/.test(seconds) ? Number(seconds) * 1000 : undefined
}

async function readText({ body }: Response): Promise<string> {
  if (body === null) return ''
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) {
    text += decoder.decode(chunk as Uint8Array, { stream: true })
    if (text.length > MAX_BODY_LENGTH) break
  }
  return text
}
