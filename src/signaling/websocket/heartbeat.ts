/** Finds out that a socket is dead, which TCP may take a quarter of an hour to tell. */
import type { Deadline, Scheduler } from '../../util/scheduler.js'

/** What a {@link Heartbeat} calls. */
export interface HeartbeatHandlers {
  /** Nothing was heard for one interval. */
  onQuiet(): void
  /** Nothing was heard for two. */
  onLost(): void
}

/** Watches one socket. */
export class Heartbeat {
  readonly #scheduler: Scheduler
  readonly #intervalMs: number
  readonly #handlers: HeartbeatHandlers
  #heardMs: number
  #deadline: Deadline

  constructor(scheduler: Scheduler, intervalMs: number, handlers: HeartbeatHandlers) {
    this.#scheduler = scheduler
    this.#intervalMs = intervalMs
    this.#handlers = handlers
    this.#heardMs = scheduler.clock.nowMs()
    this.#deadline = this.#after(1)
  }

  /** Something has come. The deadline stays as it is, and finds out when it is due. */
  heard(): void {
    this.#heardMs = this.#scheduler.clock.nowMs()
  }

  stop(): void {
    this.#deadline.cancel()
  }

  #after(intervals: number): Deadline {
    return this.#scheduler.at(this.#heardMs + intervals * this.#intervalMs, () => this.#onDue())
  }

  #onDue(): void {
    const silentMs = this.#scheduler.clock.nowMs() - this.#heardMs
    if (silentMs >= 2 * this.#intervalMs) return this.#handlers.onLost()
    const isQuiet = silentMs >= this.#intervalMs
    this.#deadline = this.#after(isQuiet ? 2 : 1)
    if (isQuiet) this.#handlers.onQuiet()
  }
}
