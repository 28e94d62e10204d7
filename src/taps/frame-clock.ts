/**
 * When the frames of a track were captured, in our own time: what a time line is made of, and what keeps audio and video in sync.
 *
 * The publisher's sender reports tell it (RFC 3550, section 6.4.1), by way of its wall clock, which its tracks share (`source-clock.ts`). Until a
 * track has been reported, its least delayed frames stand in for it. From one report to the next a track's clock is followed gently, so that no report makes sound or
 * pictures jump.
 */
import { captureMs } from '../media/egress/capture-time.js'
import { slew } from '../media/egress/slew.js'
import type { SourceClock } from '../media/egress/source-clock.js'
import type { EncodedFrame } from '../media/frames/encoded-frame.js'
import type { CaptureClock } from '../media/types.js'
import { TimestampUnwrapper } from '../rtp/sequence.js'

/**
 * A report that says something this different may be wrong: there are publishers whose reports are off by up to a second, each by another time. It
 * counts when so many in a row say the same.
 */
const MAX_FOLLOWED_MS = 150
const CONFIRMATIONS = 3
const CONFIRMED_MS = 50
/** By how much a track is corrected in a second. */
const FOLLOWED_MS_PER_S = 2
/** Before any report, frames that come this much later than expected are not late: time itself has moved on. */
const MAX_LATE_MS = 1000
/** A time this far from when the frame came is of another numbering. */
const MAX_DISTANCE_MS = 10_000

/** The clock of one track of one publisher. */
export class FrameClock {
  #timestamps = new TimestampUnwrapper()
  #clockRate = 0
  /** Our time minus the track's media time; NaN before the first frame. */
  #offsetMs = Number.NaN
  #followedMs = 0
  #isReported = false
  /** The newest report, what it corrects by, and how many in a row have said that. */
  #report: CaptureClock | undefined
  #doubtMs = 0
  #doubts = 0

  /** @param source the publisher's wall clock by ours, shared by its tracks. */
  constructor(readonly source: SourceClock) {}

  /** True once times go by the publisher's reports. */
  get isReported(): boolean {
    return this.#isReported
  }

  /** When `frame` was captured, in the core's time. Frames come in the order in which they are decoded. */
  timeMs(frame: EncodedFrame, clock: CaptureClock | undefined): number {
    const { timestamp, arrivalMs, codec } = frame
    if (codec.clockRate !== this.#clockRate) this.#restart(codec.clockRate)
    const mediaMs = (this.#timestamps.unwrap(timestamp) * 1000) / codec.clockRate
    const elapsedMs = arrivalMs - this.#followedMs
    this.#followedMs = Math.max(arrivalMs, this.#followedMs)
    if (Number.isNaN(this.#offsetMs) || !isNear(mediaMs + this.#offsetMs, arrivalMs)) {
      this.#offsetMs = arrivalMs - mediaMs
    }
    const expectedMs = mediaMs + this.#offsetMs
    const seenMs = captureMs(clock, timestamp, codec.clockRate, arrivalMs)
    if (!Number.isNaN(seenMs)) {
      // The first track that is reported goes on as it did: the others are put right by it.
      const atMs = this.#isReported ? arrivalMs : expectedMs
      const reportedMs = seenMs + atMs - this.source.captureMs(seenMs, atMs)
      if (isNear(reportedMs, arrivalMs)) this.#follow(reportedMs - expectedMs, clock, elapsedMs)
    }
    if (!this.#isReported) this.#followArrival(arrivalMs - (mediaMs + this.#offsetMs), elapsedMs)
    return mediaMs + this.#offsetMs
  }

  #follow(errorMs: number, report: CaptureClock | undefined, elapsedMs: number): void {
    const isNew = report !== this.#report
    this.#report = report
    if (Math.abs(errorMs) > MAX_FOLLOWED_MS) {
      if (isNew && this.#confirms(errorMs)) this.#offsetMs += errorMs
      return
    }
    this.#doubts = 0
    const mostMs = (Math.max(0, elapsedMs) * FOLLOWED_MS_PER_S) / 1000
    this.#offsetMs += this.#isReported ? Math.min(mostMs, Math.max(-mostMs, errorMs)) : errorMs
    this.#isReported = true
  }

  #confirms(errorMs: number): boolean {
    this.#doubts = Math.abs(errorMs - this.#doubtMs) <= CONFIRMED_MS ? this.#doubts + 1 : 1
    this.#doubtMs = errorMs
    if (this.#doubts < CONFIRMATIONS) return false
    this.#doubts = 0
    this.#isReported = true
    return true
  }

  #followArrival(lateMs: number, elapsedMs: number): void {
    this.#offsetMs += lateMs < 0 ? lateMs : slew(lateMs, elapsedMs, MAX_LATE_MS)
  }

  #restart(clockRate: number): void {
    this.#clockRate = clockRate
    this.#timestamps = new TimestampUnwrapper()
    this.#offsetMs = Number.NaN
    this.#isReported = false
  }
}

function isNear(timeMs: number, arrivalMs: number): boolean {
  return Math.abs(timeMs - arrivalMs) <= MAX_DISTANCE_MS
}
