/** A track that the application writes itself: RTP packets, or encoded frames. */
import { BroadcastError } from '../errors.js'
import { ForwardedLayer } from '../media/forwarded-layer.js'
import type { SourceContext } from '../media/local-ends.js'
import { createPacketizer } from '../media/payload/create-packetizer.js'
import type { Packetizer } from '../media/payload/types.js'
import { MAX_SEQ_GAP } from '../media/types.js'
import { RtpHeader } from '../rtp/rtp-header.js'
import { SequenceUnwrapper } from '../rtp/sequence.js'
import type { Codec, MediaKind } from '../rtp/types.js'
import { TypedEmitter } from '../util/emitter.js'
import { integerOption, refuseOption } from '../util/options.js'
import { FrameWriter } from './frame-writer.js'
import type { MediaTimeline } from './media-timeline.js'
import { type LocalCodec, type LocalCodecName, trackCodec } from './track-codec.js'

/** How a {@link LocalTrack} is made. */
export interface LocalTrackOptions {
  /** What its packets or frames are; a name takes the format parameters that every WebRTC client understands. */
  readonly codec: LocalCodecName | LocalCodec
  /** Unique within its source; by default `audio` or `video`. */
  readonly id?: string
  /** How long the payloads may be that frames are split into: 100 to 1400 bytes, default 1200. */
  readonly maxPayloadBytes?: number
  /**
   * Whether `keyframe-request` has an effect (default true). If not, viewers begin with the newest keyframe, however old it is, as far as the history of
   * the Sfu reaches (`historyMs`, `historyPackets`, `historyBytes`).
   */
  readonly keyframesOnDemand?: boolean
}

/** An encoded frame, as {@link LocalTrack.writeFrame} takes it. */
export interface WrittenFrame {
  /**
   * VP8, VP9: the frame. AV1: the OBUs of a temporal unit, with their sizes. H264, H265: an access unit in Annex B format, the parameter sets before the slices of
   * keyframes. Audio: what one packet carries.
   */
  readonly data: Uint8Array
  /** Whether it can be decoded without any before it. Default true for audio, false for video. */
  readonly keyframe?: boolean
  /** When it is to be shown, in microseconds from any start that the tracks of a source share. Goes up from frame to frame. */
  readonly timestampUs: number
}

/** The two clocks of a track at one instant, as sender reports tell them (RFC 3550, section 6.4.1). */
export interface TrackClock {
  /** Milliseconds since the Unix epoch; the same clock for all tracks of a source. */
  readonly ntpUnixMs: number
  /** The RTP timestamp of the same instant. */
  readonly rtpTimestamp: number
}

/** What a {@link LocalTrack} has done. */
export interface LocalTrackStats {
  readonly packets: number
  readonly bytes: number
  readonly frames: number
  readonly keyframes: number
  /** How often viewers needed a keyframe, after requests were joined. */
  readonly keyframeRequests: number
  /** Packets and frames that were not taken: before the track was in a broadcast, malformed, duplicate, or out of place. */
  readonly refused: number
}

/** Events of a {@link LocalTrack}. */
export type LocalTrackEvents = {
  /** A viewer cannot go on without a keyframe. Repeated until one is written. */
  'keyframe-request': []
}

/** How a track is joined to its source. */
export interface TrackPlace {
  readonly context: SourceContext
  readonly timeline: MediaTimeline
  /** Something is due at that time, earlier than was known. */
  onDue(dueMs: number): void
}

/** The clocks of frames are told this often. */
const CLOCK_SPACING_MS = 500

// One packet at a time is looked at.
const header = new RtpHeader()

/**
 * One audio or video track of a {@link LocalTracks}. Nobody watching is a normal state: what is written then is kept for as long as
 * the history goes, for those who come.
 *
 * @example
 * ```ts
 * const video = new LocalTrack({ codec: 'VP8' })
 * await broadcast.addSource(new LocalTracks([video]))
 * video.on('keyframe-request', () => encoder.forceKeyframe())
 * encoder.onFrame = ({ data, keyframe, timestampUs }) => video.writeFrame({ data, keyframe, timestampUs })
 * ```
 */
export class LocalTrack extends TypedEmitter<LocalTrackEvents> {
  /** Unique within its source. */
  readonly id: string
  readonly kind: MediaKind
  #codec: Codec
  readonly #keyframesOnDemand: boolean
  readonly #maxPayloadBytes: number
  #packetizer: Packetizer
  #writer: FrameWriter
  #place: TrackPlace | undefined
  #layer: ForwardedLayer | undefined
  #sequence = new SequenceUnwrapper()
  #ssrc = -1
  /** What unwrapped numbers of packets are moved by: numberings that follow each other must not overlap. */
  #numberingBase = 0
  #newestExtSeq = -1
  #clockDueMs = Number.NEGATIVE_INFINITY
  #frames = 0
  #keyframeRequests = 0
  #refused = 0

  /** Throws `option-invalid`. */
  constructor(options: LocalTrackOptions) {
    super()
    this.#codec = trackCodec(options.codec)
    this.kind = this.#codec.kind
    this.id = options.id ?? this.kind
    this.#keyframesOnDemand = options.keyframesOnDemand ?? true
    this.#maxPayloadBytes = integerOption('maxPayloadBytes', options.maxPayloadBytes, 1200, 100, 1400)
    this.#packetizer = createPacketizer(this.#codec)
    this.#writer = new FrameWriter(this.#codec)
  }

