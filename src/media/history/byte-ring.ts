/**
 * Room for packets one behind the other in one flat buffer, given back in the order in which it was taken. The history's memory:
 * no Buffer per packet, nothing for the garbage collector.
 */

const FIRST_CAPACITY_BYTES = 16 * 1024

/** Says that room was lost because the ring went over it. */
export type Evict = (tag: number) => void

/** A ring of byte ranges, each under a tag of its owner's. It grows by doubling up to its limit and only then goes over the oldest. */
export class ByteRing {
  /** Where ranges lie. Exchanged when the ring grows: the ranges stay valid in the new one. */
  buffer: Buffer = Buffer.alloc(0)
  readonly #maxBytes: number
  readonly #maxEntries: number
  #starts = new Int32Array(0)
  #lengths = new Int32Array(0)
  #tags = new Float64Array(0)
  /** Index of the oldest entry, and how many there are. */
  #first = 0
  #count = 0
  #head = 0

  constructor(maxEntries: number, maxBytes: number) {
    this.#maxEntries = maxEntries
    this.#maxBytes = maxBytes
  }

  /** How many ranges are taken. */
  get count(): number {
    return this.#count
  }

  /** The tag of the range that was taken first; undefined while there is none. */
  get oldestTag(): number | undefined {
    return this.#count === 0 ? undefined : this.#tags[this.#first]
  }

  /** Gives the range back that was taken first. There must be one. */
  dropOldest(evict: Evict): void {
    const tag = this.#tags[this.#first] as number
    this.#first = (this.#first + 1) % this.#maxEntries
    this.#count--
    evict(tag)
  }

  /** Gives the memory back while nothing is taken. The next `take` begins small again. */
  release(): void {
    if (this.#count > 0) return
    this.buffer = Buffer.alloc(0)
    this.#starts = new Int32Array(0)
    this.#lengths = new Int32Array(0)
    this.#tags = new Float64Array(0)
    this.#first = 0
    this.#head = 0
  }

  /**
   * Takes `length` bytes and returns where they start; -1 if they never fit.
   *
   * `evict` is told the tag of each range that had to go, `moved` where a range lies after the ring has grown.
   */
  take(length: number, tag: number, evict: Evict, moved: (tag: number, start: number) => void): number {
    if (length > this.#maxBytes || length <= 0) return -1
    if (this.#starts.length === 0) this.#allocate()
    while (this.#count >= this.#maxEntries) this.dropOldest(evict)
    while (!this.#fits(length) && this.buffer.length < this.#maxBytes) this.#grow(moved)
    let start = this.#head
    if (start + length > this.buffer.length) {
      // What lies between here and the buffer's end is the oldest, so it goes before anything at the front does.
      while (this.#count > 0 && (this.#starts[this.#first] as number) >= start) this.dropOldest(evict)
      start = 0
    }
    while (this.#oldestOverlaps(start, start + length)) this.dropOldest(evict)
    const at = (this.#first + this.#count) % this.#maxEntries
    this.#starts[at] = start
    this.#lengths[at] = length
    this.#tags[at] = tag
    this.#count++
    this.#head = start + length
    return start
  }

  /** True if `length` bytes are free without going over anything. */
  #fits(length: number): boolean {
    if (this.#count === 0) return length <= this.buffer.length
    const tail = this.#starts[this.#first] as number
    if (this.#head <= tail) return length <= tail - this.#head
    return length <= this.buffer.length - this.#head || length <= tail
  }

  #oldestOverlaps(start: number, end: number): boolean {
    if (this.#count === 0) return false
    const oldest = this.#starts[this.#first] as number
    return oldest < end && oldest + (this.#lengths[this.#first] as number) > start
  }

  #allocate(): void {
    this.#starts = new Int32Array(this.#maxEntries)
    this.#lengths = new Int32Array(this.#maxEntries)
    this.#tags = new Float64Array(this.#maxEntries)
    this.buffer = Buffer.allocUnsafeSlow(Math.min(FIRST_CAPACITY_BYTES, this.#maxBytes))
  }

  #grow(moved: (tag: number, start: number) => void): void {
    const old = this.buffer
    const larger = Buffer.allocUnsafeSlow(Math.min(2 * old.length, this.#maxBytes))
    this.buffer = larger
    let at = 0
    for (let i = 0; i < this.#count; i++) {
      const index = (this.#first + i) % this.#maxEntries
      const start = this.#starts[index] as number
      const length = this.#lengths[index] as number
      old.copy(larger, at, start, start + length)
      this.#starts[index] = at
      moved(this.#tags[index] as number, at)
      at += length
    }
    this.#head = at
  }
}
