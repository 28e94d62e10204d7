import { expect, test } from 'vitest'
import { CongestionControl } from '../../../../src/media/egress/congestion-control.js'
import type { PacedStream } from '../../../../src/media/egress/pacer-config.js'
import { defaultMediaConfig } from '../../../../src/media/media-config.js'
import type { MediaConfig, MediaLayer, StoredPacket } from '../../../../src/media/types.js'

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

function configured(config: Partial<MediaConfig>): CongestionControl {
  return new CongestionControl(
    true,
    () => 0,
    () => {},
    { ...defaultMediaConfig(0), ...config },
  )
}

test('the estimate starts and stays where it is told to', () => {
  const bounds = { startEstimateBps: 700_000, minEstimateBps: 300_000, maxEstimateBps: 900_000 }
  const control = configured(bounds)
  expect(control.targetBps).toBe(700_000)
  control.receiveRemb(5_000_000, 10)
  expect(control.targetBps).toBe(900_000)
  control.receiveRemb(1000, 20)
  expect(control.targetBps).toBe(300_000)
})

/** Offers as many packets of 1000 bytes at once as told, of a stream that never gets its keyframe. */
function offer(control: CongestionControl, packets: number, nowMs: number): void {
  const stream: PacedStream = {
    sendPaced: () => 1000,
    sendAgain: () => 0,
    skipToKeyframe: () => {},
    requestKeyframe: () => {},
  }
  const lane = control.pacer.addLane(stream)
  const layer = {} as MediaLayer
  for (let i = 0; i < packets; i++) {
    control.pacer.offer(lane, { extSeq: i, keyframe: false, length: 1000 } as StoredPacket, layer, 1000, nowMs)
  }
}

test('what waits has no more bytes than it is told', () => {
  const control = configured({ pacingQueueBytes: 20_000 })
  control.pacer.setTarget(10_000, false, 0)
  offer(control, 20, 0)
  expect(control.pacer.queuedBytes).toBeGreaterThan(15_000)
  expect(control.pacer.stats.drops).toBe(0)
  offer(control, 20, 0)
  expect(control.pacer.queuedBytes).toBeLessThanOrEqual(20_000)
  expect(control.pacer.stats.drops).toBeGreaterThan(0)
})

test.each([100, 2000])('what waits is dropped after %d ms', (pacingQueueMs) => {
  const control = configured({ pacingQueueMs })
  control.pacer.setTarget(10_000, false, 0)
  offer(control, 20, 0)
  control.pacer.tick(pacingQueueMs)
  expect(control.pacer.stats.drops).toBe(0)
  control.pacer.tick(pacingQueueMs + 1)
  expect(control.pacer.stats.drops).toBe(1)
})

test('nobody is woken for a probe while nothing is limited, and at once when one can be sent', () => {
  const dues: number[] = []
  const control = new CongestionControl(
    true,
    () => 0,
    (dueMs) => dues.push(dueMs),
  )
  control.sent(1100, 0)
  expect(control.pacer.canProbe).toBe(false)
  expect(control.tick(10)).toBeGreaterThanOrEqual(1000)
  expect(dues).toEqual([])
  control.receiveRemb(3_000_000, 500)
  expect(control.pacer.canProbe).toBe(true)
  expect(dues).toEqual([500])
})
