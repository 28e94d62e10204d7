/**
 * The seams of the media core. A `MediaSource` brings tracks (publisher ingest, a pipe from another shard, later a file or a
 * relay), a `MediaSink` takes them (viewer egress, a pipe to another shard, later a recorder). N sources + M sinks, no
 * special pairs. Nothing here has a socket, a clock or randomness: packets and `nowMs` come in, packets and wishes go out.
 */
import type { Codec, HeaderExtension, MediaKind } from '../rtp/types.js'
import type { LayerIds } from './codecs/layer-ids.js'

/**
 * One received RTP packet as a layer's history keeps it. The object and its bytes belong to the history and are reused: a sink
 * reads it during `onPacket`, or asks the history again later, and never keeps it.
 */
export interface StoredPacket {
  /** The plain packet lies in `bytes[start, start + length)`. */
  readonly bytes: Buffer
  readonly start: number
  /** Header and payload, without padding. */
  readonly length: number
  readonly headerLength: number
  /**
   * Unwrapped sequence number: grows by one per packet of the layer, across 16-bit wraps. Where the source's numbering starts anew
   * (another SSRC, a restart), it jumps ahead by more than {@link MAX_SEQ_GAP}, and timestamps on both sides are unrelated.
   */
  readonly extSeq: number
  /** 32-bit RTP timestamp of the source. */
  readonly timestamp: number
  readonly marker: boolean
  /** What the payload is; undefined for a payload type that was not negotiated never reaches a sink. */
  readonly codec: Codec
  /** True at the first packet of a video frame that can be decoded without any before it; always true for audio. */
  readonly keyframe: boolean
  /** When it arrived, in the core's time. */
  readonly arrivalMs: number
}

/**
 * The longest run of missing packets that still counts as loss (RFC 3550, appendix A.1: MAX_DROPOUT). Behind a longer one nothing
 * is taken to continue: sinks start over at the next keyframe, without a gap of their own.
 */
export const MAX_SEQ_GAP = 3000

/** The history of a layer: stored once, whatever the number of sinks. */
export interface PacketHistoryView {
  /** The packet of that unwrapped sequence number, if it is still kept. */
  get(extSeq: number): StoredPacket | undefined
  /** The newest unwrapped sequence number, or -1 while empty. */
  readonly newestExtSeq: number
  /** Where the newest keyframe begins, or -1 if none is kept. */
  readonly keyframeExtSeq: number
}

/** A pair of the publisher's two clocks, from its newest sender report (RFC 3550, section 6.4.1). */
export interface CaptureClock {
  /** The NTP time of the report as milliseconds since the Unix epoch, in the publisher's own clock. */
  readonly ntpUnixMs: number
  /** The RTP timestamp of the same instant. */
  readonly rtpTimestamp: number
  /** When the report arrived, in the core's time. */
  readonly arrivalMs: number
  /** Whose clocks they are: the NTP times of one source can be compared. */
  readonly sourceId: string
}

/** What a layer feeds. */
export interface LayerSink {
  /** A packet of the layer has arrived, in arrival order. */
  onPacket(packet: StoredPacket, layer: MediaLayer, nowMs: number): void
  /**
   * Instead of `onPacket`, where the sink can wait for the end of a turn of the event loop: `packets[0, count)` have arrived in it, in this order. The
   * array is the layer's.
   */
  onPackets?(packets: readonly StoredPacket[], count: number, layer: MediaLayer, nowMs: number): void
  /** The capture clock of the layer, which was not known, is known now. */
  onCaptureClock?(layer: MediaLayer, nowMs: number): void
  /** `onPacket` threw, which is a defect of the sink: the layer has removed it, and goes on for everybody else. */
  onFault?(error: unknown): void
}

/** A part of a layer that can be forwarded without the rest of it. */
export interface SublayerInfo {
  readonly spatialId: number
  readonly temporalId: number
  /** Of it and all that it needs: what forwarding up to it costs. */
  readonly bitrateBps: number
  /** Of its pictures; undefined where the publisher does not state it. */
  readonly width: number | undefined
  readonly height: number | undefined
}

/** The facts about a layer at one time. */
export interface LayerInfo {
  /** Packets come, or would if somebody took the layer. */
  readonly alive: boolean
  /**
   * True where the sender was asked to pause the layer, as nobody takes it (RFC 7728): it comes as soon as somebody does, and everything else
   * here is as it was before. False if left out.
   */
  readonly paused?: boolean
  /** Of all of it, headers included, over the last two seconds; NaN while that is not known. */
  readonly bitrateBps: number
  /** Frames per second; NaN before two frames have come. */
  readonly fps: number
  /** Of the largest pictures; undefined until a keyframe has stated it. */
  readonly width: number | undefined
  readonly height: number | undefined
  /** Worst quality first, everything last; empty where packets do not say their layers. */
  readonly sublayers: readonly SublayerInfo[]
}

