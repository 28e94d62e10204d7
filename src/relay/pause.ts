/** A wait that can be cut short. */
import type { TimerHost } from '../util/clock.js'

/** One wait at a time. */
export class Pause {
  readonly #timers: TimerHost
  #end: () => void = () => {}

  constructor(timers: TimerHost) {
    this.#timers = timers
  }

  /** Resolves after `delayMs`, or never without it, or when woken. */
  sleep(delayMs?: number): Promise<void> {
    return new Promise((resolve) => {
      let cancel = (): void => {}
      this.#end = () => {
        cancel()
        resolve()
      }
      if (delayMs !== undefined) cancel = this.#timers.setTimer(delayMs, () => resolve())
    })
  }

  /** Ends the wait, if there is one. */
  wake(): void {
    this.#end()
  }
}
