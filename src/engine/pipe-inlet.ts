/** What comes from one other shard: the messages of its `PipeOutlet` and the packets of its ring, in the order in which they were sent. */
import type { PipeDelivery } from './pipe-messages.js'
import { PipeRingReader } from './pipe-ring.js'

/** What is told as it comes; packets that are in `ring` until this returns. */
export interface PipeInletOwner {
  onDelivery(delivery: Exclude<PipeDelivery, { type: 'ring' }>): void
  onPacket(ring: PipeRingReader, nowMs: number): void
  nowMs(): number
}

/** See the top of the file. */
export class PipeInlet {
  #ring: PipeRingReader | undefined
  /** Of rings before. */
  #pastDropped = 0
  /** Messages that have come; wraps at 32 bits. */
  #epoch = 0

  constructor(readonly owner: PipeInletOwner) {}

  /** Packets that the other shard had to leave out, as too much waited here already. */
  get dropped(): number {
    return this.#pastDropped + (this.#ring?.dropped ?? 0)
  }

  /** A message has come through the port. */
  accept(delivery: PipeDelivery): void {
    // The packets that were added before it. The ring shows them already: it did before the message was posted.
    this.#drain()
    this.#epoch = (this.#epoch + 1) | 0
    if (delivery.type === 'ring') this.#setRing(delivery.memory)
    else this.owner.onDelivery(delivery)
    // A packet that was added behind the message may be there before it.
    this.#drain()
  }

  /** Nothing is read any more. */
  close(): void {
    this.#setRing(undefined)
  }

  #setRing(memory: SharedArrayBuffer | undefined): void {
    const before = this.#ring
    this.#pastDropped = this.dropped
    this.#ring = memory && new PipeRingReader(memory)
    before?.wake()
    if (this.#ring) this.#read(this.#ring)
  }

  /** Reads what there is, and again when there is more. */
  #read(ring: PipeRingReader): void {
    if (ring !== this.#ring) return
    const again = () => this.#read(ring)
    const waiting = ring.waitAsync(this.#drain())
    // What has come meanwhile waits for its turn, so that a fast writer does not take all of this thread's time.
    if (waiting) void waiting.then(again)
    else setImmediate(again)
  }

  /** Returns how far the writer had come. */
  #drain(): number {
    const ring = this.#ring
    if (!ring) return 0
    const { head } = ring
    if (!ring.next(head, this.#epoch)) return head
    const nowMs = this.owner.nowMs()
    do this.owner.onPacket(ring, nowMs)
    while (ring.next(head, this.#epoch))
    ring.release()
    return head
  }
}
