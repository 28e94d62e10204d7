/** What waits for the disk, in order, and never more of it than there may be. */
import type { WriteOp } from './segment-plan.js'

/** When it has been full, this part of it has to be free before frames are taken again. */
const REOPEN_SHARE = 0.5

/** See the top of the file. */
export class WriteQueue {
  readonly #maxBytes: number
  #ops: WriteOp[] = []
  #bytes = 0
  #mostBytes = 0
  #isFull = false

  /** @param maxBytes how many bytes of frames may wait. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes of the frames that wait. */
  get bytes(): number {
    return this.#bytes
  }

  /** The most that have ever waited. */
  get mostBytes(): number {
    return this.#mostBytes
  }

  /** How many operations wait. */
  get length(): number {
    return this.#ops.length
  }

  /** Whether a frame should be added. Once full, it takes none until half of it is free: frames here and there are of no use. */
  hasRoom(): boolean {
    if (this.#isFull && this.#bytes <= this.#maxBytes * REOPEN_SHARE) this.#isFull = false
    if (this.#bytes >= this.#maxBytes) this.#isFull = true
    return !this.#isFull
  }

  /** Adds it, whether there is room or not: beginnings and ends of files always count. */
  push(op: WriteOp): void {
    this.#ops.push(op)
    if (op.op !== 'frame') return
    this.#bytes += op.data.length
    this.#mostBytes = Math.max(this.#mostBytes, this.#bytes)
  }

  /** All that waits; it counts as waiting until `written` says otherwise. */
  take(): readonly WriteOp[] {
    const ops = this.#ops
    this.#ops = []
    return ops
  }

  /** `op` does not wait any more. */
  written(op: WriteOp): void {
    if (op.op === 'frame') this.#bytes -= op.data.length
  }
}
