/**
 * One timer for everything that waits on a shard: a binary heap of deadlines over a single armed timer, so that thousands
 * of peers cost no timer of their own.
 */
import { BroadcastError } from '../errors.js'
import { type Clock, systemClock, systemTimers, type TimerHost } from './clock.js'

/** Something that will happen once, unless cancelled. */
export interface Deadline {
  /** Forgets it; idempotent, and harmless after it happened. */
  cancel(): void
  /** False once it happened or was cancelled. */
  readonly pending: boolean
}

/** Something that happens again and again, at times that are set anew each time. It costs no memory to set one. */
export interface Alarm {
  /** It happens once when the clock has reached `dueMs`, never within this call, instead of when it was set to before; never, if that is infinity. */
  set(dueMs: number): void
  /** It does not happen; idempotent. */
  cancel(): void
  /** False once it happened or was cancelled, until it is set again. */
  readonly pending: boolean
}

/** The time, and what waits for it. */
export interface DeadlineQueue {
  readonly clock: Clock
  /** Runs `fn` once when the clock has reached `dueMs`, never within this call. */
  at(dueMs: number, fn: () => void): Deadline
  /** Runs `fn` once in `delayMs`, never within this call. */
  after(delayMs: number, fn: () => void): Deadline
}

class HeapEntry implements Deadline, Alarm {
  /** Where it is in the heap; -1 if it is not. */
  index = -1
  dueMs = Number.POSITIVE_INFINITY
  order = 0
  constructor(
    readonly owner: Scheduler,
    readonly fn: () => void,
  ) {}
  get pending(): boolean {
    return this.index >= 0
  }
  set(dueMs: number): void {
    if (dueMs === Number.POSITIVE_INFINITY) this.cancel()
    else this.owner.place(this, dueMs)
  }
  cancel(): void {
    if (this.index >= 0) this.owner.remove(this)
  }
}

/** A deadline queue. Deadlines that are due together run in the order in which they were set. */
export class Scheduler implements DeadlineQueue {
  readonly #heap: HeapEntry[] = []
  readonly #onError: (error: unknown) => void
  readonly #onRound: () => void
  #disarm: (() => void) | undefined
  #armedForMs = Number.POSITIVE_INFINITY
  #order = 0
  #closed = false
  /** The time of the round that is running; undefined between rounds. */
  #roundMs: number | undefined

  constructor(
    readonly clock: Clock = systemClock,
    readonly timers: TimerHost = systemTimers,
    onError: (error: unknown) => void = (error) => {
      throw error
    },
    /** All that was due together has run. Must not throw. */
    onRound: () => void = () => {},
  ) {
    this.#onError = onError
    this.#onRound = onRound
  }

  /** How many deadlines wait. */
  get size(): number {
    return this.#heap.length
  }

  /** Runs `fn` once when the clock has reached `dueMs`, never within this call. A `dueMs` that is no number is an `internal-error`. */
  at(dueMs: number, fn: () => void): Deadline {
    const entry = new HeapEntry(this, fn)
    this.place(entry, dueMs)
    return entry
  }

  /** What runs `fn` whenever it has been set and its time has come. */
  alarm(fn: () => void): Alarm {
    return new HeapEntry(this, fn)
  }

  /** Runs `fn` once, `delayMs` from now. */
  after(delayMs: number, fn: () => void): Deadline {
    return this.at(this.clock.nowMs() + delayMs, fn)
  }

  /** Drops every deadline; later ones are ignored. */
  close(): void {
    this.#closed = true
    for (const entry of this.#heap) entry.index = -1
    this.#heap.length = 0
    this.#arm()
  }

  /** @internal Puts the entry where it belongs, or moves it there. */
  place(entry: HeapEntry, dueMs: number): void {
    // NaN would compare with nothing and block the heap for everybody.
    if (Number.isNaN(dueMs)) throw new BroadcastError('internal-error', 'a deadline needs a time')
    // What is set while a round runs is due after everything that is due in it, or a deadline in the past that sets itself again
    // would come before the others for ever.
    entry.dueMs = Math.max(dueMs, this.#roundMs ?? dueMs)
    entry.order = this.#order++
    if (this.#closed) return
    if (entry.index < 0) entry.index = this.#heap.push(entry) - 1
    this.#siftUp(entry.index)
    this.#siftDown(entry.index)
    this.#arm()
  }

  /** @internal */
  remove(entry: HeapEntry): void {
    const { index } = entry
    const last = this.#heap.pop() as HeapEntry
    entry.index = -1
    if (last !== entry) {
      this.#heap[index] = last
      last.index = index
      this.#siftUp(index)
      this.#siftDown(last.index)
    }
    this.#arm()
  }

  #run(): void {
    this.#disarm = undefined
    this.#armedForMs = Number.POSITIVE_INFINITY
    // What is set while this runs waits for the next round, so a deadline that sets itself again cannot starve the rest.
    const limit = this.#order
    const nowMs = this.clock.nowMs()
    this.#roundMs = nowMs
    try {
      for (let first = this.#heap[0]; first && first.dueMs <= nowMs && first.order < limit; first = this.#heap[0]) {
        this.remove(first)
        try {
          first.fn()
        } catch (error) {
          this.#onError(error)
        }
      }
    } finally {
      this.#roundMs = undefined
      this.#arm()
    }
    this.#onRound()
  }

  #arm(): void {
    // The end of the round arms for what is left of it.
    if (this.#roundMs !== undefined) return
    const dueMs = this.#heap[0]?.dueMs ?? Number.POSITIVE_INFINITY
    if (dueMs === this.#armedForMs) return
    // A timer that is armed too early only finds nothing to do and arms again; that is cheaper than re-arming at each cancel.
    if (dueMs > this.#armedForMs && this.#heap.length > 0) return
    this.#disarm?.()
    this.#disarm = undefined
    this.#armedForMs = dueMs
    if (dueMs === Number.POSITIVE_INFINITY) return
    // Node rounds delays down to whole milliseconds; rounding up avoids a round that comes just too early.
    const delayMs = Math.min(Math.max(1, Math.ceil(dueMs - this.clock.nowMs())), 0x7fff_ffff)
    this.#disarm = this.timers.setTimer(delayMs, () => this.#run())
  }

  #before(a: HeapEntry, b: HeapEntry): boolean {
    return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order)
  }

  #swap(i: number, j: number): void {
    const a = this.#heap[i] as HeapEntry
    const b = this.#heap[j] as HeapEntry
    this.#heap[i] = b
    this.#heap[j] = a
    b.index = i
    a.index = j
  }

  #siftUp(from: number): void {
    let i = from
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!this.#before(this.#heap[i] as HeapEntry, this.#heap[parent] as HeapEntry)) return
      this.#swap(i, parent)
      i = parent
    }
  }

  #siftDown(from: number): void {
    let i = from
    for (;;) {
      const left = 2 * i + 1
      if (left >= this.#heap.length) return
      const right = left + 1
      const child =
        right < this.#heap.length && this.#before(this.#heap[right] as HeapEntry, this.#heap[left] as HeapEntry)
          ? right
          : left
      if (!this.#before(this.#heap[child] as HeapEntry, this.#heap[i] as HeapEntry)) return
      this.#swap(i, child)
      i = child
    }
  }
}
