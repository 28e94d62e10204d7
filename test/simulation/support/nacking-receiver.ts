/** The simplest receiver that repairs its losses: asks for every gap soon, and again each round trip, ten times at most. */
import { SequenceUnwrapper } from '../../../src/rtp/sequence.js'
import type { VirtualClock } from '../../../src/testing/virtual-clock.js'

const CHECK_MS = 10
const MAX_TRIES = 10

interface Missing {
  tries: number
  dueMs: number
}

export class NackingReceiver {
  readonly #missing = new Map<number, Missing>()
  readonly #unwrapper = new SequenceUnwrapper()
  readonly #clock: VirtualClock
  readonly #rttMs: number
  readonly #ask: (seqs: readonly number[]) => void

  constructor(clock: VirtualClock, rttMs: number, ask: (seqs: readonly number[]) => void) {
    this.#clock = clock
    this.#rttMs = rttMs
    this.#ask = ask
    this.#check()
  }

  receive(seq: number): void {
    const { newest } = this.#unwrapper
    const extSeq = this.#unwrapper.unwrap(seq)
    this.#missing.delete(extSeq)
    if (newest < 0) return
    const dueMs = this.#clock.nowMs() + CHECK_MS
    for (let next = newest + 1; next < extSeq; next++) this.#missing.set(next, { tries: 0, dueMs })
  }

  #check(): void {
    const nowMs = this.#clock.nowMs()
    const due: number[] = []
    for (const [extSeq, missing] of this.#missing) {
      if (missing.dueMs > nowMs) continue
      if (++missing.tries > MAX_TRIES) {
        this.#missing.delete(extSeq)
        continue
      }
      missing.dueMs = nowMs + this.#rttMs + CHECK_MS
      due.push(extSeq & 0xffff)
    }
    if (due.length > 0) this.#ask(due)
    this.#clock.setTimer(CHECK_MS, () => this.#check())
  }
}
