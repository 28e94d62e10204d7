import { describe, expect, it } from 'vitest'
import { systemClock, systemTimers } from '../../../src/util/clock.js'

describe('systemClock', () => {
  it('never goes backwards', () => {
    let previous = systemClock.nowMs()
    for (let i = 0; i < 1000; i++) {
      const nowMs = systemClock.nowMs()
      expect(nowMs).toBeGreaterThanOrEqual(previous)
      previous = nowMs
    }
  })

  it('tells Unix time at a fixed distance from its own', () => {
    // The wall clock may have been stepped since the process began, though hardly by a minute.
    expect(Math.abs(systemClock.unixMs() - Date.now())).toBeLessThan(60_000)
    const offset = (): number => systemClock.unixMs() - systemClock.nowMs()
    expect(Math.abs(offset() - offset())).toBeLessThan(100)
  })
})

describe('systemTimers', () => {
  it('calls once when the time has come', async () => {
    let calls = 0
    await new Promise<void>((resolve) => {
      systemTimers.setTimer(0, () => {
        calls++
        resolve()
      })
      // The timer does not keep the process alive, so something else must.
      setImmediate(() => {})
    })
    expect(calls).toBe(1)
  })

  it('does not call what was cancelled', async () => {
    let calls = 0
    const cancel = systemTimers.setTimer(0, () => calls++)
    cancel()
    cancel()
    await new Promise<void>((resolve) => {
      systemTimers.setTimer(1, resolve)
    })
    expect(calls).toBe(0)
  })
})
