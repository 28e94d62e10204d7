/**
 * Packets on their way from one thread to another: a ring in memory that both see, with one writer and one reader. The writer shows what it has
 * written once per turn of its event loop; the reader copies each packet once, into its history. Nothing is allocated on either side.
 *
 * The memory begins with the two ends of what is written, each in a cache line of its own, as counts of bytes that wrap at 32 bits, and with how many
 * packets found no room. Entries follow,
 * each in one piece, so what does not fit before the memory's end begins at its start:
 *
 *     i32 channel | i32 epoch | f64 unwrapped sequence number | u8 track, u8 layer, u16 codec index | i32 length | packet, padded to 8 bytes
 *
 * The epoch is the number of messages that were posted before the packet; see `pipe-outlet.ts`.
 */

const HEAD_WORD = 0
const TAIL_WORD = 16
const DROPPED_WORD = 1
const DATA_BYTES = 128
const ENTRY_BYTES = 24
/** In place of a channel: the next entry is at the start of the memory. */
const SKIP = -1
/** How much may be written before the reader sees it, even within one turn. */
const COMMIT_BYTES = 64 * 1024

/** The least room that takes any packet whatever lies in it. */
export const MIN_RING_BYTES = 256 * 1024

/** Memory for a ring with room for that many bytes, which is a power of two. */
export function createRingMemory(capacityBytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(DATA_BYTES + capacityBytes)
}

/** What both ends see of the memory. */
class RingView {
  readonly ends: Int32Array
  readonly bytes: Buffer
  readonly words: Int32Array
  readonly doubles: Float64Array
  readonly capacity: number

  constructor(memory: SharedArrayBuffer) {
    this.capacity = memory.byteLength - DATA_BYTES
    this.ends = new Int32Array(memory, 0, DATA_BYTES / 4)
    this.bytes = Buffer.from(memory, DATA_BYTES)
    this.words = new Int32Array(memory, DATA_BYTES)
    this.doubles = new Float64Array(memory, DATA_BYTES)
  }
}

/** The end that writes. */
export class PipeRingWriter {
  readonly memory: SharedArrayBuffer
  readonly #view: RingView
  #head = 0
  #committed = 0
  /** Where the reader was when it was last looked at. */
  #tail = 0

  /** @param memory fresh from {@link createRingMemory}. */
  constructor(memory: SharedArrayBuffer) {
    this.memory = memory
    this.#view = new RingView(memory)
  }

  get capacityBytes(): number {
    return this.#view.capacity
  }

  /** Adds a copy of `source[start, start + length)`; false if there is no room. The reader sees it with the next {@link commit}. */
  add(
    channel: number,
    epoch: number,
    track: number,
    layer: number,
    codecIndex: number,
    extSeq: number,
    source: Buffer,
    start: number,
    length: number,
  ): boolean {
    const { bytes, words, doubles, capacity } = this.#view
    const need = ENTRY_BYTES + ((length + 7) & ~7)
    let at = this.#head & (capacity - 1)
    const skipped = at + need > capacity ? capacity - at : 0
    if (!this.#fits(skipped + need)) return false
    if (skipped > 0) {
      words[at >> 2] = SKIP
      at = 0
    }
    const word = at >> 2
    words[word] = channel
    words[word + 1] = epoch
    doubles[(at >> 3) + 1] = extSeq
    words[word + 4] = (track << 24) | (layer << 16) | codecIndex
    words[word + 5] = length
    source.copy(bytes, at + ENTRY_BYTES, start, start + length)
    this.#head = (this.#head + skipped + need) | 0
    if (((this.#head - this.#committed) | 0) >= COMMIT_BYTES) this.commit()
    return true
  }

  /** Counts a packet that has found no room here nor elsewhere. */
  drop(): void {
    Atomics.add(this.#view.ends, DROPPED_WORD, 1)
  }

  /** Shows the reader what has been added, and wakes it if it waits. */
  commit(): void {
    if (this.#head === this.#committed) return
    this.#committed = this.#head
    Atomics.store(this.#view.ends, HEAD_WORD, this.#head)
    Atomics.notify(this.#view.ends, HEAD_WORD)
  }

  #fits(need: number): boolean {
    const limit = this.#view.capacity - need
    if (((this.#head - this.#tail) | 0) <= limit) return true
    this.#tail = Atomics.load(this.#view.ends, TAIL_WORD)
    return ((this.#head - this.#tail) | 0) <= limit
  }
}

/** The end that reads; the fields describe the entry that `next` moved to. */
export class PipeRingReader {
  channel = 0
  track = 0
  layer = 0
  codecIndex = 0
  extSeq = 0
  start = 0
  end = 0
  readonly #view: RingView
  #tail = 0
  #released = 0

  constructor(memory: SharedArrayBuffer) {
    this.#view = new RingView(memory)
  }

  /** Where the packets are, between `start` and `end`, until {@link release}. */
  get buffer(): Buffer {
    return this.#view.bytes
  }

  /** Packets that the writer has found no room for; the writer's end counts them, too. */
  get dropped(): number {
    return Atomics.load(this.#view.ends, DROPPED_WORD) >>> 0
  }

  /** How far the writer has come; see {@link next} and {@link waitAsync}. */
  get head(): number {
    return Atomics.load(this.#view.ends, HEAD_WORD)
  }

  /** Moves to the next entry before `head`; false if there is none, or if messages up to its epoch have not come yet. */
  next(head: number, epoch: number): boolean {
    const { words, doubles, capacity } = this.#view
    if (this.#tail === head) return false
    let at = this.#tail & (capacity - 1)
    let skipped = 0
    if (words[at >> 2] === SKIP) {
      skipped = capacity - at
      at = 0
    }
    const word = at >> 2
    if ((((words[word + 1] as number) - epoch) | 0) > 0) return false
    const place = words[word + 4] as number
    const length = words[word + 5] as number
    this.channel = words[word] as number
    this.extSeq = doubles[(at >> 3) + 1] as number
    this.track = place >>> 24
    this.layer = (place >>> 16) & 0xff
    this.codecIndex = place & 0xffff
    this.start = at + ENTRY_BYTES
    this.end = this.start + length
    this.#tail = (this.#tail + skipped + ENTRY_BYTES + ((length + 7) & ~7)) | 0
    return true
  }

  /** Gives the room of what has been read back to the writer. */
  release(): void {
    if (this.#tail === this.#released) return
    this.#released = this.#tail
    Atomics.store(this.#view.ends, TAIL_WORD, this.#tail)
  }

  /** Resolves when the writer goes on from `head`, or when {@link wake} is called; undefined if it has gone on already. */
  waitAsync(head: number): Promise<unknown> | undefined {
    const waiting = Atomics.waitAsync(this.#view.ends, HEAD_WORD, head)
    return waiting.async ? waiting.value : undefined
  }

  /** Ends the waiting: a promise that waits for ever would keep the memory. */
  wake(): void {
    Atomics.notify(this.#view.ends, HEAD_WORD)
  }
}
