/** The frames of a publisher's track, complete and in order, for the application to read. */
import { SourceClock } from '../media/egress/source-clock.js'
import type { EncodedFrame } from '../media/frames/encoded-frame.js'
import type { LocalSink } from '../media/local-ends.js'
import type { MediaSource } from '../media/types.js'
import type { CodecName, MediaKind } from '../rtp/types.js'
import { systemClock } from '../util/clock.js'
import { FeedChoice } from './feed-choice.js'
import { TrackTap } from './track-tap.js'

/** What is missing is given up, and layers are chosen, at this pace. */
const TICK_MS = 50

/** An encoded picture or piece of sound of a publisher. */
export interface TappedFrame {
  readonly kind: MediaKind
  readonly codec: CodecName
  /**
   * The reader's own bytes. VP8, VP9: the frame. AV1: a temporal unit in the low-overhead format, without its delimiter. H264, H265: an access unit in Annex B
   * format, with parameter sets before the slices of keyframes. Audio: what one packet carried.
   */
  readonly data: Uint8Array
  /** It can be decoded without any before it; always true for audio. */
  readonly keyframe: boolean
  /** Something before it is missing: it was lost, or left out because the reader was too slow. */
  readonly gapBefore: boolean
  /** 32-bit RTP timestamp of the publisher. */
  readonly timestamp: number
  /** When it was captured, in milliseconds since the Unix epoch by our clock; audio and video of one publisher go together by it. */
  readonly captureUnixMs: number
  /** The name that the publisher publishes under. */
  readonly publisher: string
  /** The simulcast layer (RFC 8851); undefined where there is but one. */
  readonly rid: string | undefined
}

/** Who reads the frames. */
export interface FrameReader {
  /** How many frames wait for it. */
  readonly queued: number
  /** False where there is no room. */
  push(frame: TappedFrame): boolean
  /** A frame was left out without a try. */
  skip(): void
}

/** What is read. */
export interface FrameChoice {
  readonly kind: MediaKind
  readonly publisher: string | undefined
  readonly rid: string | undefined
}

/** A sink that hands frames to `reader`. */
export function frameSink({ kind, publisher, rid }: FrameChoice, reader: FrameReader): LocalSink {
  let tap: SourceTap | undefined
  return new FeedChoice(publisher, (source, feed, nowMs) => {
    tap?.close(nowMs)
    tap = source && new SourceTap(source, { kind, publisher: feed, rid }, reader)
    tap?.tick(nowMs)
  })
}

class SourceTap {
  readonly #tap: TrackTap | undefined
  readonly #timer: NodeJS.Timeout | undefined
  /** Frames were left out: nothing can be decoded before a keyframe. */
  #broken = false

  constructor(
    source: MediaSource,
    private readonly choice: FrameChoice & { readonly publisher: string | undefined },
    private readonly reader: FrameReader,
  ) {
    const track = source.tracks.find(({ kind }) => kind === choice.kind)
    if (!track) return
    const unixOffsetMs = systemClock.unixMs() - systemClock.nowMs()
    const clock = new SourceClock(unixOffsetMs)
    this.#tap = new TrackTap(track, choice.rid, clock, (frame, timeMs) => this.#take(frame, timeMs + unixOffsetMs))
    this.#timer = setInterval(() => this.tick(systemClock.nowMs()), TICK_MS)
    this.#timer.unref()
  }

  tick(nowMs: number): void {
    this.#tap?.tick(nowMs)
  }

  close(nowMs: number): void {
    clearInterval(this.#timer)
    this.#tap?.close(nowMs)
  }

  #take({ kind, codec, data, keyframe, gapBefore, timestamp, arrivalMs }: EncodedFrame, captureUnixMs: number): void {
    const { reader } = this
    if (this.#broken && !keyframe) {
      reader.skip()
      // Not before the reader has caught up, or it would miss that one, too.
      if (reader.queued === 0) this.#tap?.requestKeyframe(arrivalMs)
      return
    }
    const taken = reader.push({
      kind,
      codec: codec.name,
      data,
      keyframe,
      gapBefore: gapBefore || this.#broken,
      timestamp,
      captureUnixMs,
      publisher: this.choice.publisher ?? '',
      rid: this.#tap?.rid,
    })
    this.#broken = !taken
  }
}
