/** Ends what nobody publishes to for too long. */
import type { Deadline, Scheduler } from '../util/scheduler.js'

/** Waits while there is no publisher. */
export class IdleTimeout {
  #deadline: Deadline | undefined

  /** @param timeoutMs 0 for never. */
  constructor(
    private readonly scheduler: Scheduler,
    private readonly timeoutMs: number,
    private readonly onTimeout: () => void,
  ) {}

  /** Begins to wait, unless it does. */
  start(): void {
    if (this.timeoutMs > 0 && !this.#deadline?.pending) {
      this.#deadline = this.scheduler.after(this.timeoutMs, this.onTimeout)
    }
  }

  /** Waits no more. */
  stop(): void {
    this.#deadline?.cancel()
  }
}
