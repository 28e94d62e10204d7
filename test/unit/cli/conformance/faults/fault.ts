/** Ways to break a server that is right, one at a time. */
import type { FetchHandler } from '../../../../../src/signaling/index.js'

/** One of them. */
export interface Fault {
  readonly name: string
  /** Which endpoint shows it; WHIP by default. */
  readonly protocol?: 'whip' | 'whep'
  /** The checks of its group that find it: all of these, and no others. */
  readonly fails: readonly string[]
  breaks(next: FetchHandler): FetchHandler
}

type Match = (request: Request, response: Response) => boolean

/** What of a reply is different. */
export interface Edit {
  readonly status?: number
  /** null takes a header away. */
  readonly headers?: Readonly<Record<string, string | null>>
  readonly body?: (text: string) => string
}

/** Changes the replies that match. */
export function reply(match: Match, edit: Edit | ((response: Response, request: Request) => Edit | Promise<Edit>)) {
  return (next: FetchHandler): FetchHandler =>
    async (request) => {
      const response = await next(request.clone())
      if (!match(request, response)) return response
      const change = typeof edit === 'function' ? await edit(response, request) : edit
      const headers = new Headers(response.headers)
      for (const [name, value] of Object.entries(change.headers ?? {})) {
        if (value === null) headers.delete(name)
        else headers.set(name, value)
      }
      const status = change.status ?? response.status
      const text = await response.text()
      const body = change.body === undefined ? text : change.body(text)
      headers.delete('content-length')
      return new Response(status === 204 || body === '' ? null : body, { status, headers })
    }
}

/** Answers the requests that match by itself. */
export function instead(match: (request: Request) => boolean | Promise<boolean>, status: number, headers = {}) {
  return (next: FetchHandler): FetchHandler =>
    async (request) =>
      (await match(request.clone())) ? new Response(null, { status, headers }) : next(request)
}

/** Changes the requests that match, before the server sees them. */
export function request(
  match: (request: Request) => boolean | Promise<boolean>,
  change: { headers?: Readonly<Record<string, string | null>>; body?: (text: string) => string },
) {
  return (next: FetchHandler): FetchHandler =>
    async (original) => {
      if (!(await match(original.clone()))) return next(original)
      const headers = new Headers(original.headers)
      for (const [name, value] of Object.entries(change.headers ?? {})) {
        if (value === null) headers.delete(name)
        else headers.set(name, value)
      }
      const text = await original.text()
      const { method, url } = original
      const body = change.body === undefined ? text : change.body(text)
      return next(new Request(url, { method, headers, ...(body === '' ? {} : { body }) }))
    }
}

const segments = ({ url }: Request): number => new URL(url).pathname.split('/').length - 1

/** Whether a request goes to an endpoint, a session, or what is below it. */
export const at = {
  endpoint: (one: Request): boolean => segments(one) === 2,
  session: (one: Request): boolean => segments(one) === 3,
  events: (one: Request): boolean => segments(one) === 4 && one.url.endsWith('/events'),
  stream: (one: Request): boolean => segments(one) === 5,
  layer: (one: Request): boolean => one.url.endsWith('/layer'),
}

/** Whether a reply is that of an offer that was taken. */
export const isCreated: Match = (one, { status }) => at.endpoint(one) && one.method === 'POST' && status === 201

/** Whether the body of a request has that text. */
export const has =
  (text: string | RegExp) =>
  async (one: Request): Promise<boolean> => {
    const body = await one.text()
    return typeof text === 'string' ? body.includes(text) : text.test(body)
  }
