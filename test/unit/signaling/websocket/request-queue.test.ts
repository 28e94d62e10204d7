import fc from 'fast-check'
import { expect, it } from 'vitest'
import { RequestQueue } from '../../../../src/signaling/websocket/request-queue.js'
import { settle } from './scene.js'

/** A queue whose requests are carried out when the test says so. */
function heldQueue(maxBytes: number) {
  const begun: number[] = []
  const waiting: (() => void)[] = []
  const queue = new RequestQueue<number>(maxBytes, (request) => {
    begun.push(request)
    return new Promise((resolve) => waiting.push(resolve))
  })
  return { queue, begun, finish: () => waiting.shift()?.() }
}

it('begins a request when the one before it is done', async () => {
  const { queue, begun, finish } = heldQueue(10_000)
  for (const request of [1, 2, 3]) expect(queue.add(request, 100)).toBe(true)
  expect(begun).toEqual([1])
  finish()
  await settle()
  expect(begun).toEqual([1, 2])
  queue.clear()
  finish()
  await settle()
  expect([begun, queue.bytes]).toEqual([[1, 2], 0])
})

it('has room for a single request of any size', () => {
  const { queue } = heldQueue(1024)
  expect(queue.add(1, 100_000)).toBe(true)
  expect(queue.add(2, 1)).toBe(false)
})

it('never holds more than it may, and comes to its end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(fc.nat(3000), fc.constant('finish' as const))), async (steps) => {
      const { queue, begun, finish } = heldQueue(5000)
      let taken = 0
      for (const step of steps) {
        if (step === 'finish') {
          finish()
          await settle()
        } else if (queue.add(taken, step)) taken++
        expect(queue.bytes).toBeLessThanOrEqual(5000)
      }
      for (let i = 0; i < taken; i++) {
        finish()
        await settle()
      }
      expect([begun, queue.bytes]).toEqual([Array.from({ length: taken }, (_, index) => index), 0])
    }),
    { numRuns: 50 },
  )
})
