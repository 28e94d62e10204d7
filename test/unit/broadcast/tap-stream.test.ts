import { expect, test } from 'vitest'
import { TapStream } from '../../../src/broadcast/tap-stream.js'

const item = (bytes: number) => ({ data: new Uint8Array(bytes) })
const stream = (maxQueued = 3, maxQueuedBytes = 1000) =>
  new TapStream<{ data: Uint8Array }>({ maxQueued, maxQueuedBytes })

async function read(from: TapStream<{ data: Uint8Array }>): Promise<number[]> {
  const lengths: number[] = []
  for await (const { data } of from) lengths.push(data.length)
  return lengths
}

test('what comes before the end is read, in order', async () => {
  const one = stream()
  one.push(item(1))
  one.push(item(2))
  one.end()
  expect(one.push(item(3))).toBe(false)
  expect(await read(one)).toEqual([1, 2])
  expect(one.dropped).toBe(0)
})

test('a reader that waits gets what comes, and the end', async () => {
  const one = stream()
  const reading = read(one)
  one.push(item(5))
  await Promise.resolve()
  one.push(item(6))
  one.end()
  expect(await reading).toEqual([5, 6])
})

test('what a slow reader has no room for is left out and counted, by number and by bytes', async () => {
  const one = stream()
  expect([1, 2, 3, 4, 5].map((bytes) => one.push(item(bytes)))).toEqual([true, true, true, false, false])
  expect([one.dropped, one.queued]).toEqual([2, 3])
  await one.next()
  expect(one.push(item(999))).toBe(false)
  expect(one.push(item(995))).toBe(true)
  expect(one.dropped).toBe(3)
})

test('break ends it, once, and frees what waited', async () => {
  const one = stream()
  let closed = 0
  one.onClose = () => closed++
  one.push(item(1))
  one.push(item(2))
  for await (const { data } of one) if (data.length === 1) break
  one.close()
  expect([closed, one.queued, one.push(item(1))]).toEqual([1, 0, false])
  expect(await read(one)).toEqual([])
  let late = 0
  one.onClose = () => late++
  expect(late).toBe(1)
})

test('an error comes behind what waits, and to a reader that waits', async () => {
  const one = stream()
  one.push(item(1))
  one.end(new Error('no'))
  expect((await one.next()).done).toBe(false)
  await expect(one.next()).rejects.toThrow('no')
  const other = stream()
  const next = other.next()
  await expect(other.next()).rejects.toMatchObject({ code: 'request-invalid' })
  other.end(new Error('never'))
  await expect(next).rejects.toThrow('never')
})
