/** What waits for the disk is bounded. */
import { expect, it } from 'vitest'
import type { WriteOp } from '../../../src/recording/segment-plan.js'
import { WriteQueue } from '../../../src/recording/write-queue.js'

const frame = (bytes: number): WriteOp => ({
  op: 'frame',
  kind: 'video',
  data: new Uint8Array(bytes),
  keyframe: false,
  timeMs: 0,
  durationMs: 33,
})

it('is full at its limit, and has room again when half of it is free', () => {
  const queue = new WriteQueue(1000)
  const ops = Array.from({ length: 10 }, () => frame(100))
  for (const op of ops) {
    expect(queue.hasRoom()).toBe(true)
    queue.push(op)
  }
  expect(queue.hasRoom()).toBe(false)
  expect(queue.take()).toEqual(ops)
  // Taken is not written.
  expect(queue.hasRoom()).toBe(false)
  for (const op of ops.slice(0, 4)) queue.written(op)
  expect([queue.bytes, queue.hasRoom()]).toEqual([600, false])
  queue.written(ops[4] as WriteOp)
  expect([queue.bytes, queue.hasRoom()]).toEqual([500, true])
  expect(queue.mostBytes).toBe(1000)
})

it('takes ends and beginnings of files always, in order', () => {
  const queue = new WriteQueue(100)
  queue.push(frame(100))
  queue.push({ op: 'end' })
  expect(queue.take().map(({ op }) => op)).toEqual(['frame', 'end'])
  expect(queue.length).toBe(0)
})
