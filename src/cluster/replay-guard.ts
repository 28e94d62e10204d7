/** Remembers what may be taken once, until it has run out by itself. */
import type { Clock } from '../util/clock.js'

/** A bounded memory of nonces. When it is full, new ones are refused: forgetting an old one would let it be taken again. */
export class ReplayGuard {
  readonly #seen = new Map<string, number>()
  readonly #clock: Clock
  readonly #max: number

  constructor(clock: Clock, max: number) {
    this.#clock = clock
    this.#max = max
  }

  /** How many are remembered. */
  get size(): number {
    return this.#seen.size
  }

  /** True the first time that `nonce` is shown, which is good until `expiresAtMs` (Unix time). */
  take(nonce: string, expiresAtMs: number): boolean {
    if (this.#seen.size >= this.#max) this.#forgetOld()
    if (this.#seen.has(nonce) || this.#seen.size >= this.#max) return false
    this.#seen.set(nonce, expiresAtMs)
    return true
  }

  #forgetOld(): void {
    const nowMs = this.#clock.unixMs()
    for (const [nonce, expiresAtMs] of this.#seen) if (expiresAtMs < nowMs) this.#seen.delete(nonce)
  }
}
