/**
 * The seam between the two planes. The control plane (`broadcast/`) speaks to an `Engine` in plain structured-cloneable
 * values; whether the media runs in this thread, in worker threads or not at all (a fake) is the engine's own matter. All
 * engines pass one contract suite.
 */
import type { SourceStats } from '../media/describe-source.js'
import type { AvailableLayer } from '../media/egress/available-layers.js'
import type { EgressStats } from '../media/egress/egress-stats.js'
import type { EgressLevels, EgressSums } from '../media/egress/egress-sums.js'
import type { LayerEvent, LayerEventReason } from '../media/egress/layer-event.js'
import type { ExtensionSettings } from '../media/egress/own-extensions.js'
import type { ViewerSettings } from '../media/egress/viewer-settings.js'
import type { IngestStats } from '../media/ingest/ingest-stats.js'
import type { IngestSums } from '../media/ingest/ingest-sums.js'
import type { LocalSink, LocalSource } from '../media/local-ends.js'
import type { PeerTransportStats, PeerTransportSums } from '../transport/peer-transport-stats.js'
import type { NativeStatus } from '../transport/transport-path.js'
import type { MuxCounters } from '../transport/udp/udp-mux.js'
import type { HistogramCounts } from '../util/histogram.js'
import type { ThreadLoad } from '../util/thread-meter.js'

export type { SourceLayerStats, SourceStats, SourceTrackStats } from '../media/describe-source.js'
export type { AvailableLayer, AvailableSublayer } from '../media/egress/available-layers.js'
export type { LayerEvent, LayerEventReason } from '../media/egress/layer-event.js'
export type { ExtensionSettings } from '../media/egress/own-extensions.js'
export type { PlayoutDelay } from '../media/egress/playout-delay.js'
export type { LayerPreference, ViewerSettings } from '../media/egress/viewer-settings.js'
export type { LocalSink, LocalSource, SourceContext } from '../media/local-ends.js'
export type { MediaKind } from '../rtp/types.js'

/** Whether a peer sends media to us or receives it. */
export type PeerRole = 'publisher' | 'viewer'

/** How far a peer's transport is. */
export type PeerState = 'connecting' | 'connected' | 'disconnected' | 'closed'

/** Why a peer ended. `docs/lifecycle.md` says who closes whom. */
export type PeerCloseReason =
  /** Closed on request: `session.close()`, or a DELETE of its URL. */
  | 'closed'
  /** The peer said goodbye (DTLS close_notify). */
  | 'peer-closed'
  /** The peer never got connected within `connectTimeoutMs`. */
  | 'connect-timeout'
  /** Nothing authentic came from the peer for `consentTimeoutMs` (RFC 7675). */
  | 'consent-timeout'
  /** The DTLS handshake failed, or one of its guards did. */
  | 'dtls-failed'
  /** A newer publisher took the place. */
  | 'replaced'
  /** Another node of the cluster has become the publisher's, while this one could not say that it is. */
  | 'superseded'
  /** Thrown out: `session.kick()`, or the admin API. */
  | 'kicked'
  /** What it was permitted for is over (`expiresAt`). */
  | 'expired'
  /** It sent more than a limit allows. */
  | 'limit-exceeded'
  /** A source of the application's own has come to its end. */
  | 'source-ended'
  /** A source of the application's own failed. */
  | 'source-failed'
  /** The Sfu is going down, and the session had not left by the deadline (`sfu.drain`). */
  | 'draining'
  /** The broadcast was closed. */
  | 'broadcast-closed'
  /** The Sfu was closed. */
  | 'sfu-closed'
  /** The engine thread that carried it failed. */
  | 'engine-failed'
  /** A defect in manycast, see the log. */
  | 'internal-error'

/** A peer that the engine is asked for. */
export interface PeerRequest {
  /** Chosen by the control plane, unique in the process. */
  readonly peerId: string
  readonly broadcastId: string
}

