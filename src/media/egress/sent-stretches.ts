/** The newest stretches of an outgoing stream, so that a packet of before a change can still be sent again. Bounded in number and in time. */
import type { Stretch } from './stretch.js'

const MAX_STRETCHES = 4

/** What ended longer ago is asked for by nobody, and must not keep a layer's history in memory. */
const KEEP_MS = 3000

/** Remembers stretches. */
export class SentStretches {
  /** Oldest first. */
  readonly #stretches: Stretch[] = []

  /** The newest; undefined before the first. A field, as it is asked for with every packet. */
  newest: Stretch | undefined

  /** When `forget` has something to forget; infinity for never. */
  get dueMs(): number {
    return (this.#stretches[0]?.endedMs ?? Number.POSITIVE_INFINITY) + KEEP_MS
  }

  /** Another stretch begins. */
  begin(stretch: Stretch, nowMs: number): void {
    this.end(nowMs)
    this.#stretches.push(stretch)
    this.newest = stretch
    if (this.#stretches.length > MAX_STRETCHES) this.#stretches.shift()
  }

  /** The newest could not be begun: as if it had not been, though what was before it is over. */
  abandon(): void {
    this.#stretches.pop()
    this.newest = this.#stretches.at(-1)
  }

  /** What was being sent is over. */
  end(nowMs: number): void {
    const { newest } = this
    if (newest !== undefined && newest.endedMs === Number.POSITIVE_INFINITY) newest.endedMs = nowMs
  }

  /** Lets go of what has ended long enough ago. */
  forget(nowMs: number): void {
    while (nowMs >= this.dueMs) this.#stretches.shift()
    this.newest = this.#stretches.at(-1)
  }

  /** Lets go of everything. */
  clear(): void {
    this.#stretches.length = 0
    this.newest = undefined
  }

  /** The stretch that our number `extSeq`, which is not ahead of the stream, belongs to. */
  of(extSeq: number): Stretch | undefined {
    for (let i = this.#stretches.length - 1; i >= 0; i--) {
      const stretch = this.#stretches[i] as Stretch
      if (extSeq >= stretch.firstExtSeq) return stretch
    }
    return undefined
  }
}
