/**
 * When a receiver's decoder gets its pictures: a frame is decoded when all of it is there and so was the frame before it, or when it is a
 * whole keyframe. A stream that stands still for too long asks for a keyframe, as browsers do.
 */
import type { VirtualClock } from '../../../src/testing/virtual-clock.js'

/** A decoder that gets nothing for so long asks for a keyframe. */
const PATIENCE_MS = 3000

interface FramePacket {
  readonly begins: boolean
  readonly ends: boolean
  readonly keyframe: boolean
}

export class FrameBuffer {
  /** When each frame was decoded, since the last `clear`. */
  readonly decodedMs: number[] = []
  keep = true
  /** Frames and keyframes decoded. */
  frames = 0
  keyframes = 0
  /** The last packet of the newest decoded frame. */
  decodedTo = -1
  readonly #clock: VirtualClock
  readonly #requestKeyframe: () => void
  readonly #decoded: (to: number) => void
  readonly #packets = new Map<number, FramePacket>()
  /** First packets of keyframes that are not decoded yet. */
  readonly #keyframes = new Set<number>()
  #lastMs = Number.NaN
  #watching = false

  /** @param decoded a frame was decoded: nothing up to the packet of that number is needed any more. */
  constructor(clock: VirtualClock, requestKeyframe: () => void, decoded: (to: number) => void) {
    this.#clock = clock
    this.#requestKeyframe = requestKeyframe
    this.#decoded = decoded
  }

  /** How many packets wait. */
  get waiting(): number {
    return this.#packets.size
  }

  receive(extSeq: number, begins: boolean, ends: boolean, keyframe: boolean): void {
    if (extSeq <= this.decodedTo || this.#packets.has(extSeq)) return
    this.#packets.set(extSeq, { begins, ends, keyframe })
    if (keyframe) this.#keyframes.add(extSeq)
    if (!this.#watching) this.#watch(this.#clock.nowMs() + PATIENCE_MS)
    if (this.decodedTo < 0 || !this.#packets.has(this.decodedTo + 1)) this.#jump()
    while (this.#decodeNext());
  }

  /** The longest time without a new picture between `fromMs` and `toMs`. */
  longestFreezeMs(fromMs: number, toMs: number): number {
    let longest = 0
    let lastMs = fromMs
    for (const atMs of this.decodedMs) {
      if (atMs < fromMs || atMs > toMs) continue
      longest = Math.max(longest, atMs - lastMs)
      lastMs = atMs
    }
    return Math.max(longest, toMs - lastMs)
  }

  #decodeNext(): boolean {
    if (this.decodedTo < 0) return false
    const first = this.decodedTo + 1
    const last = this.#endOf(first)
    if (last < 0) return this.#jump()
    this.#decode(first, last)
    return true
  }

  /** Goes on with the oldest whole keyframe there is, whatever is missing before it. */
  #jump(): boolean {
    for (const first of this.#keyframes) {
      const last = this.#endOf(first)
      if (last < 0) continue
      for (const extSeq of this.#packets.keys()) if (extSeq < first) this.#packets.delete(extSeq)
      this.#decode(first, last)
      return true
    }
    return false
  }

  /** The last packet of the frame that begins with `first`; -1 if it is not all there. */
  #endOf(first: number): number {
    if (this.#packets.get(first)?.begins !== true) return -1
    for (let extSeq = first; ; extSeq++) {
      const packet = this.#packets.get(extSeq)
      if (packet === undefined) return -1
      if (packet.ends) return extSeq
    }
  }

  #decode(first: number, last: number): void {
    for (let extSeq = first; extSeq <= last; extSeq++) this.#packets.delete(extSeq)
    if (this.#keyframes.size > 0) {
      if (this.#keyframes.has(first)) this.keyframes++
      for (const extSeq of this.#keyframes) if (extSeq <= last) this.#keyframes.delete(extSeq)
    }
    this.decodedTo = last
    this.frames++
    this.#lastMs = this.#clock.nowMs()
    if (this.keep) this.decodedMs.push(this.#lastMs)
    this.#decoded(last)
  }

  #watch(atMs: number): void {
    this.#watching = true
    this.#clock.at(atMs, () => {
      const nowMs = this.#clock.nowMs()
      if (nowMs < this.#lastMs + PATIENCE_MS) {
        this.#watch(this.#lastMs + PATIENCE_MS)
        return
      }
      this.#requestKeyframe()
      this.#watch(nowMs + PATIENCE_MS)
    })
  }
}
