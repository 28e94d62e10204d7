/** The hook in front of the application's: lets in other nodes' relays and clients that another node has sent here, and asks the application about all else. */
import { randomBytes } from 'node:crypto'
import type { SignalingContext } from '../broadcast/signaling-target.js'
import type { AuthorizationRequest, Authorize, Grant } from '../signaling/index.js'
import type { Clock } from '../util/clock.js'
import type { ClusterKeys } from './cluster-keys.js'
import { passOf, withPass } from './pass.js'
import { type RelayClaims, readRelayToken, writeRelayToken } from './relay-token.js'
import { ReplayGuard } from './replay-guard.js'
import { readTicket, type TicketClaims, writeTicket } from './ticket.js'

/** How far the clocks of two nodes may be apart. */
const CLOCK_TOLERANCE_MS = 5000
/** Tickets and tokens that are remembered as taken; some thousand sessions a second. */
const MAX_TAKEN = 131_072
/** Longer URLs are refused by servers and proxies. */
const MAX_TICKET_LENGTH = 6000

/** What a {@link Gatekeeper} is made with. */
export interface GatekeeperOptions {
  readonly nodeId: string
  readonly keys: ClusterKeys
  readonly ttlMs: number
  readonly authorize: Authorize | undefined
  readonly clock: Clock
  /** The session of that id on this node, as far as it matters here. */
  session(id: string): { readonly metadata: Readonly<Record<string, unknown>> } | undefined
}

/** Whom a ticket is for. */
export interface TicketRequest {
  /** The node that the client is sent to. */
  readonly to: string
  readonly action: 'publish' | 'view'
  readonly broadcast: string
  /** What was granted here. */
  readonly context: SignalingContext
}

/** Writes and reads what nodes show each other. */
export class Gatekeeper {
  readonly #options: GatekeeperOptions
  readonly #taken: ReplayGuard
  /** Tokens and tickets that were ours in form and were not taken: late, for somebody else, or for the second time. */
  refused = 0

  constructor(options: GatekeeperOptions) {
    this.#options = options
    this.#taken = new ReplayGuard(options.clock, MAX_TAKEN)
  }

  /** The hook for every adapter of this node. */
  readonly authorize: Authorize = (request) => {
    const { keys, authorize } = this.#options
    const relay = request.token === undefined ? undefined : readRelayToken(keys.relay, request.token)
    if (relay !== undefined) return this.#counted(this.#relayGrant(relay, request))
    const shown = request.parameter('ticket') ?? request.token
    const ticket = shown === undefined ? undefined : readTicket(keys.ticket, shown)
    if (ticket !== undefined) return this.#counted(this.#ticketGrant(ticket, request))
    return authorize === undefined ? {} : authorize(request)
  }

  /** What a relay of this node shows to node `to`. */
  relayToken(to: string, broadcast: string, publisher: string): string {
    const { nodeId: from, keys } = this.#options
    return writeRelayToken(keys.relay, { to, from, broadcast, publisher, ...this.#once() })
  }

  /** What a client shows that is sent to node `to`; undefined if what it was granted is too long for a URL. */
  ticket({ to, action, broadcast, context }: TicketRequest): string | undefined {
    const { nodeId, keys } = this.#options
    const tried = [...(passOf(context.metadata).tried ?? []), nodeId]
    const claims = { to, action, broadcast, tried, grant: grantOf(context), ...this.#once() }
    const ticket = writeTicket(keys.ticket, claims)
    return ticket.length > MAX_TICKET_LENGTH ? undefined : ticket
  }

  #once(): { readonly expiresAtMs: number; readonly nonce: string } {
    const { clock, ttlMs } = this.#options
    return { expiresAtMs: Math.ceil(clock.unixMs() + ttlMs), nonce: randomBytes(12).toString('base64url') }
  }

  #counted(grant: Grant | undefined): Grant | undefined {
    if (grant === undefined) this.refused++
    return grant
  }

  #relayGrant(claims: RelayClaims, { action, broadcast, sessionId }: AuthorizationRequest): Grant | undefined {
    const { from, publisher } = claims
    if (claims.broadcast !== broadcast || !this.#isForHere(claims)) return undefined
    if (action === 'session') {
      // A relay's session is changed by the node that it belongs to.
      const { relay } = passOf(this.#options.session(sessionId ?? '')?.metadata)
      return relay?.from === from && relay.publisher === publisher ? {} : undefined
    }
    if (action !== 'view' || !this.#isFirst(claims)) return undefined
    return { publishers: [publisher], metadata: withPass({ relay: from }, { relay: { from, publisher } }) }
  }

  #ticketGrant(claims: TicketClaims, { action, broadcast }: AuthorizationRequest): Grant | undefined {
    if (claims.action !== action || claims.broadcast !== broadcast) return undefined
    if (!this.#isForHere(claims) || !this.#isFirst(claims)) return undefined
    // Anybody can write a ticket of a cluster without a secret, so that it grants nothing there that anybody has not.
    const grant = this.#options.keys.secret ? claims.grant : {}
    return { ...grant, metadata: withPass(grant.metadata, { tried: claims.tried }) }
  }

  #isForHere({ to, expiresAtMs }: { readonly to: string; readonly expiresAtMs: number }): boolean {
    const { nodeId, clock } = this.#options
    return to === nodeId && clock.unixMs() <= expiresAtMs + CLOCK_TOLERANCE_MS
  }

  #isFirst({ nonce, expiresAtMs }: { readonly nonce: string; readonly expiresAtMs: number }): boolean {
    // Without a secret there is nothing to protect, and a stranger could fill the memory.
    return !this.#options.keys.secret || this.#taken.take(nonce, expiresAtMs + CLOCK_TOLERANCE_MS)
  }
}

/** What a context was granted by, without what the other node finds out by itself. */
function grantOf(context: SignalingContext): Grant {
  const { as, maxBitrateBps, maxViewers, expiresAt, layer, publishers, roles, metadata } = context
  return { as, maxBitrateBps, maxViewers, expiresAt, layer, publishers, roles, metadata }
}
