/** What a shard counts of its peers besides what they count themselves, and the sums over them. */
import { createEgressLevels } from '../media/egress/egress-sums.js'
import type { LayerEvent, LayerEventReason } from '../media/egress/layer-event.js'
import { Histogram } from '../util/histogram.js'
import { addNumbers } from '../util/number-tree.js'
import type { Feeds } from './feeds.js'
import { inSlices } from './in-slices.js'
import type { Peer } from './peer.js'
import { broadcastSums, createPeerSums, sumBroadcastSums } from './peer-sums.js'
import type { PeerSums, ShardSummary } from './types.js'

const RTT_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2]
const FIRST_VIDEO_SECONDS = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10]

/** The sums over a shard's peers, as far as its books know them. */
export type BookSummary = Pick<
  ShardSummary,
  'sums' | 'levels' | 'layerChanges' | 'rttSeconds' | 'firstVideoSeconds' | 'broadcasts'
>

/** See the top of the file. */
export class ShardBooks {
  /** Of peers that have left. */
  readonly #past = createPeerSums()
  readonly #layerChanges: Partial<Record<LayerEventReason, number>> = {}
  readonly #rtt = new Histogram(RTT_SECONDS)
  readonly #firstVideo = new Histogram(FIRST_VIDEO_SECONDS)
  /** Viewers of a live broadcast without a video so far, and when they came. */
  readonly #waitingSinceMs = new Map<string, number>()

  /** A round trip time of a viewer. */
  readonly onRtt = (rttMs: number): void => this.#rtt.observe(rttMs / 1000)

  /** A viewer has come to a broadcast that is live. */
  viewerAdded(peerId: string, nowMs: number): void {
    this.#waitingSinceMs.set(peerId, nowMs)
  }

  /** Something else is forwarded to a viewer. */
  layerChanged(peerId: string, { live, reason }: LayerEvent, nowMs: number): void {
    this.#layerChanges[reason] = (this.#layerChanges[reason] ?? 0) + 1
    const sinceMs = live ? this.#waitingSinceMs.get(peerId) : undefined
    if (sinceMs === undefined) return
    this.#waitingSinceMs.delete(peerId)
    this.#firstVideo.observe((nowMs - sinceMs) / 1000)
  }

  /** A peer has left. Returns what it has counted. */
  peerLeft(peer: Peer): PeerSums {
    this.#waitingSinceMs.delete(peer.peerId)
    const sums = createPeerSums()
    peer.addTo(sums)
    addNumbers(this.#past, sums)
    return sums
  }

  /** Sums over the peers and those that have left, in slices. */
  async summary(
    peers: Iterable<Peer>,
    feeds: Feeds,
    broadcastIds: readonly string[],
    nowMs: () => number,
  ): Promise<BookSummary> {
    // Who leaves while the sums are made is missing in them, rather than in them twice: counters that are read later only grow then.
    const sums = createPeerSums()
    addNumbers(sums, this.#past)
    const past = new Map(broadcastIds.map((id) => [id, feeds.find(id)?.pastSums]))
    const own = new Map(broadcastIds.map((id) => [id, createPeerSums()]))
    const rest = createPeerSums()
    const levels = createEgressLevels()
    const visit = (peer: Peer): void => {
      peer.addTo(own.get(peer.broadcastId) ?? rest)
      peer.media.addLevelsTo?.(levels)
    }
    await inSlices(peers, visit, nowMs)
    for (const part of [rest, ...own.values()]) addNumbers(sums, part)
    const broadcasts = [...own].flatMap(([broadcastId, peerSums]) => {
      if (feeds.find(broadcastId) === undefined) return []
      const before = past.get(broadcastId)
      const now = broadcastSums(peerSums)
      return [{ broadcastId, sums: before === undefined ? now : sumBroadcastSums(before, now) }]
    })
    return {
      sums,
      levels,
      layerChanges: { ...this.#layerChanges },
      rttSeconds: this.#rtt.snapshot(),
      firstVideoSeconds: this.#firstVideo.snapshot(),
      broadcasts,
    }
  }
}