/** An offer for the engine to answer. */
export interface AddPeerRequest extends PeerRequest {
  /** SDP text. */
  readonly offer: string
}

/** A publisher's offer. */
export interface AddPublisherRequest extends AddPeerRequest {
  /** The name under which it publishes: publishers of the same name replace each other, others stand side by side. */
  readonly feed: string
  /** What it is asked to send at most, in bits per second, in place of the engine's limit. */
  readonly maxBitrateBps?: number
}

/** A viewer's offer. */
export interface AddViewerRequest extends AddPeerRequest {
  /** What it wants to receive from the start; everything, if left out. */
  readonly settings?: ViewerSettings
  /** What is written on its packets beyond what publishers send. */
  readonly extensions?: ExtensionSettings
}

/** Asks for an offer to receive media: whoever answers it becomes a publisher. */
export interface OfferPublisherRequest extends PeerRequest {
  /** The name under which it publishes, as of a publisher. */
  readonly feed: string
  /** What it is asked to send at most, as of a publisher. */
  readonly maxBitrateBps?: number
  /** How many layers the video may come in, as simulcast (RFC 8853) with the rids `0`, `1`, ..., worst first; one without any if left out. */
  readonly layers?: number
}

/** Asks for an offer to send media: whoever answers it becomes a viewer. */
export interface OfferViewerRequest extends PeerRequest {
  /** How many simulcast layers of the video can go out at once, named as those of {@link OfferPublisherRequest}; one at a time if left out. */
  readonly layers?: number
  /** As of a viewer. */
  readonly settings?: ViewerSettings
  readonly extensions?: ExtensionSettings
}

/** A source of the application's own, which needs no transport. */
export interface AddSourceRequest extends PeerRequest {
  /** The name under which it publishes, as of a publisher. */
  readonly feed: string
  readonly source: LocalSource
}

/** The answer to an {@link AddPeerRequest}. */
export interface PeerAnswer {
  readonly peerId: string
  /** SDP text. */
  readonly answer: string
}

/** The offer to an {@link OfferPublisherRequest} or {@link OfferViewerRequest}. */
export interface PeerOffer {
  readonly peerId: string
  /** SDP text. */
  readonly offer: string
}

/** What became of a fragment that a peer trickled. */
export type TrickleResult =
  /** Its candidates were added to the ICE session. */
  | { readonly restarted: false }
  /** It had new credentials, and so began a new ICE session; `fragment` has ours (`application/trickle-ice-sdpfrag`). */
  | { readonly restarted: true; readonly fragment: string }

/** A peer's transport has changed. `closed` is the last word on a peer. */
export interface PeerStateEvent {
  readonly peerId: string
  readonly state: PeerState
  /** With `closed`, and only then. */
  readonly reason?: PeerCloseReason
  /** More about it, for people. */
  readonly detail?: string
}

/** Something else of a video is forwarded to a viewer. */
export interface PeerLayerEvent {
  readonly peerId: string
  readonly layer: LayerEvent
}

/** Somebody else of a broadcast speaks, or nobody any more. */
export interface ActiveSpeakerEvent {
  readonly broadcastId: string
  /** The publisher; undefined when nobody speaks. */
  readonly peerId: string | undefined
}

/** What there is to choose from in one of a viewer's video sections. */
export interface SectionLayers {
  /** The viewer's m-line. */
  readonly mid: string
  readonly layers: readonly AvailableLayer[]
}

/** Snapshot of one peer. */
export interface PeerStats {
  readonly peerId: string
  readonly broadcastId: string
  readonly role: PeerRole
  readonly state: PeerState
  /** Absent for a source of the application's own, which has none, and for an offer that has no answer yet. */
  readonly transport?: PeerTransportStats
  /** What a publisher sent us; absent for a viewer, and for a source of the application's own. */
  readonly ingest?: IngestStats
  /** What a source of the application's own sends; absent for everybody else. */
  readonly source?: SourceStats
  /** What a viewer got from us; absent for a publisher. */
  readonly egress?: EgressStats
}

