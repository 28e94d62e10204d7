/** Notices that a peer has gone silent, and that it is gone (RFC 7675: no consent, no traffic). */
import type { Deadline, Scheduler } from '../../util/scheduler.js'

/** How long is how long, and whom to tell. */
export interface ConsentTimerOptions {
  readonly scheduler: Scheduler
  /** Silent for this long, the peer counts as disconnected. */
  readonly disconnectedAfterMs: number
  /** Silent for this long, it counts as gone. */
  readonly consentTimeoutMs: number
  onSilent(): void
  onAlive(): void
  onExpired(): void
}

/** One deadline per peer, however often the peer shows life: it looks back when it is due, and waits for the rest. */
export class ConsentTimer {
  readonly #options: ConsentTimerOptions
  #deadline: Deadline | undefined
  #lastLifeMs = 0
  #silent = false
  #running = false

  constructor(options: ConsentTimerOptions) {
    this.#options = options
  }

  /** Begins; now counts as a sign of life. */
  start(nowMs: number): void {
    this.#running = true
    this.#lastLifeMs = nowMs
    this.#arm()
  }

  /** Something authentic came from the peer. Cheap enough for every packet. */
  touch(nowMs: number): void {
    this.#lastLifeMs = nowMs
    if (this.#silent) {
      this.#silent = false
      this.#arm()
      this.#options.onAlive()
    }
  }

  /** Ends it for good. */
  stop(): void {
    this.#running = false
    this.#silent = false
    this.#deadline?.cancel()
  }

  #arm(): void {
    if (!this.#running) return
    const { scheduler, disconnectedAfterMs, consentTimeoutMs } = this.#options
    const nextMs = this.#silent ? consentTimeoutMs : Math.min(disconnectedAfterMs, consentTimeoutMs)
    this.#deadline?.cancel()
    this.#deadline = scheduler.at(this.#lastLifeMs + nextMs, () => this.#check())
  }

  #check(): void {
    const { scheduler, disconnectedAfterMs, consentTimeoutMs } = this.#options
    const silentMs = scheduler.clock.nowMs() - this.#lastLifeMs
    if (silentMs >= consentTimeoutMs) {
      this.stop()
      this.#options.onExpired()
      return
    }
    const fellSilent = !this.#silent && silentMs >= disconnectedAfterMs
    if (fellSilent) this.#silent = true
    this.#arm()
    if (fellSilent) this.#options.onSilent()
  }
}
