import { expect, test } from 'vitest'
import { CongestionControl } from '../../../../src/media/egress/congestion-control.js'

/** Sends for two seconds, at that rate; feedback never comes. */
function send(control: CongestionControl, bps: number): void {
  for (let nowMs = 0; nowMs < 2000; nowMs += 4) {
    control.sent(1100, nowMs)
    if (nowMs % ((1100 * 8000) / bps) < 4) control.tick(nowMs)
  }
}

test('a first guess below what is sent holds nothing back', () => {
  const control = new CongestionControl(
    true,
    () => 0,
    () => {},
  )
  send(control, 2_200_000)
  expect(control.hasFeedback).toBe(false)
  expect(control.pacer.unlimited).toBe(true)
})

test('an estimate of the receiver that goes down holds back', () => {
  const control = new CongestionControl(
    false,
    () => 0,
    () => {},
  )
  send(control, 2_200_000)
  control.receiveRemb(3_000_000, 2000)
  control.receiveRemb(400_000, 2100)
  expect(control.targetBps).toBeLessThanOrEqual(400_000)
  expect(control.pacer.unlimited).toBe(false)
})
