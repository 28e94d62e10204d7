/** A wait that can be cut short. */
export class Pause {
  /** Ends the wait, if there is one. */
  wake: () => void = () => {}

  /** Resolves after `delayMs`, or when woken. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs)
      this.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