/** One encoding of a track: the only one, or one of several with their own `rid` (RFC 8851). */
export interface MediaLayer {
  readonly rid: string | undefined
  /** False where a request for a keyframe has no effect, as with a file. Then viewers begin with the newest one, however old it is. */
  readonly keyframesOnDemand: boolean
  readonly history: PacketHistoryView
  /** The codec of the newest packet; undefined before the first. */
  readonly codec: Codec | undefined
  /** Undefined before the first sender report. */
  readonly captureClock: CaptureClock | undefined
  /** What it costs and whether it is there, at most a tenth of a second old. */
  info(nowMs: number): LayerInfo
  /** The temporal and spatial layer of one of its packets, valid until the next call; undefined where nothing says them. */
  layerIds(packet: StoredPacket): LayerIds | undefined
  addSink(sink: LayerSink): void
  removeSink(sink: LayerSink): void
  /** Hands over the packets that wait for the end of the turn: who reads the history after it finds nothing that its sinks have not got. */
  settle?(): void
  /** A sink cannot go on without a keyframe. Requests coalesce; they are repeated upstream until a keyframe comes. */
  requestKeyframe(nowMs: number): void
}

/** One published audio or video track. */
export interface MediaTrack {
  /** Unique within the source; the publisher's `mid`. */
  readonly id: string
  readonly kind: MediaKind
  /** The header extensions under the ids that the source's packets carry them with. */
  readonly extensions: readonly HeaderExtension[]
  /** Best quality last. At least one. */
  readonly layers: readonly MediaLayer[]
}

/** Where tracks come from. */
export interface MediaSource {
  /** Unique in the process; changes when a publisher is replaced. */
  readonly id: string
  readonly tracks: readonly MediaTrack[]
}

/** Where tracks go. */
export interface MediaSink {
  /** The source to take from now on, or none. A change never restarts the sink's own streams. */
  setSource(source: MediaSource | undefined, nowMs: number): void
}

/**
 * The way out for a peer's packets: a transport's, or a test's. A packet is written as plaintext into `buffer` at the offset that
 * `reserve` returned, and then handed over; the transport encrypts it in place and queues it for sending.
 */
export interface RtpOutput {
  /** Where `reserve` points into; read it anew after each `reserve`, it may have been exchanged. */
  readonly buffer: Buffer
  /** True while what is sent piles up on its way out, as over TCP: what can wait should. Never so if left out. */
  readonly backlogged?: boolean
  /** Room for a plain packet of at most `length` bytes (the transport adds room for its own trailer); -1 when it must be dropped. */
  reserve(length: number): number
  /** Sends the packet written at `offset`. `extSeq` is its unwrapped sequence number, i.e. the SRTP index (RFC 3711, section 3.3.1). */
  sendRtp(offset: number, headerLength: number, length: number, extSeq: number): void
  /** Sends the plain compound RTCP packet written at `offset`. */
  sendRtcp(offset: number, length: number): void
}

/** Settings of the media core, resolved. */
export interface MediaConfig {
  /** Unix time minus the core's time, in milliseconds, for NTP timestamps. */
  readonly unixOffsetMs: number
  /** How many packets a layer's history keeps at most. */
  readonly historyPackets: number
  /** How many bytes a layer's history keeps at most. */
  readonly historyBytes: number
  /** What is older than this is neither sent again nor replayed, and leaves a layer's history. */
  readonly historyMs: number
  /** Keyframe requests upstream are at least this far apart. */
  readonly keyframeMinSpacingMs: number
  /** A keyframe request without a keyframe is repeated after this. */
  readonly keyframeRetryMs: number
  /** A layer that nobody has taken for so long is paused at its sender, where that was negotiated; 0 for never. */
  readonly layerPauseAfterMs: number
  /** Asks for a keyframe at this interval while anybody watches; 0 for never. */
  readonly keyframeIntervalMs: number
  /** A viewer starts from the cached keyframe if that is no older than this; 0 for never. */
  readonly instantStartMaxAgeMs: number
  /** A viewer starts from the cached keyframe if it and what came since have no more bytes than this. */
  readonly instantStartMaxBytes: number
  /** How many times as fast as it was captured the viewer is sent what is cached, more than 1. */
  readonly instantStartSpeed: number
  /** Sender and receiver reports are about this far apart. */
  readonly reportIntervalMs: number
  /** What retransmissions to a viewer may have on average, as a part of its media's bitrate. */
  readonly retransmissionShare: number
  /** What retransmissions to a viewer may have at once, in bytes. */
  readonly retransmissionBurstBytes: number
  /** A viewer's video waits no longer than this for its time to be sent; then it is dropped up to its next keyframe. */
  readonly pacingQueueMs: number
  /** What waits for one viewer has no more bytes than this. */
  readonly pacingQueueBytes: number
  /** What a viewer's network is taken to carry before its first feedback. */
  readonly startEstimateBps: number
  /** No estimate of a viewer's network is below it. */
  readonly minEstimateBps: number
  /** No estimate of a viewer's network that comes from feedback is above it. */
  readonly maxEstimateBps: number
}
