/** When frames of a source were captured: their media time, tied to the wall clock for all tracks of the source together. */
import type { Clock } from '../util/clock.js'

/** Media time and wall clock further apart than this are tied anew, as after a pause or a seek. */
const MAX_APART_MS = 1000

/** See the top of the file. */
export class MediaTimeline {
  /** The wall clock at media time 0, in milliseconds since the Unix epoch. */
  #epochUnixMs = Number.NaN

  constructor(private readonly clock: Clock) {}

  /** The wall-clock time of a frame that is written now, in milliseconds since the Unix epoch. */
  unixMsOf(timestampUs: number): number {
    const nowUnixMs = this.clock.unixMs()
    const unixMs = this.#epochUnixMs + timestampUs / 1000
    if (Math.abs(nowUnixMs - unixMs) <= MAX_APART_MS) return unixMs
    this.#epochUnixMs = nowUnixMs - timestampUs / 1000
    return nowUnixMs
  }
}
