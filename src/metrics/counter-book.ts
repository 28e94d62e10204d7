/**
 * Keeps sums of counters growing, whatever happens to those who count. A thread that died is replaced by one that counts from zero, and a count of
 * lost packets falls when a packet comes late; to Prometheus, a counter that falls has begun anew, and its rate would be the whole count.
 */
import { addNumbers, combineNumbers } from '../util/number-tree.js'

/** The counters of one thing, such as a broadcast on all shards: plain objects of numbers, added up over those who count. */
export class CounterBook<Counters extends object> {
  readonly #byCounter = new Map<string, Counters>()

  /** `counter` has counted so far. It is another one after it has begun anew. */
  update(counter: string, counters: Counters): void {
    const known = this.#byCounter.get(counter) ?? ({} as Counters)
    combineNumbers(known, counters, Math.max)
    this.#byCounter.set(counter, known)
  }

  /** What all have counted, those included that are gone; undefined before anybody has. */
  total(): Counters | undefined {
    if (this.#byCounter.size === 0) return undefined
    const total = {} as Counters
    for (const counters of this.#byCounter.values()) addNumbers(total, counters)
    return total
  }
}