/** Traffic of a broadcast since it began, peers that have left included. RTP packets, with IP and UDP headers left out. */
export interface TrafficTotals {
  readonly rtpPacketsIn: number
  readonly rtpBytesIn: number
  readonly rtpPacketsOut: number
  readonly rtpBytesOut: number
}

/** Snapshot of one broadcast, summed over the shards. */
export interface BroadcastEngineStats {
  readonly totals: TrafficTotals
  readonly peers: readonly PeerStats[]
}

/** Packets of publishers that one thread could not give to another, as `pipeQueueBytes` of them waited there already. */
export interface PipeStats {
  /** What other threads did not get from this one. */
  readonly droppedOut: number
  /** What this thread did not get from others. */
  readonly droppedIn: number
}

/** Snapshot of one shard. */
export interface ShardStats {
  readonly shard: number
  /** The port that all its peers share: of UDP, and of TCP where ICE-TCP is on. */
  readonly port: number
  /** TCP connections that there are; always 0 without ICE-TCP. */
  readonly tcpConnections: number
  /** Broadcasts with anybody on this shard, or with past traffic. */
  readonly broadcasts: number
  readonly publishers: number
  readonly viewers: number
  /** Everything that went through the sockets, and every kind of input that was dropped. */
  readonly datagrams: MuxCounters
  /** Which parts of the transport run natively. */
  readonly native: NativeStatus
  readonly totals: TrafficTotals
  readonly pipes: PipeStats
  /** Errors in manycast itself that were caught; anything but 0 is worth a report. */
  readonly internalErrors: number
}

/** Snapshot of the engine. */
export interface EngineStats {
  readonly shards: readonly ShardStats[]
}

/** What a shard and its thread have to do, without a look at each peer; counters since the shard was opened. */
export interface ShardLoad extends ThreadLoad {
  readonly shard: number
  /** The port that all its peers share. */
  readonly port: number
  /** Datagrams that went through its sockets, what came and went over TCP included. */
  readonly datagramsIn: number
  readonly datagramsOut: number
}

/** What peers have counted, all of them together, those included that have left. */
export interface PeerSums {
  readonly transport: PeerTransportSums
  readonly ingest: IngestSums
  readonly egress: EgressSums
}

/** What of it is kept for each broadcast. */
export interface BroadcastSums extends TrafficTotals {
  /** Packets of publishers that did not come by themselves, and packets that viewers report as lost. */
  readonly packetsLostIn: number
  readonly packetsLostOut: number
  /** Packets sent to viewers again. */
  readonly retransmittedPackets: number
  /** PLI and FIR of viewers, and those to publishers. */
  readonly keyframeRequestsIn: number
  readonly keyframeRequestsOut: number
  readonly keyframesReceived: number
}

/** What a shard has counted since it was opened, in sums that are made in its own thread: their size does not depend on how many peers there are. */
export interface ShardSummary {
  readonly shard: number
  /** Another one each time that the shard is opened: a shard that takes the place of one that died counts from zero. */
  readonly openedAtUnixMs: number
  readonly tcpConnections: number
  readonly publishers: number
  readonly viewers: number
  readonly datagrams: MuxCounters
  readonly pipes: PipeStats
  readonly internalErrors: number
  readonly sums: PeerSums
  /** How the viewers are now. */
  readonly levels: EgressLevels
  /** Changes of what is forwarded to viewers, by reason. */
  readonly layerChanges: Readonly<Partial<Record<LayerEventReason, number>>>
  /** Round trip times in seconds, one for each report of a viewer that gives one. */
  readonly rttSeconds: HistogramCounts
  /** Seconds from the offers of viewers of a live broadcast until their first video is forwarded. */
  readonly firstVideoSeconds: HistogramCounts
  /** The broadcasts that were asked for, as far as the shard knows them. */
  readonly broadcasts: readonly { readonly broadcastId: string; readonly sums: BroadcastSums }[]
}

