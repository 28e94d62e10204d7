/** Calls an object of the media core whenever it has something to do. */
import type { Deadline, Scheduler } from '../../util/scheduler.js'

/** What has deadlines. */
export interface Ticking {
  /** Does what is due; returns when there is more to do, in the core's time. */
  tick(nowMs: number): number
  /** Called when something became due earlier than `tick` said. */
  onDue: ((dueMs: number) => void) | undefined
}

/** See the top of the file. It runs from its making until `stop`. */
export class Clockwork {
  readonly #media: Ticking
  readonly #scheduler: Scheduler
  #deadline: Deadline | undefined
  #dueMs = Number.POSITIVE_INFINITY
  #stopped = false

  constructor(media: Ticking, scheduler: Scheduler) {
    this.#media = media
    this.#scheduler = scheduler
    media.onDue = (dueMs) => this.#arm(dueMs)
    this.#arm(scheduler.clock.nowMs())
  }

  /** Nothing is called any more. */
  stop(): void {
    this.#stopped = true
    this.#deadline?.cancel()
    this.#media.onDue = undefined
  }

  #tick(): void {
    this.#dueMs = Number.POSITIVE_INFINITY
    this.#arm(this.#media.tick(this.#scheduler.clock.nowMs()))
  }

  #arm(dueMs: number): void {
    if (this.#stopped || dueMs >= this.#dueMs) return
    this.#deadline?.cancel()
    this.#dueMs = dueMs
    this.#deadline = this.#scheduler.at(dueMs, () => this.#tick())
  }
}
