/** A clock and timers that move only when told to, for tests of what is built on them. */
import type { Clock, TimerHost } from '../../../src/util/clock.js'

interface Timer {
  readonly dueMs: number
  readonly fn: () => void
}

export class VirtualTime implements Clock, TimerHost {
  /** How many timers were ever armed. */
  armed = 0
  readonly #timers = new Set<Timer>()
  #nowMs: number

  constructor(startMs = 0) {
    this.#nowMs = startMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  unixMs(): number {
    return 1_700_000_000_000 + this.#nowMs
  }

  setTimer(delayMs: number, fn: () => void): () => void {
    this.armed++
    const timer = { dueMs: this.#nowMs + delayMs, fn }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#timers.size
  }

  /** Moves on by `ms`, firing what falls due on the way, at its time. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms
    for (let next = this.#earliest(untilMs); next; next = this.#earliest(untilMs)) {
      this.#timers.delete(next)
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.fn()
    }
    this.#nowMs = untilMs
  }

  /** Moves the clock without firing anything, as a blocked event loop does. */
  block(ms: number): void {
    this.#nowMs += ms
  }

  #earliest(untilMs: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers)
      if (timer.dueMs <= untilMs && !(first && first.dueMs <= timer.dueMs)) first = timer
    return first
  }
}
