/** Requests of the conformance command, and their replies. */

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

const TIMEOUT_MS = 10_000
/** Bodies of replies are read up to here. */
const MAX_BODY_LENGTH = 1024 * 1024

/** Says who it is by a token, follows nothing, and gives up after ten seconds. */
export class HttpClient {
  readonly #fetch: Fetcher

  constructor(
    fetcher: Fetcher,
    readonly token: string | undefined,
  ) {
    this.#fetch = fetcher
  }

  /** Sends a request and reads the reply. */
  async send(method: string, url: string, options: RequestOptions = {}): Promise<Reply> {
    const response = await this.open(method, url, options)
    const body = await readText(response)
    return { status: response.status, headers: response.headers, body }
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
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body }),
    })
    return this.#fetch(request)
  }
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
