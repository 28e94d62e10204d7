/**
 * What another shard's viewers of a source begin with: packets in one buffer that is handed over, never copied by the message channel. Each entry is a fixed head and the plain RTP packet:
 *
 *     u8 track | u8 layer | u16 codec index | u16 length | u16 age in ms | f64 unwrapped sequence number | packet, padded to 8 bytes
 */

const HEAD_BYTES = 16
const MAX_AGE_MS = 0xffff

/** Writes packets one behind another. */
export class PipeBatchWriter {
  #bytes = Buffer.alloc(0)
  #used = 0

  /** True while nothing is written. */
  get empty(): boolean {
    return this.#used === 0
  }

  /** Adds a copy of `source[start, start + length)`, which arrived `ageMs` ago. */
  add(
    track: number,
    layer: number,
    codecIndex: number,
    extSeq: number,
    source: Buffer,
    start: number,
    length: number,
    ageMs = 0,
  ): void {
    const need = HEAD_BYTES + padded(length)
    if (this.#used + need > this.#bytes.length) this.#grow(need)
    const at = this.#used
    this.#bytes[at] = track
    this.#bytes[at + 1] = layer
    this.#bytes.writeUInt16LE(codecIndex, at + 2)
    this.#bytes.writeUInt16LE(length, at + 4)
    this.#bytes.writeUInt16LE(Math.min(MAX_AGE_MS, Math.round(ageMs)), at + 6)
    this.#bytes.writeDoubleLE(extSeq, at + 8)
    source.copy(this.#bytes, at + HEAD_BYTES, start, start + length)
    this.#used += need
  }

  /** Takes what was written as a buffer of its own, and begins anew. */
  take(): ArrayBuffer {
    const taken = this.#bytes.buffer.slice(0, this.#used) as ArrayBuffer
    this.#used = 0
    return taken
  }

  #grow(need: number): void {
    const larger = Buffer.from(new ArrayBuffer(Math.max(64 * 1024, 2 * (this.#used + need))))
    this.#bytes.copy(larger, 0, 0, this.#used)
    this.#bytes = larger
  }
}

/** Walks the packets of a batch; the fields describe the one that `next` moved to. */
export class PipeBatchReader {
  readonly buffer: Buffer
  track = 0
  layer = 0
  codecIndex = 0
  ageMs = 0
  extSeq = 0
  start = 0
  end = 0
  #next = 0

  constructor(batch: ArrayBuffer) {
    this.buffer = Buffer.from(batch)
  }

  /** Moves to the next packet; false at the end. */
  next(): boolean {
    const at = this.#next
    if (at + HEAD_BYTES > this.buffer.length) return false
    this.track = this.buffer[at] as number
    this.layer = this.buffer[at + 1] as number
    this.codecIndex = this.buffer.readUInt16LE(at + 2)
    this.extSeq = this.buffer.readDoubleLE(at + 8)
    this.start = at + HEAD_BYTES
    const length = this.buffer.readUInt16LE(at + 4)
    this.ageMs = this.buffer.readUInt16LE(at + 6)
    this.end = this.start + length
    this.#next = this.start + padded(length)
    return this.end <= this.buffer.length
  }
}

function padded(length: number): number {
  return (length + 7) & ~7
}
