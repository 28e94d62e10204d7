import { describe, expect, it } from 'vitest'
import { OverloadState } from '../../../../src/broadcast/load/overload-state.js'

const PATIENCE = { lowerLayersFirst: false, overloadedAfterMs: 3000, recoveredAfterMs: 5000, recoverBelow: 0.8 }

/** What became of a state that was told `utilization` once a second, from `fromMs` for so many seconds. */
function feed(state: OverloadState, utilization: number, seconds: number, fromMs: number): number {
  for (let i = 0; i < seconds; i++) state.update(utilization, fromMs + 1000 * i)
  return fromMs + 1000 * seconds
}

describe('an overload', () => {
  it('begins when a limit has been exceeded for long enough, not before', () => {
    const state = new OverloadState(PATIENCE)
    const nowMs = feed(state, 1.2, 3, 0)
    expect(state.overloaded).toBe(false)
    feed(state, 1.2, 1, nowMs)
    expect(state.overloaded).toBe(true)
  })

  it('does not begin by peaks', () => {
    const state = new OverloadState(PATIENCE)
    let nowMs = 0
    for (let i = 0; i < 20; i++) nowMs = feed(state, 0.9, 1, feed(state, 3, 2, nowMs))
    expect(state.overloaded).toBe(false)
  })

  it('is over when all has been well below the limits for long enough, and not by being just below them', () => {
    const state = new OverloadState(PATIENCE)
    let nowMs = feed(state, 1.2, 4, 0)
    nowMs = feed(state, 0.9, 100, nowMs)
    expect(state.overloaded).toBe(true)
    nowMs = feed(state, 0.7, 5, nowMs)
    expect(state.overloaded).toBe(true)
    feed(state, 0.7, 1, nowMs)
    expect(state.overloaded).toBe(false)
  })
})

describe('lowering layers first', () => {
  const first = { ...PATIENCE, lowerLayersFirst: true }

  it('takes one step, then the next, then refuses', () => {
    const state = new OverloadState(first)
    const seen: [number, boolean][] = []
    for (let i = 0; i <= 9; i++) {
      state.update(1.5, 1000 * i)
      seen.push([state.loweredLayers, state.overloaded])
    }
    expect(seen).toEqual([
      [0, false],
      [0, false],
      [0, false],
      [1, false],
      [1, false],
      [1, false],
      [2, false],
      [2, false],
      [2, false],
      [2, true],
    ])
  })

  it('takes newcomers again first, then gives back step by step', () => {
    const state = new OverloadState(first)
    let nowMs = feed(state, 1.5, 10, 0)
    const seen: [number, boolean][] = []
    for (let i = 0; i < 4; i++) {
      seen.push([state.loweredLayers, state.overloaded])
      nowMs = feed(state, 0.5, 5 + (i === 0 ? 1 : 0), nowMs)
    }
    expect(seen).toEqual([
      [2, true],
      [2, false],
      [1, false],
      [0, false],
    ])
  })

  it('waits longer and longer where what is given back is too much again', () => {
    const state = new OverloadState(first)
    // What the layer costs decides: with it, it is too much; without it, it is little.
    const changes: number[] = []
    let before = 0
    for (let second = 0; second < 600; second++) {
      state.update(state.loweredLayers === 0 ? 1.3 : 0.6, 1000 * second)
      if (state.loweredLayers < before) changes.push(second)
      before = state.loweredLayers
    }
    const waits = changes.slice(1).map((at, i) => at - (changes[i] as number))
    expect(waits.slice(0, 4)).toEqual([...waits.slice(0, 4)].sort((a, b) => a - b))
    expect(waits.at(-1)).toBeGreaterThan(100)
    expect(state.overloaded).toBe(false)
  })
})
