/** A counter inside the payload or an extension that goes on through a change of source: picture ids, TL0PICIDX, frame numbers. */

/**
 * Shifts a wrapping counter by a constant for as long as a source lasts, so that the same packet always gets the same value; a change
 * of source continues at one more than the newest value that was sent.
 */
export class CounterContinuity {
  readonly #mask: number
  #shift = 0
  #newest = -1

  /** @param bits width of the counter, at most 31. */
  constructor(bits: number) {
    this.#mask = 2 ** bits - 1
  }

  /** `value` is the first of a new source; returns the shift of that source. */
  begin(value: number): number {
    this.#shift = this.#newest < 0 ? 0 : (this.#newest + 1 - value) & this.#mask
    return this.#shift
  }

  /** What `value` becomes, or became when the shift was another. */
  map(value: number, shift = this.#shift): number {
    return (value + shift) & this.#mask
  }

  /** A packet with the mapped value `mapped` was sent, the newest so far. */
  sent(mapped: number): void {
    this.#newest = mapped
  }
}
