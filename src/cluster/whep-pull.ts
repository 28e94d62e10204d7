/** Pulls from other nodes by the relays of `manycast/relay`. */
import type { Broadcast } from '../broadcast/broadcast.js'
import type { Session } from '../broadcast/session.js'
import { pull, type RelayContext, type RelayTarget } from '../relay/index.js'
import { createLog } from '../util/log.js'
import type { PulledMedia, PullMediaOptions, PullSource } from './pull-media.js'

const log = createLog('cluster')

/** A node that does not answer is given up so soon: another one may have the publisher by then. */
const REQUEST_TIMEOUT_MS = 3000
/** Nodes of one cluster are asked again soon: what they refuse passes within the time of a lease. */
const RECONNECT = { firstDelayMs: 100, maxDelayMs: 1000, maxRetryAfterMs: 500 }

/** A publisher of another node, as a relay brings it. */
export function whepPull(broadcast: Broadcast, options: PullMediaOptions): PulledMedia {
  const sources = new Sources(broadcast.name)
  const target: RelayTarget<Session> = {
    name: broadcast.name,
    nodeId: broadcast.nodeId,
    maxRelayDepth: broadcast.maxRelayDepth,
    relayPath: (publishers) => broadcast.relayPath(publishers),
    offerViewer: (context) => broadcast.offerViewer(context),
    async offerPublisher(context: RelayContext) {
      // Its viewers are here already, so that it is no newcomer.
      const offer = await broadcast.offerPublisher({ ...context, essential: true })
      options.onSession(offer.session)
      return offer
    },
  }
  const relay = pull(target, 'http://node.invalid/', {
    as: options.publisher,
    resolveUrl: async () => sources.add(await options.source()),
    fetch: (input, init) => sources.fetch(input, init),
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    reconnect: RECONNECT,
  })
  relay.on('state', () => options.onChange())
  return {
    get connected() {
      return relay.state === 'connected'
    },
    get over() {
      return relay.state === 'closed'
    },
    moveTo(source) {
      // A switch that another one or the end of the relay takes the place of is no failure.
      relay.switchTo(sources.add(source)).catch((error: unknown) => log('a relay was not moved: %O', error))
    },
    close: () => relay.close(),
  }
}

/** The nodes that a relay has to do with, and what is shown to each: no token gets to another node than the one it is for. */
class Sources {
  readonly #broadcast: string
  /** By the URL of the endpoint, in the order in which they came. */
  readonly #sources = new Map<string, PullSource>()

  constructor(broadcast: string) {
    this.#broadcast = broadcast
  }

  /** Takes note of a node; returns its endpoint. */
  add(source: PullSource): string {
    const endpoint = `${source.nodeUrl}/whep/${encodeURIComponent(this.#broadcast)}`
    this.#sources.delete(endpoint)
    this.#sources.set(endpoint, source)
    // The present node, and the one before it, which is being left.
    if (this.#sources.size > 2) this.#sources.delete(this.#sources.keys().next().value ?? '')
    return endpoint
  }

  /** As the global `fetch`, with a token for the node that `input` is at. */
  fetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const url = new URL(input instanceof Request ? input.url : input)
    const path = url.origin + url.pathname
    const at = [...this.#sources].find(([endpoint]) => path === endpoint || path.startsWith(`${endpoint}/`))
    const headers = new Headers(init.headers)
    if (at !== undefined) headers.set('authorization', `Bearer ${at[1].token()}`)
    return globalThis.fetch(input, { ...init, headers })
  }
}
