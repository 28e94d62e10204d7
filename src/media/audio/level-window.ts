/** The level of all packets of a window together: the mean of their power, not of their decibels. */
import { LEVEL_MASK } from './audio-level.js'

/** Power by level in -dBov. */
const POWER = Float64Array.from({ length: LEVEL_MASK + 1 }, (_, level) => 10 ** (-level / 10))

/** One window after the other. */
export class LevelWindow {
  #power = 0
  #packets = 0

  /** A packet with that level, in -dBov. */
  add(level: number): void {
    this.#power += POWER[level & LEVEL_MASK] as number
    this.#packets++
  }

  /** Ends the window; returns its level in dBov, undefined if no packet was in it. */
  take(): number | undefined {
    const levelDbov = this.#packets === 0 ? undefined : 10 * Math.log10(this.#power / this.#packets)
    this.#power = 0
    this.#packets = 0
    return levelDbov
  }
}
