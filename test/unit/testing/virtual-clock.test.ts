import { expect, test } from 'vitest'
import { VirtualClock } from '../../../src/testing/virtual-clock.js'
import { Scheduler } from '../../../src/util/scheduler.js'

test('timers run at their times, in order, those set meanwhile included', () => {
  const clock = new VirtualClock(100)
  const ran: string[] = []
  const note = (name: string) => (): void => void ran.push(`${name}@${clock.nowMs()}`)
  clock.setTimer(30, note('c'))
  clock.setTimer(10, () => {
    note('a')()
    clock.setTimer(5, note('b'))
    clock.setTimer(100, note('late'))
  })
  clock.setTimer(30, note('d'))
  clock.advance(50)
  expect(ran).toEqual(['a@110', 'b@115', 'c@130', 'd@130'])
  expect(clock.nowMs()).toBe(150)
  expect(clock.pending).toBe(1)
})

test('a cancelled timer does not run, and cancelling twice or late does no harm', () => {
  const clock = new VirtualClock()
  let ran = 0
  const cancel = clock.setTimer(10, () => ran++)
  cancel()
  cancel()
  const late = clock.setTimer(5, () => ran++)
  clock.advance(20)
  late()
  expect(ran).toBe(1)
  expect(clock.pending).toBe(0)
})

test('Unix time runs along', () => {
  const clock = new VirtualClock(5, 1_000_000)
  clock.advance(10)
  expect(clock.unixMs()).toBe(1_000_010)
  expect(clock.unixOffsetMs).toBe(999_995)
})

test('a Scheduler runs on it', () => {
  const clock = new VirtualClock()
  const scheduler = new Scheduler(clock, clock)
  const ran: number[] = []
  scheduler.after(1000, () => ran.push(clock.nowMs()))
  scheduler.after(20, () => ran.push(clock.nowMs()))
  clock.advance(5000)
  expect(ran).toEqual([20, 1000])
})
