/** What waits to be sent to one viewer: references to packets, in order. The bytes stay where they are, in the history of their layer. */
import type { MediaLayer } from '../types.js'

/** Made with the first packet: most viewers' packets leave as they come. */
const FIRST_CAPACITY = 16

const NO_NUMBERS = new Float64Array(0)
const NO_FLAGS = new Uint8Array(0)

/** A ring of references, each of one stream's lane, in arrays that grow as needed: nothing is allocated per packet. */
export class PacerQueue<Lane extends object> {
  /** How many packets wait. */
  length = 0
  /** How many bytes they have. */
  bytes = 0
  #lanes: (Lane | undefined)[] = []
  #layers: (MediaLayer | undefined)[] = []
  #extSeqs = NO_NUMBERS
  #sizes = NO_NUMBERS
  #sinceMs = NO_NUMBERS
  #keyframes = NO_FLAGS
  #capacity = 0
  #head = 0

  /** Whose the first packet is; undefined while nothing waits. */
  get headLane(): Lane | undefined {
    return this.length === 0 ? undefined : this.#lanes[this.#head]
  }

  get headLayer(): MediaLayer | undefined {
    return this.#layers[this.#head]
  }

  get headExtSeq(): number {
    return this.#extSeqs[this.#head] as number
  }

  /** Since when the first packet waits; infinity while nothing does. */
  get headSinceMs(): number {
    return this.length === 0 ? Number.POSITIVE_INFINITY : (this.#sinceMs[this.#head] as number)
  }

  /** Puts a packet at the end. `keyframe` says that the stream can begin with it. */
  push(
    lane: Lane,
    layer: MediaLayer | undefined,
    extSeq: number,
    bytes: number,
    keyframe: boolean,
    nowMs: number,
  ): void {
    if (this.length === this.#capacity) this.#grow()
    const at = (this.#head + this.length) % this.#capacity
    this.#lanes[at] = lane
    this.#layers[at] = layer
    this.#extSeqs[at] = extSeq
    this.#sizes[at] = bytes
    this.#sinceMs[at] = nowMs
    this.#keyframes[at] = keyframe ? 1 : 0
    this.length++
    this.bytes += bytes
  }

  /** Takes the first packet out. */
  shift(): void {
    if (this.length === 0) return
    this.bytes -= this.#sizes[this.#head] as number
    this.#clear(this.#head)
    this.#head = (this.#head + 1) % this.#capacity
    this.length--
  }

  /** Where the newest packet of the lane is that its stream can begin with, counted from the first; -1 for none. */
  newestKeyframe(lane: Lane): number {
    for (let i = this.length - 1; i >= 0; i--) {
      const at = (this.#head + i) % this.#capacity
      if (this.#lanes[at] === lane && this.#keyframes[at] === 1) return i
    }
    return -1
  }

  /** Since when the packet `index` places behind the first waits. */
  sinceMs(index: number): number {
    return this.#sinceMs[(this.#head + index) % this.#capacity] as number
  }

  /** Takes out the lane's packets among the first `count`; returns how many those were. */
  remove(lane: Lane, count: number): number {
    let kept = 0
    const { length } = this
    for (let i = 0; i < length; i++) {
      const from = (this.#head + i) % this.#capacity
      if (i < count && this.#lanes[from] === lane) this.bytes -= this.#sizes[from] as number
      else this.#move(from, (this.#head + kept++) % this.#capacity)
    }
    for (let i = kept; i < length; i++) this.#clear((this.#head + i) % this.#capacity)
    this.length = kept
    return length - kept
  }

  #move(from: number, to: number): void {
    this.#lanes[to] = this.#lanes[from]
    this.#layers[to] = this.#layers[from]
    this.#extSeqs[to] = this.#extSeqs[from] as number
    this.#sizes[to] = this.#sizes[from] as number
    this.#sinceMs[to] = this.#sinceMs[from] as number
    this.#keyframes[to] = this.#keyframes[from] as number
  }

  /** Layers must not outlive their publisher because of a slot that nothing uses. */
  #clear(at: number): void {
    this.#lanes[at] = undefined
    this.#layers[at] = undefined
  }

  #grow(): void {
    const capacity = Math.max(FIRST_CAPACITY, this.#capacity * 2)
    const order = Array.from({ length: this.length }, (_, i) => (this.#head + i) % this.#capacity)
    const copy = (from: Float64Array | Uint8Array, to: Float64Array | Uint8Array): void => {
      for (const [i, at] of order.entries()) to[i] = from[at] as number
    }
    const [extSeqs, sizes, sinceMs] = [0, 0, 0].map(() => new Float64Array(capacity)) as [
      Float64Array<ArrayBuffer>,
      Float64Array<ArrayBuffer>,
      Float64Array<ArrayBuffer>,
    ]
    const keyframes = new Uint8Array(capacity)
    copy(this.#extSeqs, extSeqs)
    copy(this.#sizes, sizes)
    copy(this.#sinceMs, sinceMs)
    copy(this.#keyframes, keyframes)
    this.#lanes = [...order.map((at) => this.#lanes[at]), ...new Array<undefined>(capacity - this.length)]
    this.#layers = [...order.map((at) => this.#layers[at]), ...new Array<undefined>(capacity - this.length)]
    this.#extSeqs = extSeqs
    this.#sizes = sizes
    this.#sinceMs = sinceMs
    this.#keyframes = keyframes
    this.#capacity = capacity
    this.#head = 0
  }
}
