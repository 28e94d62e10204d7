/**
 * What a publisher's wall clock says now, for sender reports (RFC 3550, section 6.4.1).
 *
 * Audio and video are in sync for a viewer when the reports of both map RTP time to one clock. That clock is our own, so a viewer never sees it
 * jump, whatever publishers come and go. Where a stream's RTP time stands at a time of ours follows from the publisher's own reports by way of
 * its wall clock, which all its streams share; and all of them go by the distance between the two clocks that is kept here. It need not be right
 * to be the same for all: it begins with what the first stream's packets show, and follows the drift of the clocks slowly.
 */
import type { CaptureClock } from '../types.js'
import { slew } from './slew.js'

/** Clocks that are further off from what they should show have been set anew. */
const MAX_SLEWED_MS = 5000

/** The clock of one viewer's source, shared by its tracks. */
export class SourceClock {
  /** Our clock minus the publisher's; NaN while nothing is known. */
  #shiftMs = Number.NaN
  #followedMs = 0

  /** @param unixOffsetMs Unix time minus the core's time. */
  constructor(readonly unixOffsetMs: number) {}

  /** Our own clock at `nowMs`, in Unix milliseconds. */
  unixMs(nowMs: number): number {
    return nowMs + this.unixOffsetMs
  }

  /** The publisher's clock at `nowMs`, in Unix milliseconds. By the packets of one stream, as they come, it would be `seenMs`. */
  captureMs(seenMs: number, nowMs: number): number {
    const seenShiftMs = this.unixMs(nowMs) - seenMs
    if (Number.isNaN(this.#shiftMs)) this.#shiftMs = seenShiftMs
    else this.#shiftMs += slew(seenShiftMs - this.#shiftMs, nowMs - this.#followedMs, MAX_SLEWED_MS)
    this.#followedMs = nowMs
    return this.unixMs(nowMs) - this.#shiftMs
  }

  /** Our clock minus the publisher's, in milliseconds: by what was reported to the viewer, or before that by the publisher's own report. */
  shiftMs(capture: CaptureClock): number {
    const reportedMs = this.unixMs(capture.arrivalMs) - capture.ntpUnixMs
    return Math.abs(reportedMs - this.#shiftMs) <= MAX_SLEWED_MS ? this.#shiftMs : reportedMs
  }
}
