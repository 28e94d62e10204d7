/**
 * Takes packets that are not forwarded (padding alone, payload types that nobody negotiated) out of a stream's numbering, so that
 * sinks do not see them as loss.
 *
 * Only a packet that is the newest when it comes can be taken out: nothing behind it has been numbered yet, and what comes late
 * from before it keeps the older numbering. One that is itself late, or lost, stays a gap, which is what it would be anyway.
 */

/** How many of the newest removals are known one by one. */
const KNOWN = 64

/** The map from a stream's unwrapped sequence numbers to the ones without gaps. */
export class SequenceCompactor {
  /** A ring of the numbers taken out, ascending. */
  readonly #removed = new Float64Array(KNOWN)
  #count = 0

  /** Takes `extSeq` out. It must be higher than every number removed or mapped before. */
  remove(extSeq: number): void {
    this.#removed[this.#count++ % KNOWN] = extSeq
  }

  /** The number that `extSeq` has without the removed ones; -1 if it was removed itself, or is too old to know. */
  map(extSeq: number): number {
    let before = this.#count
    while (before > 0) {
      if (before <= this.#count - KNOWN) return -1
      const removed = this.#removed[(before - 1) % KNOWN] as number
      if (removed === extSeq) return -1
      if (removed < extSeq) break
      before--
    }
    return extSeq - before
  }
}
