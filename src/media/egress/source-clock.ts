/**
 * The wall clock of what a viewer sees, for sender reports (RFC 3550, section 6.4.1).
 *
 * Audio and video are in sync when their reports map RTP time to one clock. That clock is the publisher's capture clock, shifted by a constant
 * per source so that it reads as our own: a viewer then never sees its clock jump, neither when a publisher with another clock takes over, nor
 * between a track's first reports (before the publisher's first report there is only our own clock) and its later ones.
 */
import type { CaptureClock } from '../types.js'

/** Clocks that drift apart by more than this are aligned anew. */
const MAX_DRIFT_MS = 5000

/** The clock of one viewer's source, shared by its tracks. */
export class SourceClock {
  readonly #unixOffsetMs: number
  #shiftMs: number | undefined

  /** @param unixOffsetMs Unix time minus the core's time. */
  constructor(unixOffsetMs: number) {
    this.#unixOffsetMs = unixOffsetMs
  }

  /** The source has changed: its clock is not known yet. */
  reset(): void {
    this.#shiftMs = undefined
  }

  /** The Unix time of `nowMs`, in milliseconds: by the track's capture clock as far as it is known, else by our own. */
  unixMs(capture: CaptureClock | undefined, nowMs: number): number {
    if (capture === undefined) return nowMs + this.#unixOffsetMs
    return capture.ntpUnixMs + (nowMs - capture.arrivalMs) + this.shiftMs(capture)
  }

  /** This clock minus the capture clock, in milliseconds: a constant, unless they have drifted far apart. */
  shiftMs(capture: CaptureClock): number {
    const ownMs = capture.arrivalMs + this.#unixOffsetMs
    if (this.#shiftMs === undefined || Math.abs(capture.ntpUnixMs + this.#shiftMs - ownMs) > MAX_DRIFT_MS) {
      this.#shiftMs = ownMs - capture.ntpUnixMs
    }
    return this.#shiftMs
  }
}
