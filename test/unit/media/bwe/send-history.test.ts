import { expect, test } from 'vitest'
import { SendHistory } from '../../../../src/media/bwe/send-history.js'

test('what was sent is found by its number until it is overwritten', () => {
  const history = new SendHistory()
  for (let i = 0; i < 600; i++) expect(history.add(1000 + i, i + 1, i * 10, i % 7)).toBe(true)
  const slot = history.slot(1500)
  expect([history.bytes(slot), history.sentMs(slot, 6000), history.clusterId(slot)]).toEqual([501, 5000, 500 % 7])
  expect(history.slot(1000)).toBe(-1)
  expect(history.slot(1600)).toBe(-1)
  expect(history.slot(-1)).toBe(-1)
  expect(history.newestExtSeq).toBe(1599)
})

test('numbers that do not grow are refused', () => {
  const history = new SendHistory()
  history.add(5, 100, 0, 0)
  expect(history.add(5, 100, 1, 0)).toBe(false)
  expect(history.add(4, 100, 1, 0)).toBe(false)
  expect(history.slot(4)).toBe(-1)
})

test('numbers that were left out are not found, not even as what stood there before', () => {
  const history = new SendHistory()
  for (let i = 0; i < 64; i++) history.add(i, 1, i * 2000, 0)
  history.add(70, 1, 1_000_000, 0)
  expect(history.slot(69)).toBe(-1)
  expect(history.slot(63)).toBeGreaterThanOrEqual(0)
  history.add(100_000, 1, 1_000_001, 0)
  expect(history.slot(70)).toBe(-1)
  expect(history.slot(99_999)).toBe(-1)
  expect(history.slot(100_000)).toBeGreaterThanOrEqual(0)
})

test('it grows with the rate, keeps what it had, and stops growing', () => {
  const history = new SendHistory()
  for (let i = 0; i < 1500; i++) history.add(i, 100 + (i % 50), i, 0)
  expect(history.capacity).toBe(2048)
  for (let i = 0; i < 1500; i++) expect(history.bytes(history.slot(i))).toBe(100 + (i % 50))
  for (let i = 1500; i < 100_000; i++) history.add(i, 1, i / 100, 0)
  expect(history.capacity).toBe(16_384)
})

test('a low rate needs no room', () => {
  const history = new SendHistory()
  for (let i = 0; i < 100_000; i++) history.add(i, 100, i * 20, 0)
  expect(history.capacity).toBe(128)
})

test('each packet has one fate at a time', () => {
  const history = new SendHistory()
  history.add(0, 1, 0, 0)
  const fates = () => [history.isAssumed(0), history.isLost(0), history.isReceived(0)]
  expect(fates()).toEqual([false, false, false])
  history.markAssumed(0)
  expect(fates()).toEqual([true, false, false])
  history.markLost(0)
  expect(fates()).toEqual([false, true, false])
  history.markReceived(0)
  expect(fates()).toEqual([false, false, true])
})

test('16 bits become the nearest number', () => {
  const history = new SendHistory()
  expect(history.unwrap(7)).toBe(7)
  history.add(200_000, 1, 0, 0)
  expect(history.unwrap(200_000 & 0xffff)).toBe(200_000)
  expect(history.unwrap((200_000 - 20_000) & 0xffff)).toBe(180_000)
})

test('when a packet was sent is right to the 256th of a millisecond wherever the clock is, and for hours', () => {
  for (const startMs of [0, 2 ** 23 - 5, 2 ** 24 - 5, 1e10]) {
    const history = new SendHistory()
    for (let i = 0; i < 20; i++) history.add(i, 1, startMs + i * 0.7, 0)
    for (const laterMs of [20, 4 * 3_600_000]) {
      for (let i = 0; i < 20; i++) {
        const sentMs = history.sentMs(i, startMs + laterMs)
        expect(sentMs).toBeLessThanOrEqual(startMs + i * 0.7)
        expect(sentMs).toBeGreaterThan(startMs + i * 0.7 - 1 / 256 - 1e-5)
      }
    }
  }
})
