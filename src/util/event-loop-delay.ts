/** How late a thread is: how long what is due waits for its turn. */
import { type Clock, systemTime, type TimerHost } from './clock.js'

/** Each look wakes the thread, so they are few. */
const TICK_MS = 50
/** So far back it looks. */
const WINDOW_MS = 3000
const TICKS = WINDOW_MS / TICK_MS

/**
 * Sets a timer again and again and sees how late it comes. Node's own histogram forgets the tick under way whenever it is reset, and with it a
 * thread that is stuck at that moment.
 */
export class EventLoopDelay {
  readonly #time: Clock & TimerHost
  /** Rings: when each of the newest ticks came, and how late it was. */
  readonly #atMs = new Float64Array(TICKS).fill(Number.NEGATIVE_INFINITY)
  readonly #lateMs = new Float64Array(TICKS)
  #next = 0
  #dueMs = 0
  #cancel: (() => void) | undefined
  readonly #tick = (): void => {
    const atMs = this.#time.nowMs()
    this.#atMs[this.#next] = atMs
    this.#lateMs[this.#next] = Math.max(0, atMs - this.#dueMs)
    this.#next = (this.#next + 1) % TICKS
    this.#arm(atMs)
  }

  constructor(time: Clock & TimerHost = systemTime) {
    this.#time = time
  }

  /** Begins to look, unless it does. */
  start(): void {
    if (this.#cancel === undefined) this.#arm(this.#time.nowMs())
  }

  /** Looks no more. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  /**
   * The longest delay but one of the last three seconds, in milliseconds; 0 before the second tick. One pause for garbage is no load; a thread that is
   * late again is.
   */
  delayMs(): number {
    const nowMs = this.#time.nowMs()
    // The tick that should have come by now counts as well.
    let longest = this.#cancel === undefined ? 0 : Math.max(0, nowMs - this.#dueMs)
    let second = 0
    // A thread that is stuck for most of the time has few ticks, and any of them counts.
    let ticks = this.#cancel === undefined ? 0 : 1
    for (let i = 0; i < TICKS; i++) {
      if ((this.#atMs[i] as number) < nowMs - WINDOW_MS) continue
      ticks++
      const lateMs = this.#lateMs[i] as number
      second = Math.max(second, Math.min(longest, lateMs))
      longest = Math.max(longest, lateMs)
    }
    return ticks > TICKS / 2 ? second : longest
  }

  #arm(nowMs: number): void {
    this.#dueMs = nowMs + TICK_MS
    this.#cancel = this.#time.setTimer(TICK_MS, this.#tick)
  }
}
