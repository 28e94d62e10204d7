/**
 * What one shard says to another about the feeds that it gives to it. Packets go through a ring in shared memory (`pipe-ring.ts`), everything else through
 * the port between the two. Both are read in the order in which they were written: each packet says how many messages were posted before it, and
 * each message comes behind the packets that were added before it; see `pipe-inlet.ts`.
 */
import type { WaitingPackets } from '../media/fan-out.js'
import { createLog } from '../util/log.js'
import type { PipeDelivery } from './pipe-messages.js'
import { createRingMemory, MIN_RING_BYTES, PipeRingWriter } from './pipe-ring.js'

const log = createLog('pipes')

/** Posts to the other shard; `transfer` is handed over instead of copied. */
export type PipePost = (message: PipeDelivery, transfer?: ArrayBuffer[]) => void

/** Calls `flush` at the end of the turn of the event loop. */
export interface TurnEnd {
  addFirst(waiting: WaitingPackets): void
}

/** See the top of the file. */
export class PipeOutlet implements WaitingPackets {
  /** Packets that there was no room for. */
  dropped = 0
  readonly #post: PipePost
  readonly #maxBytes: number
  readonly #turnEnd: TurnEnd
  #ring: PipeRingWriter | undefined
  #channels = 0
  /** Messages that have been posted; wraps at 32 bits. */
  #epoch = 0
  #full = false
  #isWaiting = false

  /**
   * @param maxBytes how much the ring may grow to while the other shard does not read.
   * @param turnEnd by default one of its own.
   */
  constructor(post: PipePost, maxBytes: number, turnEnd: TurnEnd = OWN_TURN_END) {
    this.#post = post
    this.#turnEnd = turnEnd
    this.#maxBytes = maxBytes
  }

  /** A number for the packets of one source, which no other one has had. */
  openChannel(): number {
    this.#channels = (this.#channels + 1) & 0x7fffffff
    return this.#channels
  }

  /** Says something else, behind the packets that have been added. */
  post(message: PipeDelivery, transfer?: ArrayBuffer[]): void {
    this.#ring?.commit()
    this.#epoch = (this.#epoch + 1) | 0
    this.#post(message, transfer)
  }

  /** Adds a copy of a packet; the other shard sees it at the end of this turn of the event loop. */
  add(
    channel: number,
    track: number,
    layer: number,
    codecIndex: number,
    extSeq: number,
    source: Buffer,
    start: number,
    length: number,
  ): void {
    this.#ring ??= this.#exchange(MIN_RING_BYTES)
    while (!this.#ring.add(channel, this.#epoch, track, layer, codecIndex, extSeq, source, start, length)) {
      const larger = 2 * this.#ring.capacityBytes
      if (larger > this.#maxBytes) return this.#drop(this.#ring)
      this.#ring = this.#exchange(larger)
    }
    this.#full = false
    if (this.#isWaiting) return
    this.#isWaiting = true
    this.#turnEnd.addFirst(this)
  }

  /** Shows the other shard what has been added. */
  flush(): void {
    this.#isWaiting = false
    this.#ring?.commit()
  }

  /** Nothing goes to the other shard for now: lets go of the memory. */
  rest(): void {
    if (!this.#ring) return
    this.post({ type: 'ring', memory: undefined })
    this.#ring = undefined
  }

  /** Nothing goes there any more. */
  close(): void {
    this.#ring = undefined
  }

  /** A larger ring takes the place of one that is full; the other shard reads that one to its end first. */
  #exchange(capacityBytes: number): PipeRingWriter {
    const ring = new PipeRingWriter(createRingMemory(capacityBytes))
    this.post({ type: 'ring', memory: ring.memory })
    return ring
  }

  #drop(ring: PipeRingWriter): void {
    ring.drop()
    if (!this.#full) log('the other shard does not read: packets to it are dropped')
    this.#full = true
    this.dropped++
  }
}

const OWN_TURN_END: TurnEnd = {
  addFirst: (waiting) => {
    setImmediate(flush, waiting)
  },
}

function flush(waiting: WaitingPackets): void {
  waiting.flush(0)
}
