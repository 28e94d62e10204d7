import { expect, it } from 'vitest'
import { VirtualClock } from '../../../src/testing/virtual-clock.js'
import { EventLoopDelay } from '../../../src/util/event-loop-delay.js'

/** A thread that is busy for `busyMs` whenever the clock has passed `everyMs`: timers that are due meanwhile come late. */
class BusyThread {
  readonly clock = new VirtualClock()
  #lateMs = 0

  nowMs = () => this.clock.nowMs() + this.#lateMs
  unixMs = () => this.nowMs()
  setTimer = (delayMs: number, fn: () => void) => this.clock.setTimer(delayMs, fn)

  /** Nothing happens for so long, and then all that was due. */
  block(ms: number): void {
    this.#lateMs = ms
    this.clock.advance(50)
    this.#lateMs = 0
    this.clock.advance(ms)
  }
}

function meter() {
  const thread = new BusyThread()
  const delay = new EventLoopDelay(thread)
  delay.start()
  return { thread, delay }
}

it('is nothing where all comes in time', () => {
  const { thread, delay } = meter()
  thread.clock.advance(5000)
  expect(delay.delayMs()).toBe(0)
})

it('is not made by a single pause among many ticks, but by several', () => {
  const { thread, delay } = meter()
  thread.clock.advance(2500)
  thread.block(200)
  expect(delay.delayMs()).toBe(0)
  thread.block(200)
  expect(delay.delayMs()).toBeGreaterThan(150)
})

it('is forgotten after three seconds', () => {
  const { thread, delay } = meter()
  for (let i = 0; i < 5; i++) thread.block(300)
  expect(delay.delayMs()).toBeGreaterThan(200)
  thread.clock.advance(3100)
  expect(delay.delayMs()).toBe(0)
})

it('counts the tick that should have come by now', () => {
  const { thread, delay } = meter()
  thread.clock.advance(60)
  const nowMs = thread.nowMs
  thread.nowMs = () => nowMs() + 2000
  expect(delay.delayMs()).toBeGreaterThan(1900)
})

it('stops', () => {
  const { thread, delay } = meter()
  delay.stop()
  expect(thread.clock.pending).toBe(0)
  thread.clock.advance(1000)
  expect(delay.delayMs()).toBe(0)
})