  /** Whether anybody takes it now. */
  get watched(): boolean {
    return (this.#layer?.sinkCount ?? 0) > 0
  }

  /**
   * Forwards a plain RTP packet. Its SSRC, payload type and header extensions are not looked at; another SSRC begins a new numbering. False, and counted in
   * `refused`, for what is no RTP packet with a payload, a duplicate, or comes while the track is in no broadcast.
   */
  writeRtp(packet: Uint8Array): boolean {
    const place = this.#place
    if (place === undefined || !header.parse(packet, 0, packet.length)) return this.#refuse()
    if (header.ssrc !== this.#ssrc) this.#renumber(header.ssrc, header.seq)
    const extSeq = this.#sequence.unwrap(header.seq) + this.#numberingBase
    const bytes = Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength)
    return this.#accept(bytes, bytes.length, extSeq, place.context.scheduler.clock.nowMs()) || this.#refuse()
  }

  /**
   * Splits an encoded frame into packets and forwards them. False, and counted in `refused`, while the track is in no broadcast, and where there is
   * nothing to send. Throws `request-invalid` for what is no frame.
   */
  writeFrame(frame: WrittenFrame): boolean {
    const { data, keyframe = this.kind === 'audio', timestampUs } = frame
    if (!(data instanceof Uint8Array) || !Number.isFinite(timestampUs)) {
      throw new BroadcastError('request-invalid', 'a frame has data (Uint8Array) and timestampUs (a number)')
    }
    const place = this.#place
    if (place === undefined) return this.#refuse()
    const payloads = this.#packetizer.packetize(data, keyframe, this.#maxPayloadBytes)
    if (payloads.length === 0) return this.#refuse()
    const nowMs = place.context.scheduler.clock.nowMs()
    this.#tellFrameClock(place, timestampUs, nowMs)
    this.#writer.write(payloads, timestampUs, (this.#newestExtSeq + 1) & 0xffff, (buffer, length) => {
      this.#accept(buffer, length, this.#newestExtSeq + 1, nowMs)
    })
    // Packets that come next begin a numbering of their own.
    this.#ssrc = -1
    this.#frames++
    return true
  }

  /**
   * What is written from now on is of that codec, of the same kind; viewers that have it go on with the next keyframe. Throws `option-invalid`.
   */
  setCodec(codec: LocalCodecName | LocalCodec): void {
    const next = trackCodec(codec)
    if (next.kind !== this.kind) refuseOption('codec', `a codec of ${this.kind}`, next.name)
    this.#codec = next
    this.#packetizer = createPacketizer(next)
    this.#writer = new FrameWriter(next)
  }

  /** Tells the clocks of a track whose packets the application writes. Those of frames are told by themselves. */
  setClock({ ntpUnixMs, rtpTimestamp }: TrackClock): void {
    const { context } = this.#place ?? {}
    if (context === undefined) return
    const arrivalMs = context.scheduler.clock.nowMs()
    this.#layer?.setCaptureClock({ ntpUnixMs, rtpTimestamp: rtpTimestamp >>> 0, arrivalMs, sourceId: context.id })
  }

  /** Snapshot. */
  stats(): LocalTrackStats {
    const { packets = 0, bytes = 0, keyframes = 0 } = this.#layer ?? {}
    const keyframeRequests = this.#keyframeRequests
    return { packets, bytes, keyframes, frames: this.#frames, keyframeRequests, refused: this.#refused }
  }

  /** Its source is opened: what is written from now on is forwarded. Throws `request-invalid` for a track that is in a source already. @internal */
  attach(place: TrackPlace): ForwardedLayer {
    if (this.#place) throw new BroadcastError('request-invalid', `track ${this.id} is in a broadcast already`)
    this.#place = place
    this.#layer = new ForwardedLayer({
      rid: undefined,
      kind: this.kind,
      extensions: [],
      keyframesOnDemand: this.#keyframesOnDemand,
      config: place.context.config,
      wishes: {
        sendKeyframeRequest: () => {
          this.#keyframeRequests++
          this.emit('keyframe-request')
        },
        onDue: (dueMs) => place.onDue(dueMs),
      },
    })
    return this.#layer
  }

  /** Its source is closed. @internal */
  detach(): void {
    this.#layer?.removeAllSinks()
    this.#layer = undefined
    this.#place = undefined
  }

  #accept(buffer: Buffer, length: number, extSeq: number, nowMs: number): boolean {
    if (extSeq > this.#newestExtSeq) this.#newestExtSeq = extSeq
    return this.#layer?.accept(buffer, 0, length, extSeq, this.#codec, nowMs) ?? false
  }

  /** Puts a new numbering so far behind the old one that nothing is taken for lost between them. */
  #renumber(ssrc: number, seq: number): void {
    this.#ssrc = ssrc
    this.#sequence = new SequenceUnwrapper()
    if (this.#newestExtSeq < 0) return
    const first = this.#sequence.peek(seq)
    // The low 16 bits stay the sequence number itself.
    const beyond = this.#newestExtSeq + MAX_SEQ_GAP + 1 - first
    this.#numberingBase = Math.ceil(beyond / 0x1_0000) * 0x1_0000
  }

  #tellFrameClock({ timeline }: TrackPlace, timestampUs: number, nowMs: number): void {
    if (nowMs < this.#clockDueMs) return
    this.#clockDueMs = nowMs + CLOCK_SPACING_MS
    this.setClock({
      ntpUnixMs: timeline.unixMsOf(timestampUs),
      rtpTimestamp: this.#writer.timestampOf(timestampUs),
    })
  }

  #refuse(): false {
    this.#refused++
    return false
  }
}
