/** A counter inside the payload or an extension that goes on through a change of source: picture ids, TL0PICIDX, frame numbers. */

/**
 * Shifts a wrapping counter by a constant for as long as a source lasts, so that the same packet always gets the same value; a change
 * of source continues at one more than the newest value that was sent.
 */
export class CounterContinuity {
  readonly #mask: number
  #shift = 0
  readonly #numbers: Float64Array
  readonly #at: number

  /**
   * @param bits width of the counter, at most 31.
   * @param numbers the newest value that was sent is kept in it, at `at`.
   */
  constructor(bits: number, numbers: Float64Array = new Float64Array(1), at = 0) {
    this.#mask = 2 ** bits - 1
    this.#numbers = numbers
    this.#at = at
    numbers[at] = -1
  }

  /** `value` is the first of a new source; returns the shift of that source. */
  begin(value: number): number {
    const newest = this.#numbers[this.#at] as number
    this.#shift = newest < 0 ? 0 : (newest + 1 - value) & this.#mask
    return this.#shift
  }

  /** What `value` becomes, or became when the shift was another. */
  map(value: number, shift = this.#shift): number {
    return (value + shift) & this.#mask
  }

  /** A packet with the mapped value `mapped` was sent, the newest so far. */
  sent(mapped: number): void {
    this.#numbers[this.#at] = mapped
  }
}
