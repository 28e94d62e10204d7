/** A relay's session as the other server has it: its URL, what it says of itself, and its end (RFC 9725, section 4.2; the WHEP draft). */
import { BroadcastError } from '../errors.js'
import type { RelayHttp, RelayReply } from './relay-http.js'
import { formatRelayPath, parseRelayPath, RELAY_PATH_HEADER } from './relay-path.js'
import { isAnswer, isGone } from './relay-refusal.js'

const EVENTS_RELATION = 'urn:ietf:params:whep:ext:core:server-sent-events'
/** The ones that relays listen to. */
export const RELAY_EVENTS = ['reconnect'] as const

const LINK = /<([^>]*)>((?:[^<"]|"(?:\\.|[^"\\])*")*)/g

/** What became of asking for a session. */
export interface SessionLook {
  /** Whether the server knows it; undefined where that cannot be found out. */
  readonly isThere: boolean | undefined
  /** The nodes that its media come through, if the server says them. */
  readonly path?: readonly string[]
}

/** See the top of the file. */
export class RelayResource {
  /** The nodes that the reply named; none from servers of other makes. */
  readonly path: readonly string[]
  /** Where event streams are made, from a server that has them. */
  readonly eventsUrl: URL | undefined
  readonly #http: RelayHttp
  readonly #url: URL | undefined
  readonly #headers: Readonly<Record<string, string>>
  /** It has answered once. Many servers know no GET, and answer it with 404 whatever there is. */
  #isKnown = false

  /** @param created the reply to the offer. @param asking what requests say of the relay's own nodes. */
  constructor(http: RelayHttp, created: RelayReply, asking: readonly string[]) {
    this.#http = http
    this.#url = resolve(created.headers.get('location'), created.url)
    this.#headers = { [RELAY_PATH_HEADER]: formatRelayPath(asking) }
    this.path = pathOf(created.headers) ?? []
    this.eventsUrl = eventsLink(created)
  }

  /** Asks for the session. Does not fail. */
  async look(timeoutMs: number): Promise<SessionLook> {
    // Nobody can be asked. What ICE finds out has to do.
    if (this.#url === undefined) return { isThere: true }
    try {
      const { headers } = await this.#http.send(this.#url, { method: 'GET', headers: this.#headers, timeoutMs })
      this.#isKnown = true
      const path = pathOf(headers)
      return { isThere: true, ...(path === undefined ? {} : { path }) }
    } catch (error) {
      const failure = BroadcastError.from(error)
      if (isGone(failure)) return { isThere: !this.#isKnown }
      // Older servers answer GET with 405 and the like.
      return { isThere: isAnswer(failure) ? true : undefined }
    }
  }

  /** Ends it on the server. Does not fail. */
  async leave(): Promise<void> {
    if (this.#url === undefined) return
    await this.#http.send(this.#url, { method: 'DELETE' }).catch(() => {})
  }
}

function pathOf(headers: Headers): readonly string[] | undefined {
  const value = headers.get(RELAY_PATH_HEADER)
  return value === null ? undefined : parseRelayPath(value)
}

/** Of a server that tells what relays listen to. */
function eventsLink({ headers, url }: RelayReply): URL | undefined {
  for (const [, target = '', parameters = ''] of (headers.get('link') ?? '').matchAll(LINK)) {
    const of = (name: string) => new RegExp(`;\\s*${name}\\s*=\\s*"?([^";]*)`, 'i').exec(parameters)?.[1]
    if (of('rel')?.trim() !== EVENTS_RELATION) continue
    const told = of('events')
      ?.split(',')
      .map((name) => name.trim())
    if (RELAY_EVENTS.every((name) => told?.includes(name))) return resolve(target, url)
  }
  return undefined
}

function resolve(target: string | null, base: URL): URL | undefined {
  if (target === null || !URL.canParse(target, base.href)) return undefined
  const url = new URL(target, base)
  return /^https?:$/.test(url.protocol) ? url : undefined
}
