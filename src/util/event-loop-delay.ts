/** How late a thread is: how long what is due waits for its turn. */
import { type Clock, systemTime, type TimerHost } from './clock.js'

const TICK_MS = 20
/** So far back it looks: one pause for garbage is not the 99th percentile of that, a thread that is late again and again is. */
const WINDOW_MS = 3000
const PERCENTILE = 0.99

/**
 * Sets a timer again and again and sees how late it comes. Node's own histogram forgets the tick under way whenever it is reset, and with it a
 * thread that is stuck at that moment.
 */
export class EventLoopDelay {
  readonly #time: Clock & TimerHost
  /** When each tick of the window came, and how late it was; oldest first. */
  #ticks: { readonly atMs: number; readonly lateMs: number }[] = []
  #dueMs = 0
  #cancel: (() => void) | undefined

  constructor(time: Clock & TimerHost = systemTime) {
    this.#time = time
  }

  /** Begins to look, unless it does. */
  start(): void {
    if (this.#cancel === undefined) this.#arm()
  }

  /** Looks no more. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** The 99th percentile of the last three seconds, in milliseconds; 0 before the first tick. */
  p99Ms(): number {
    const nowMs = this.#time.nowMs()
    this.#forget(nowMs)
    const late = this.#ticks.map((tick) => tick.lateMs)
    // The tick that should have come by now counts as well.
    if (this.#cancel !== undefined) late.push(Math.max(0, nowMs - this.#dueMs))
    late.sort((a, b) => a - b)
    return late[Math.ceil(PERCENTILE * late.length) - 1] ?? 0
  }

  #arm(): void {
    this.#dueMs = this.#time.nowMs() + TICK_MS
    this.#cancel = this.#time.setTimer(TICK_MS, () => {
      const atMs = this.#time.nowMs()
      this.#ticks.push({ atMs, lateMs: Math.max(0, atMs - this.#dueMs) })
      this.#forget(atMs)
      this.#arm()
    })
  }

  #forget(nowMs: number): void {
    const first = this.#ticks.findIndex((tick) => tick.atMs >= nowMs - WINDOW_MS)
    if (first !== 0) this.#ticks = first < 0 ? [] : this.#ticks.slice(first)
  }
}
