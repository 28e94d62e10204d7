/** A wait that can be cut short. */
export class Pause {
  /** Ends the wait, if there is one. */
  wake: () => void = () => {}

  /** Resolves after `delayMs`, by default the longest that timers know, or when woken. */
  sleep(delayMs = 2 ** 31 - 1): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs)
      this.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
