/** The clockwork of layers that have no peer to call them: one deadline for all of a source. */
import type { Deadline, DeadlineQueue } from '../util/scheduler.js'

/** What is called when it is due. */
export interface Ticked {
  /** Does what is due; returns when it wants to be called next. */
  tick(nowMs: number): number
}

/** See the top of the file. */
export class LayerTicker {
  #deadline: Deadline | undefined
  #dueMs = Number.POSITIVE_INFINITY
  #closed = false

  constructor(
    private readonly scheduler: DeadlineQueue,
    private readonly layers: () => readonly Ticked[],
  ) {}

  /** Something is due at `dueMs`, earlier than was known. */
  arm(dueMs: number): void {
    if (this.#closed || dueMs >= this.#dueMs) return
    this.#deadline?.cancel()
    this.#dueMs = dueMs
    this.#deadline = this.scheduler.at(dueMs, () => this.#tick())
  }

  /** Nothing is due any more. */
  close(): void {
    this.#closed = true
    this.#deadline?.cancel()
  }

  #tick(): void {
    this.#dueMs = Number.POSITIVE_INFINITY
    const nowMs = this.scheduler.clock.nowMs()
    let dueMs = Number.POSITIVE_INFINITY
    for (const layer of this.layers()) dueMs = Math.min(dueMs, layer.tick(nowMs))
    if (Number.isFinite(dueMs)) this.arm(dueMs)
  }
}
