/**
 * How a viewer that joins amid a sequence gets from the cached keyframe to the present: what is cached and what comes meanwhile is sent some
 * times as fast as it was captured, with timestamps that say so. The viewer sees the past in a hurry and is live at its end, with
 * nothing for its jitter buffer to even out.
 */
import { timestampDelta } from '../../rtp/sequence.js'
import type { Codec } from '../../rtp/types.js'
import type { StoredPacket } from '../types.js'

/** The way from a cached keyframe to the present. Timestamps are the source's. */
export class CatchUp {
  /** The next packet to send. */
  nextExtSeq: number
  /** When the present is reached. */
  readonly endMs: number
  /** The source's timestamp at the beginning, in its present. */
  readonly liveTimestamp: number
  /** Where it begins. */
  readonly keyframeExtSeq: number
  readonly codec: Codec
  readonly #fromTimestamp: number
  /** Where the present is reached. */
  readonly #untilTimestamp: number
  readonly #clockRate: number

  /**
   * @param keyframe where it begins.
   * @param newest the newest packet of the source.
   * @param speed how many times as fast as it was captured, more than 1.
   */
  constructor(
    keyframe: StoredPacket,
    newest: StoredPacket,
    readonly speed: number,
    readonly startMs: number,
  ) {
    const { clockRate } = keyframe.codec
    this.keyframeExtSeq = keyframe.extSeq
    this.codec = keyframe.codec
    const sinceNewest = Math.max(0, Math.round(((startMs - newest.arrivalMs) * clockRate) / 1000))
    this.nextExtSeq = keyframe.extSeq
    this.liveTimestamp = (newest.timestamp + sinceNewest) >>> 0
    this.#fromTimestamp = keyframe.timestamp
    this.#clockRate = clockRate
    const behind = Math.max(0, timestampDelta(this.liveTimestamp, keyframe.timestamp))
    const duration = Math.floor(behind / (speed - 1))
    this.#untilTimestamp = (this.liveTimestamp + duration) >>> 0
    this.endMs = startMs + (duration * 1000) / clockRate
  }

  /** When a packet of that timestamp is to be sent. */
  dueMs(timestamp: number): number {
    const sinceKeyframe = Math.max(0, timestampDelta(timestamp, this.#fromTimestamp))
    return Math.min(this.endMs, this.startMs + (sinceKeyframe * 1000) / (this.speed * this.#clockRate))
  }

  /** Where on the present's time line a packet of that timestamp belongs: later than it was captured, until the present is reached. */
  mapTimestamp(timestamp: number): number {
    const behind = timestampDelta(this.#untilTimestamp, timestamp)
    return behind > 0 ? (this.#untilTimestamp - Math.floor(behind / this.speed)) >>> 0 : timestamp
  }
}
