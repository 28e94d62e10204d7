/**
 * Media comes first: what clients that are not connected yet ask of a port waits here, and is done a little per turn of the event loop, behind the packets and
 * timers of everybody else. A handshake costs as much as hundreds of packets, and clients come in crowds: at once, three hundred of them would hold up
 * media for as long as all of that takes.
 *
 * Handshakes that have begun come before new ones, so that a crowd is served one after the other and not all of it late; new ones have a turn of
 * every four all the same. Whoever waits has one: a turn gives a tenth of the time to joins at least, however busy the thread is.
 */
import type { Clock } from '../util/clock.js'

/** How far a client has come; what is connected has nothing to wait for. */
export type JoinProgress = 'new' | 'begun' | 'connected'

/** How long joins may hold up media in a turn of the event loop, but for the step that is being done. */
const SLICE_MS = 0.5
/** In a long turn they have this part of it, up to {@link MAX_SLICE_MS}. */
const LEAST_SHARE = 0.1
const MAX_SLICE_MS = 2
/** No turn does more steps. */
const STEPS_PER_TURN = 8
/** So many steps of handshakes that have begun are done before one of a new one. */
const BEGUN_BEFORE_NEW = 3
/** What a waiting step takes besides its datagram. */
const STEP_BYTES = 256

/** How a {@link JoinQueue} is made. */
export interface JoinQueueOptions {
  readonly clock: Pick<Clock, 'nowMs'>
  /** The most that may wait: datagrams, and 256 bytes more for each. */
  readonly maxBytes: number
  /** Calls `fn` in the next turn of the event loop, behind its packets; several calls in the same turn, each with its promises settled before the next. */
  readonly defer: (fn: () => void) => void
}

interface Step {
  readonly run: () => void
  readonly bytes: number
}

/** See the top of the file. */
export class JoinQueue {
  readonly #options: JoinQueueOptions
  readonly #begun: Step[] = []
  readonly #new: Step[] = []
  #bytes = 0
  #begunInARow = 0
  /** Calls that were asked of `defer` and have not come. */
  #deferred = 0
  #turnMs = Number.NaN
  #endMs = Number.NEGATIVE_INFINITY

  constructor(options: JoinQueueOptions) {
    this.#options = options
  }

  /** How many steps wait. */
  get length(): number {
    return this.#begun.length + this.#new.length
  }

  /** Has `run` called when its time has come; false if too much waits already. What it throws is its own business. */
  add(progress: JoinProgress, bytes: number, run: () => void): boolean {
    const weight = bytes + STEP_BYTES
    if (this.#bytes + weight > this.#options.maxBytes) return false
    this.#bytes += weight
    const steps = progress === 'new' ? this.#new : this.#begun
    steps.push({ run, bytes: weight })
    if (this.#deferred === 0) this.#defer()
    return true
  }

  #defer(): void {
    this.#deferred = Math.min(this.length, STEPS_PER_TURN)
    this.#turnMs = Number.NaN
    for (let i = this.#deferred; i > 0; i--) this.#options.defer(this.#onTurn)
  }

  readonly #onTurn = (): void => {
    this.#deferred--
    const nowMs = this.#options.clock.nowMs()
    if (Number.isNaN(this.#turnMs)) this.#turnMs = nowMs
    const sliceMs = Math.min(MAX_SLICE_MS, Math.max(SLICE_MS, LEAST_SHARE * (this.#turnMs - this.#endMs)))
    // The first step of a turn is always done.
    const step = nowMs === this.#turnMs || nowMs - this.#turnMs < sliceMs ? this.#take() : undefined
    try {
      step?.run()
    } finally {
      if (this.#deferred === 0) {
        this.#endMs = this.#options.clock.nowMs()
        if (this.length > 0) this.#defer()
      }
    }
  }

  #take(): Step | undefined {
    const isNewsTurn = this.#begun.length === 0 || (this.#begunInARow >= BEGUN_BEFORE_NEW && this.#new.length > 0)
    this.#begunInARow = isNewsTurn ? 0 : this.#begunInARow + 1
    const step = (isNewsTurn ? this.#new : this.#begun).shift()
    if (step) this.#bytes -= step.bytes
    return step
  }
}
