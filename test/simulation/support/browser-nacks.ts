/** How a browser asks for what it misses: at once, then every round trip that it supposes, ten times; too much of it is a keyframe's business. */
import { SequenceUnwrapper } from '../../../src/rtp/sequence.js'
import type { VirtualClock } from '../../../src/testing/virtual-clock.js'

const SUPPOSED_RTT_MS = 100
const CHECK_MS = 20
const MAX_TRIES = 10
const MAX_MISSING = 1000

interface Missing {
  tries: number
  askedMs: number
}

export class BrowserNacks {
  /** Numbers asked for, every time counted. */
  asked = 0
  readonly #clock: VirtualClock
  readonly #ask: (seqs: readonly number[]) => void
  readonly #requestKeyframe: () => void
  readonly #unwrapper = new SequenceUnwrapper()
  readonly #missing = new Map<number, Missing>()
  #checking = false

  constructor(clock: VirtualClock, ask: (seqs: readonly number[]) => void, requestKeyframe: () => void) {
    this.#clock = clock
    this.#ask = ask
    this.#requestKeyframe = requestKeyframe
  }

  /** How many packets are missing. */
  get missing(): number {
    return this.#missing.size
  }

  /** Takes a packet's number; returns it unwrapped. */
  receive(seq: number): number {
    const { newest } = this.#unwrapper
    const extSeq = this.#unwrapper.unwrap(seq)
    this.#missing.delete(extSeq)
    if (newest < 0 || extSeq <= newest + 1) return extSeq
    for (let next = newest + 1; next < extSeq; next++) {
      this.#missing.set(next, { tries: 0, askedMs: Number.NEGATIVE_INFINITY })
    }
    if (this.#missing.size > MAX_MISSING) {
      this.#missing.clear()
      this.#requestKeyframe()
    }
    this.#askDue()
    return extSeq
  }

  /** Nothing up to that number is needed any more. */
  clearTo(extSeq: number): void {
    for (const missing of this.#missing.keys()) {
      if (missing > extSeq) return
      this.#missing.delete(missing)
    }
  }

  #askDue(): void {
    const nowMs = this.#clock.nowMs()
    const due: number[] = []
    for (const [extSeq, missing] of this.#missing) {
      if (nowMs - missing.askedMs < SUPPOSED_RTT_MS) continue
      missing.askedMs = nowMs
      due.push(extSeq & 0xffff)
      if (++missing.tries >= MAX_TRIES) this.#missing.delete(extSeq)
    }
    if (due.length > 0) {
      this.asked += due.length
      this.#ask(due)
    }
    if (this.#checking || this.#missing.size === 0) return
    this.#checking = true
    this.#clock.setTimer(CHECK_MS, () => {
      this.#checking = false
      this.#askDue()
    })
  }
}