/** Sums over everything. */
export interface EngineSummary {
  readonly shards: readonly ShardSummary[]
}

/** What carries the media. Every method may be called at any time; after `close` they reject with code `closed`. */
export interface Engine {
  /** Opens the sockets; idempotent. Rejects with `socket-failed`. */
  start(): Promise<void>
  /** Answers a publisher's offer. Rejects with the codes of SDP negotiation. Viewers get its media once it is connected. */
  addPublisher(request: AddPublisherRequest): Promise<PeerAnswer>
  /** Answers a viewer's offer, whether or not anything is published yet. */
  addViewer(request: AddViewerRequest): Promise<PeerAnswer>
  /** Makes an offer to receive one audio and one video. Its peer connects once the answer is accepted; see {@link Engine.acceptAnswer}. */
  offerPublisher(request: OfferPublisherRequest): Promise<PeerOffer>
  /** Makes an offer to send one audio and one video. */
  offerViewer(request: OfferViewerRequest): Promise<PeerOffer>
  /**
   * Takes the answer to an offer of this engine; ICE, DTLS and media follow. An offer that gets none in time ends its peer with `connect-timeout`. Rejects
   * with the codes of SDP negotiation, upon which the offer still waits for an answer, with `session-not-found`, and with `request-invalid` for
   * a peer that waits for none.
   */
  acceptAnswer(peerId: string, answer: string): Promise<void>
  /**
   * Opens a source of the application's own, in the application's thread: a publisher that is connected at once. Rejects with what its `open`
   * rejects with.
   */
  addSource(request: AddSourceRequest): Promise<void>
  /** `sink`, in the application's thread, gets the feeds of a broadcast until the returned function is called. */
  addSink(broadcastId: string, sink: LocalSink): Promise<() => void>
  /** What a viewer wants to receive from now on. Unknown ids are ignored. */
  configureViewer(peerId: string, settings: ViewerSettings): Promise<void>
  /**
   * Takes an SDP fragment of a peer (RFC 8840): more candidates, or an ICE restart, over which media and DTLS go on. Rejects with
   * `session-not-found`, `sdp-invalid`, `sdp-unsupported`, `ice-mismatch`; the peer goes on as before then.
   */
  trickle(peerId: string, fragment: string): Promise<TrickleResult>
  /** Ends a peer with that reason; resolves when nothing of it is left. Unknown ids are ignored. */
  closePeer(peerId: string, reason: PeerCloseReason): Promise<void>
  /** Snapshot of a peer, or undefined when there is none of that id. */
  peerStats(peerId: string): Promise<PeerStats | undefined>
  /** Snapshot of a broadcast and all its peers. */
  broadcastStats(broadcastId: string): Promise<BroadcastEngineStats>
  /** Forgets the totals of a broadcast without peers. */
  removeBroadcast(broadcastId: string): Promise<void>
  /** Snapshot of the shards. */
  stats(): Promise<EngineStats>
  /** All viewers do without so many of the best layers of each video from now on, those to come included; the least stays. 0 for none. */
  lowerLayers(layers: number): Promise<void>
  /** How much the shards have to do; none while none is open. Cheap. */
  load(): Promise<readonly ShardLoad[]>
  /** What everybody has counted, and the peers of each of these broadcasts. Does not hold up the media, however many peers there are. */
  summary(broadcastIds: readonly string[]): Promise<EngineSummary>
  /** Ends every peer with `sfu-closed`, then sockets and threads. Idempotent. */
  close(): Promise<void>
}

/** What an engine tells without being asked: plain values, about peers that it has and that are not closed yet. */
export interface EngineListener {
  /** A peer's state has changed. */
  onPeerState(event: PeerStateEvent): void
  /** Something else of a video is forwarded to a viewer. */
  onLayer(event: PeerLayerEvent): void
  /** Another publisher of a broadcast is the one who speaks, or nobody does. */
  onActiveSpeaker(event: ActiveSpeakerEvent): void
}
