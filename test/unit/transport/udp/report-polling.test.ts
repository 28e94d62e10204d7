import { describe, expect, it } from 'vitest'
import { ReportPolling } from '../../../../src/transport/udp/report-polling.js'

/** Time in milliseconds that goes on when the test says so, and one timer. */
function setUp({ isNeeded = (): boolean => true } = {}) {
  let nowMs = 0
  let timer: { dueMs: number; readonly ms: number; readonly fn: () => void } | undefined
  const immediates: (() => void)[] = []
  const readAtMs: number[] = []
  let waiting = 0
  const polling = new ReportPolling(
    () => {
      readAtMs.push(nowMs)
      const count = waiting
      waiting = 0
      return count
    },
    isNeeded,
    {
      setImmediate: (fn) => immediates.push(fn),
      setTimeout: (fn, ms) => {
        const mine = { dueMs: nowMs + ms, ms, fn }
        timer = mine
        return {
          refresh: () => {
            mine.dueMs = nowMs + ms
            timer = mine
          },
          unref: () => {},
          close: () => {
            if (timer === mine) timer = undefined
          },
        }
      },
    },
  )
  const endTurn = (): void => {
    for (const fn of immediates.splice(0)) fn()
  }
  const advance = (ms: number): void => {
    const endMs = nowMs + ms
    while (timer !== undefined && timer.dueMs <= endMs) {
      const { dueMs, fn } = timer
      nowMs = dueMs
      timer = undefined
      fn()
    }
    nowMs = endMs
  }
  const bring = (): void => {
    waiting++
  }
  return { polling, readAtMs, endTurn, advance, bring, hasTimer: () => timer !== undefined }
}

describe('reports are read', () => {
  it('once, at the end of a turn in which anything else came', () => {
    const { polling, readAtMs, endTurn, advance } = setUp()
    advance(3)
    for (let i = 0; i < 10; i++) polling.noteArrival()
    expect(readAtMs).toEqual([])
    endTurn()
    expect(readAtMs).toEqual([3])
  })

  it('10 ms later when nothing else comes, and no sooner when it does', () => {
    const { polling, readAtMs, endTurn, advance } = setUp()
    for (let i = 0; i < 3; i++) {
      polling.noteArrival()
      endTurn()
      advance(4)
    }
    expect(readAtMs).toEqual([0, 4, 8])
    advance(11)
    expect(readAtMs).toEqual([0, 4, 8, 18])
  })

  it('every 20 ms once nothing has come for a second, and every 10 ms again as soon as something does', () => {
    const { polling, readAtMs, endTurn, advance, bring } = setUp()
    polling.noteArrival()
    endTurn()
    advance(1000)
    expect(readAtMs.length).toBe(101)
    readAtMs.length = 0
    advance(100)
    expect(readAtMs).toEqual([1020, 1040, 1060, 1080, 1100])
    bring()
    advance(30)
    expect(readAtMs.slice(5)).toEqual([1120, 1130])
  })

  it('by nobody when there is no peer, until something comes', () => {
    let peers = 1
    const { polling, readAtMs, endTurn, advance, hasTimer } = setUp({ isNeeded: () => peers > 0 })
    polling.noteArrival()
    endTurn()
    peers = 0
    advance(100)
    expect([readAtMs, hasTimer()]).toEqual([[0], false])
    peers = 1
    polling.noteArrival()
    endTurn()
    advance(10)
    expect(readAtMs).toEqual([0, 100, 110])
  })

  it('no more once it is closed', () => {
    const { polling, readAtMs, endTurn, advance, hasTimer } = setUp()
    polling.noteArrival()
    endTurn()
    polling.noteArrival()
    polling.close()
    endTurn()
    polling.noteArrival()
    endTurn()
    advance(100)
    expect([readAtMs, hasTimer()]).toEqual([[0], false])
  })
})
