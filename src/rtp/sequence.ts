/** Arithmetic of RTP sequence numbers and timestamps, which wrap (RFC 3550, section 5.1 and appendix A.1; RFC 1982). */

/** The signed shortest distance `a - b` of two 16-bit numbers, from -32768 to 32767; positive when `a` is newer. */
export function seqDelta(a: number, b: number): number {
  return ((a - b) << 16) >> 16
}

/** The signed shortest distance `a - b` of two 32-bit numbers, from -2^31 to 2^31 - 1; positive when `a` is later. */
export function timestampDelta(a: number, b: number): number {
  return (a - b) | 0
}

/**
 * Turns 16-bit sequence numbers into ones that never wrap.
 *
 * The first packet becomes its own number plus 65536, so that packets which were overtaken by it do not become negative, and
 * the low 16 bits of every result are the sequence number itself.
 */
export class SequenceUnwrapper {
  #newest = -1

  /** The highest unwrapped number so far; -1 before the first. */
  get newest(): number {
    return this.#newest
  }

  /** The unwrapped number of `seq`, the one nearest to the newest; the newest moves up to it. */
  unwrap(seq: number): number {
    const extSeq = this.peek(seq)
    if (extSeq > this.#newest) this.#newest = extSeq
    return extSeq
  }

  /** What {@link SequenceUnwrapper.unwrap} would return, without moving the newest. */
  peek(seq: number): number {
    if (this.#newest < 0) return seq + 0x1_0000
    // Bitwise operators take numbers modulo 2^32, so this holds beyond 32 bits too.
    return this.#newest + seqDelta(seq, this.#newest & 0xffff)
  }
}

/**
 * Turns 32-bit RTP timestamps into ones that never wrap, in the same way: the first becomes its own value plus 2^32, and the
 * low 32 bits of every result are the timestamp itself.
 */
export class TimestampUnwrapper {
  #newest = -1

  /** The latest unwrapped timestamp so far; -1 before the first. */
  get newest(): number {
    return this.#newest
  }

  /** The unwrapped value of `timestamp`, the one nearest to the newest; the newest moves up to it. */
  unwrap(timestamp: number): number {
    const extTimestamp = this.peek(timestamp)
    if (extTimestamp > this.#newest) this.#newest = extTimestamp
    return extTimestamp
  }

  /** What {@link TimestampUnwrapper.unwrap} would return, without moving the newest. */
  peek(timestamp: number): number {
    if (this.#newest < 0) return timestamp + 0x1_0000_0000
    return this.#newest + timestampDelta(timestamp, this.#newest)
  }
}
