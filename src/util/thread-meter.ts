/** What a thread says of its own load. */
import { performance } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import { EventLoopDelay } from './event-loop-delay.js'

/** Snapshot of the thread that asks for it. */
export interface ThreadLoad {
  /** How late its event loop is: the longest delay but one of the last three seconds, in milliseconds. */
  readonly eventLoopDelayMs: number
  /** How long its event loop has been busy, and has waited, since the thread began, in milliseconds. */
  readonly activeMs: number
  readonly idleMs: number
  /** Its heap, and what V8 lets that grow to. */
  readonly heapUsedBytes: number
  readonly heapLimitBytes: number
}

/** Measures the thread that it is made in. */
export class ThreadMeter {
  readonly #delay = new EventLoopDelay()

  /** Begins to measure. */
  start(): void {
    this.#delay.start()
  }

  /** Measures no more. */
  stop(): void {
    this.#delay.stop()
  }

  load(): ThreadLoad {
    const { active: activeMs, idle: idleMs } = performance.eventLoopUtilization()
    const { used_heap_size: heapUsedBytes, heap_size_limit: heapLimitBytes } = getHeapStatistics()
    return { eventLoopDelayMs: this.#delay.delayMs(), activeMs, idleMs, heapUsedBytes, heapLimitBytes }
  }
}
