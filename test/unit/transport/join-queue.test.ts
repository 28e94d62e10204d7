import { describe, expect, test } from 'vitest'
import { type JoinProgress, JoinQueue } from '../../../src/transport/join-queue.js'

/** An event loop whose turns come when the test says so, after so much other work. */
function createLoop(maxBytes = 1 << 20) {
  let nowMs = 1000
  let deferred: (() => void)[] = []
  const queue = new JoinQueue({ clock: { nowMs: () => nowMs }, maxBytes, defer: (fn) => deferred.push(fn) })
  const done: string[] = []
  const add = (name: string, costMs: number, progress: JoinProgress = 'new', bytes = 100): boolean =>
    queue.add(progress, bytes, () => {
      done.push(name)
      nowMs += costMs
    })
  /** Returns what was done in it, and for how long. */
  const turn = (otherWorkMs = 0) => {
    nowMs += otherWorkMs
    const beganMs = nowMs
    const calls = deferred
    deferred = []
    for (const call of calls) call()
    return { done: done.splice(0), ms: nowMs - beganMs }
  }
  return { queue, add, turn, pending: () => deferred.length }
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`)

describe('what waits behind media', () => {
  test('is not done before the next turn, and costs nothing while nothing waits', () => {
    const { add, turn, pending } = createLoop()
    expect(pending()).toBe(0)
    add('a', 0.1)
    expect(turn()).toEqual({ done: ['a'], ms: expect.closeTo(0.1) })
    expect(pending()).toBe(0)
  })

  test('has one step or half a millisecond of a short turn', () => {
    const { add, turn } = createLoop()
    turn()
    for (const name of names('long', 3)) add(name, 1.8)
    turn(3)
    expect([turn(1), turn(1)].map(({ done }) => done.length)).toEqual([1, 1])
    for (const name of names('short', 20)) add(name, 0.1)
    turn(0)
    const { done, ms } = turn(1)
    expect(done.length).toBeGreaterThan(3)
    expect(ms).toBeLessThan(0.7)
  })

  test('has a tenth of a long turn, and never more than 2 ms and a step', () => {
    const { add, turn } = createLoop()
    for (const name of names('step', 200)) add(name, 0.3)
    turn()
    let joinMs = 0
    for (let i = 0; i < 10; i++) {
      const { ms } = turn(12)
      joinMs += ms
    }
    expect(joinMs / 120).toBeGreaterThan(0.09)
    expect(joinMs / 120).toBeLessThan(0.14)
    expect(turn(1000).ms).toBeLessThan(2.4)
  })

  test('is done in the order in which it came, but begun handshakes before new ones, with one new one of four', () => {
    const { add, turn, queue } = createLoop()
    for (const name of names('n', 3)) add(name, 1, 'new')
    for (const name of names('b', 9)) add(name, 1, 'begun')
    const order: string[] = []
    while (queue.length > 0) order.push(...turn(1).done)
    expect(order.join(' ')).toBe('b0 b1 b2 n0 b3 b4 b5 n1 b6 b7 b8 n2')
  })

  test('is bounded in bytes, and has room again when something was done', () => {
    const { add, turn, queue } = createLoop(3 * 356)
    expect(names('s', 5).map((name) => add(name, 1))).toEqual([true, true, true, false, false])
    turn(1)
    expect(add('later', 1)).toBe(true)
    expect(add('too late', 1)).toBe(false)
    while (queue.length > 0) turn(1)
    expect(names('s', 4).map((name) => add(name, 1))).toEqual([true, true, true, false])
  })

  test('goes on behind a step that fails', () => {
    const { add, turn, queue } = createLoop()
    queue.add('new', 10, () => {
      throw new Error('a defect')
    })
    add('next', 0.1)
    expect(() => turn()).toThrow('a defect')
    const done: string[] = []
    for (let i = 0; i < 3 && queue.length > 0; i++) done.push(...turn().done)
    expect(queue.length).toBe(0)
  })
})
