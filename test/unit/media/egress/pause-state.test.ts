import { describe, expect, it } from 'vitest'
import { PauseState } from '../../../../src/media/egress/pause-state.js'

describe('the pause of a stream', () => {
  it('holds from PAUSE to RESUME with the same number, and the next has the next', () => {
    const state = new PauseState(false)
    expect([state.receivePause(0), state.paused, state.pauseId]).toEqual([true, true, 0])
    expect([state.receiveResume(0), state.paused]).toEqual([true, false])
    expect(state.nextPauseId).toBe(1)
    expect([state.receivePause(1), state.paused]).toEqual([true, true])
  })

  it('takes a PAUSE that comes again, and refuses it once it is over', () => {
    const state = new PauseState(false)
    state.receivePause(4)
    expect(state.receivePause(4)).toBe(true)
    state.receiveResume(4)
    expect([state.receivePause(4), state.receivePause(3), state.paused]).toEqual([false, false, false])
    expect(state.nextPauseId).toBe(5)
  })

  it('is not ended by a RESUME of an earlier one', () => {
    const state = new PauseState(false)
    state.receivePause(0)
    state.receiveResume(0)
    state.receivePause(1)
    expect([state.receiveResume(0), state.paused]).toEqual([false, true])
    expect([state.receiveResume(1), state.receiveResume(1), state.paused]).toEqual([true, false, false])
  })

  it('counts across the wrap', () => {
    const state = new PauseState(false)
    state.receivePause(0xffff)
    state.receiveResume(0xffff)
    expect(state.nextPauseId).toBe(0)
    expect([state.receivePause(0), state.receivePause(0xffff)]).toEqual([true, false])
  })

  it('may be there from the beginning, and ends with any RESUME', () => {
    const state = new PauseState(true)
    expect([state.paused, state.receiveResume(0), state.paused]).toEqual([true, true, false])
    expect(state.receivePause(1)).toBe(true)
  })
})
