/** What a pacer says, without being asked, about packets that need no asking. */
import { expect, test } from 'vitest'
import { Pacer } from '../../../../src/media/egress/pacer.js'
import { DEFAULT_PACER_CONFIG } from '../../../../src/media/egress/pacer-config.js'
import { GATE, GATE_CLOSED, GATE_PACED, GATE_UNLIMITED } from '../../../../src/media/egress/viewer-record.js'
import type { MediaLayer, StoredPacket } from '../../../../src/media/types.js'

const layer = {} as MediaLayer

function createPacer() {
  const pacer = new Pacer({ config: DEFAULT_PACER_CONFIG, sendPadding: (bytes) => bytes, onDue() {} })
  const lane = pacer.addLane({
    sendPaced: () => 1000,
    sendAgain: () => 1000,
    skipToKeyframe() {},
    requestKeyframe() {},
  })
  const offer = (nowMs: number) => {
    const passed = pacer.offer(lane, { keyframe: false } as StoredPacket, layer, 1000, nowMs)
    if (passed) pacer.takeClusterId()
    return passed
  }
  const gate = () => pacer.record.numbers[pacer.record.at + GATE]
  return { pacer, offer, gate }
}

test('without a target, everything passes', () => {
  const { pacer, gate } = createPacer()
  expect(gate()).toBe(GATE_UNLIMITED)
  pacer.setTarget(1_000_000, false, 0)
  expect(gate()).toBe(GATE_PACED)
  pacer.setTarget(Number.POSITIVE_INFINITY, false, 1)
  expect(gate()).toBe(GATE_PACED)
  pacer.tick(2)
  expect(gate()).toBe(GATE_UNLIMITED)
})

test('while something waits, nothing passes by itself', () => {
  const { pacer, offer, gate } = createPacer()
  pacer.setTarget(100_000, false, 0)
  expect(offer(1)).toBe(true)
  expect(gate()).toBe(GATE_PACED)
  expect(offer(2)).toBe(false)
  expect(gate()).toBe(GATE_CLOSED)
  pacer.tick(500)
  expect(gate()).toBe(GATE_PACED)
})

test('nor while a probe is being sent', () => {
  const { pacer, offer, gate } = createPacer()
  pacer.setTarget(1_000_000, false, 0)
  expect(pacer.startProbe({ clusterId: 3, targetBps: 2_000_000, bytes: 2000, packets: 2 }, 1)).toBe(true)
  expect(gate()).toBe(GATE_CLOSED)
  for (let nowMs = 2; nowMs < 60; nowMs++) pacer.tick(nowMs)
  // The packet that ended it may still be asking for its number.
  pacer.takeClusterId()
  expect(offer(100)).toBe(true)
  expect(gate()).toBe(GATE_PACED)
})
