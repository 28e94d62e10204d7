/** Time that passes only when a test says so. Everything that waits on a `Scheduler` then runs at once, in the right order, without sleeping. */
import type { Clock, TimerHost } from '../util/clock.js'

interface VirtualTimer {
  readonly dueMs: number
  readonly order: number
  readonly fn: () => void
  /** It has run or was cancelled. A cancelled one stays in the heap until its time comes. */
  done: boolean
}

/** A clock and timer host for `Scheduler`, the engine and simulations. */
export class VirtualClock implements Clock, TimerHost {
  #nowMs: number
  readonly #unixOffsetMs: number
  /** A binary heap by due time, then order of setting. */
  readonly #heap: VirtualTimer[] = []
  #pending = 0
  #order = 0

  /** @param startMs what `nowMs` begins with; @param unixStartMs what `unixMs` begins with. */
  constructor(startMs = 0, unixStartMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs
    this.#unixOffsetMs = unixStartMs - startMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  unixMs(): number {
    return this.#nowMs + this.#unixOffsetMs
  }

  /** Unix time minus the clock's own, in milliseconds. */
  get unixOffsetMs(): number {
    return this.#unixOffsetMs
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#pending
  }

  setTimer(delayMs: number, fn: () => void): () => void {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, fn, done: false }
    this.#push(timer)
    this.#pending++
    return () => {
      if (timer.done) return
      timer.done = true
      this.#pending--
    }
  }

  /** Calls `fn` when the clock reaches `atMs`, or at the next step if that has passed; returns the way to cancel it. */
  at(atMs: number, fn: () => void): () => void {
    return this.setTimer(atMs - this.#nowMs, fn)
  }

  /** Lets `durationMs` pass; timers run at their own times, also those set meanwhile. */
  advance(durationMs: number): void {
    this.advanceTo(this.#nowMs + durationMs)
  }

  /** Lets time pass up to `untilMs`, timers due then included. */
  advanceTo(untilMs: number): void {
    for (let next = this.#heap[0]; next !== undefined && next.dueMs <= untilMs; next = this.#heap[0]) {
      this.#pop()
      if (next.done) continue
      next.done = true
      this.#pending--
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.fn()
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs)
  }

  #push(timer: VirtualTimer): void {
    const heap = this.#heap
    let i = heap.length
    heap.push(timer)
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!before(timer, heap[parent] as VirtualTimer)) break
      heap[i] = heap[parent] as VirtualTimer
      i = parent
    }
    heap[i] = timer
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop() as VirtualTimer
    if (heap.length === 0) return
    let i = 0
    for (;;) {
      const left = 2 * i + 1
      if (left >= heap.length) break
      const right = left + 1
      const child =
        right < heap.length && before(heap[right] as VirtualTimer, heap[left] as VirtualTimer) ? right : left
      if (!before(heap[child] as VirtualTimer, last)) break
      heap[i] = heap[child] as VirtualTimer
      i = child
    }
    heap[i] = last
  }
}

function before(a: VirtualTimer, b: VirtualTimer): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order)
}
