/** Randomness that repeats: the same seed gives the same numbers on every machine. For tests and simulations, never for secrets. */

/** A generator of pseudo-random numbers (xorshift, 32 bit). */
export class SeededRandom {
  readonly seed: number
  #state: number

  constructor(seed: number) {
    this.seed = seed
    // Near seeds must not begin with near numbers, and a state of zero would stay zero.
    this.#state = Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) >>> 0 || 1
    for (let i = 0; i < 4; i++) this.uint32()
  }

  /** From 0 to 2^32 - 1. */
  uint32(): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x >>> 0
    return this.#state
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    return this.uint32() / 0x1_0000_0000
  }

  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1))
  }

  /** True with that probability. */
  chance(probability: number): boolean {
    return this.next() < probability
  }
}
