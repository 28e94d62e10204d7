/**
 * Offers of this side that have no answer yet. Their ICE credentials are theirs from the start; what comes for them before the answer says who
 * the other side is, is dropped and counted.
 */
import type { ViewerSettings } from '../media/egress/viewer-settings.js'
import type { LocalParameters } from '../sdp/types.js'
import type { WrittenOffer } from '../sdp/write-offer.js'
import type { DatagramMux } from '../transport/udp/datagram-mux.js'
import type { MuxPeer } from '../transport/udp/mux-peer.js'
import type { UdpMux } from '../transport/udp/udp-mux.js'
import type { Deadline, Scheduler } from '../util/scheduler.js'
import type { OfferPublisherRequest, OfferViewerRequest, PeerRole, PeerStats } from './types.js'

/** One of them. */
export type PendingOffer = {
  readonly offer: WrittenOffer
  readonly local: LocalParameters
  /** Its port, if it has one of its own. */
  readonly mux?: UdpMux
  /** What a viewer was told to want since. */
  readonly settings: ViewerSettings[]
} & (
  | { readonly role: 'publisher'; readonly request: OfferPublisherRequest }
  | { readonly role: 'viewer'; readonly request: OfferViewerRequest }
)

interface Entry {
  readonly pending: PendingOffer
  readonly muxPeer: MuxPeer
  readonly deadline: Deadline
}

/** What they need of their shard. */
export interface PendingOffersOptions {
  readonly mux: DatagramMux
  readonly scheduler: Scheduler
  /** How long an answer is waited for. */
  readonly timeoutMs: number
  /** No answer has come; the offer is still in the table. */
  onTimeout(peerId: string, detail: string): void
}

/** See the top of the file. */
export class PendingOffers {
  readonly #options: PendingOffersOptions
  readonly #entries = new Map<string, Entry>()

  constructor(options: PendingOffersOptions) {
    this.#options = options
  }

  /** Waits for the answer to `pending`. */
  add(pending: PendingOffer): void {
    const { scheduler, timeoutMs, onTimeout } = this.#options
    const { mux = this.#options.mux } = pending
    const { peerId } = pending.request
    const muxPeer = deafPeer(mux)
    mux.addPeer(pending.local.iceUfrag, muxPeer)
    const deadline = scheduler.after(timeoutMs, () => onTimeout(peerId, `no answer after ${timeoutMs} ms`))
    this.#entries.set(peerId, { pending, muxPeer, deadline })
  }

  /** The offer of that peer; undefined if it has none, or it was taken. */
  get(peerId: string): PendingOffer | undefined {
    return this.#entries.get(peerId)?.pending
  }

  /** Waits no more: it was answered, or is not wanted any longer. */
  take(peerId: string): PendingOffer | undefined {
    const entry = this.#entries.get(peerId)
    if (!entry) return undefined
    this.#entries.delete(peerId)
    entry.deadline.cancel()
    const { pending, muxPeer } = entry
    const { mux = this.#options.mux } = pending
    mux.removePeer(muxPeer)
    return pending
  }

  /** The peers that wait. */
  peerIds(): string[] {
    return [...this.#entries.keys()]
  }

  /** How many of that role wait. */
  count(role: PeerRole): number {
    return [...this.#entries.values()].filter(({ pending }) => pending.role === role).length
  }

  /** Snapshots of the peers of a broadcast, or of one peer. */
  stats(matches: (request: PendingOffer['request']) => boolean): PeerStats[] {
    return [...this.#entries.values()].flatMap(({ pending: { request, role } }) => {
      const { peerId, broadcastId } = request
      return matches(request) ? [{ peerId, broadcastId, role, state: 'connecting' }] : []
    })
  }
}

/** Checks cannot be the peer's before its ufrag is known; it repeats them. Nothing else can come, as no address belongs to it. */
function deafPeer(mux: DatagramMux): MuxPeer {
  const ignore = (): void => {}
  return {
    progress: 'new',
    onStunRequest: () => {
      mux.counters.stunBeforeAnswer++
    },
    onStunResponse: ignore,
    onDtls: ignore,
    onSrtp: ignore,
    onAddressLost: ignore,
    onDefect: ignore,
  }
}
