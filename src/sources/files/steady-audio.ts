/**
 * Times of audio frames that follow each other without gap or overlap: containers round times, to whole milliseconds often, and decoders conceal
 * what looks like a gap of one.
 */

/** A frame that comes further from where the one before it ends is meant to. */
const TOLERANCE_US = 20_000

/** The times of one track, in order. */
export class SteadyAudio {
  #endUs = Number.NEGATIVE_INFINITY

  /** When the frame that the container places at `timestampUs` begins. Never before the end of the one before it. */
  place(timestampUs: number, durationUs: number): number {
    const continues = Math.abs(timestampUs - this.#endUs) <= TOLERANCE_US
    const placedUs = continues ? this.#endUs : Math.max(timestampUs, this.#endUs)
    this.#endUs = placedUs + durationUs
    return placedUs
  }
}
