import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BroadcastError } from '../../../src/errors.js'
import { type Deadline, Scheduler } from '../../../src/util/scheduler.js'
import { VirtualTime } from './virtual-time.js'

function setup(onError?: (error: unknown) => void): { time: VirtualTime; scheduler: Scheduler; ran: string[] } {
  const time = new VirtualTime(1000)
  return { time, scheduler: new Scheduler(time, time, onError), ran: [] }
}

describe('Scheduler', () => {
  it('runs a deadline once, when its time has come and not before', () => {
    const { time, scheduler } = setup()
    const atMs: number[] = []
    scheduler.after(50, () => atMs.push(time.nowMs()))
    time.advance(49)
    expect(atMs).toEqual([])
    time.advance(1000)
    expect(atMs).toEqual([1050])
  })

  it('tells when all that was due together has run', () => {
    const time = new VirtualTime(1000)
    const ran: string[] = []
    const scheduler = new Scheduler(
      time,
      time,
      () => ran.push('error'),
      () => ran.push('end'),
    )
    scheduler.at(1010, () => ran.push('a'))
    scheduler.at(1010, () => {
      throw new Error('b')
    })
    scheduler.at(1020, () => ran.push('c'))
    time.advance(100)
    expect(ran).toEqual(['a', 'error', 'end', 'c', 'end'])
  })

  it('never runs before a time that is no whole millisecond', () => {
    const { time, scheduler } = setup()
    const atMs: number[] = []
    scheduler.at(1010.3, () => atMs.push(time.nowMs()))
    time.advance(100)
    expect(atMs).toEqual([1011])
  })

  it('runs what is due together in the order in which it was set', () => {
    const { time, scheduler, ran } = setup()
    for (const name of ['a', 'b', 'c', 'd', 'e']) scheduler.at(1010, () => ran.push(name))
    time.advance(10)
    expect(ran).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('runs what is overdue in the order of its times after the event loop was blocked', () => {
    const { time, scheduler, ran } = setup()
    scheduler.at(1030, () => ran.push('late'))
    scheduler.at(1010, () => ran.push('early'))
    scheduler.at(1500, () => ran.push('future'))
    time.block(100)
    time.advance(1)
    expect(ran).toEqual(['early', 'late'])
  })

  it('keeps a single timer armed, whatever the number of deadlines', () => {
    const { time, scheduler } = setup()
    for (let i = 0; i < 1000; i++) scheduler.at(2000 + i, () => {})
    expect(time.waiting).toBe(1)
    expect(time.armed).toBe(1)
    scheduler.at(1500, () => {})
    expect(time.waiting).toBe(1)
  })

  it('arms no timer while nothing waits', () => {
    const { time, scheduler } = setup()
    scheduler.after(10, () => {}).cancel()
    expect(time.waiting).toBe(0)
    scheduler.after(10, () => {})
    time.advance(10)
    expect(time.waiting).toBe(0)
    expect(scheduler.size).toBe(0)
  })

  it('arms one timer a round, not one for each deadline that is due in it', () => {
    const { time, scheduler } = setup()
    for (let i = 0; i < 100; i++) scheduler.at(1010 + i / 1000, () => scheduler.after(100, () => {}))
    time.block(50)
    const before = time.armed
    time.advance(1)
    expect(scheduler.size).toBe(100)
    expect(time.armed - before).toBe(1)
  })

  it('forgets a cancelled deadline', () => {
    const { time, scheduler, ran } = setup()
    const first = scheduler.after(10, () => ran.push('first'))
    scheduler.after(20, () => ran.push('second'))
    expect(first.pending).toBe(true)
    first.cancel()
    first.cancel()
    expect(first.pending).toBe(false)
    expect(scheduler.size).toBe(1)
    time.advance(100)
    expect(ran).toEqual(['second'])
  })

  it('says that a deadline is no longer pending once it runs, and lets it be cancelled then', () => {
    const { time, scheduler } = setup()
    const pending: boolean[] = []
    const deadline: Deadline = scheduler.after(10, () => {
      pending.push(deadline.pending)
      deadline.cancel()
    })
    time.advance(10)
    expect(pending).toEqual([false])
  })

  it('lets a deadline cancel another that is due in the same round', () => {
    const { time, scheduler, ran } = setup()
    scheduler.at(1010, () => second.cancel())
    const second = scheduler.at(1010, () => ran.push('second'))
    time.advance(100)
    expect(ran).toEqual([])
  })

  it('takes deadlines that lie months ahead', () => {
    const { time, scheduler, ran } = setup()
    const monthsMs = 90 * 24 * 3600 * 1000
    scheduler.after(monthsMs, () => ran.push('at last'))
    time.advance(monthsMs - 1)
    expect(ran).toEqual([])
    time.advance(1)
    expect(ran).toEqual(['at last'])
  })

  it('never runs a deadline within the call that sets it, even if it is overdue', () => {
    const { time, scheduler, ran } = setup()
    scheduler.at(0, () => ran.push('overdue'))
    expect(ran).toEqual([])
    time.advance(1)
    expect(ran).toEqual(['overdue'])
  })

  it('lets no deadline that sets itself again in the past starve the others', () => {
    const { time, scheduler, ran } = setup()
    let rounds = 0
    const again = (): void => {
      if (rounds++ < 50) scheduler.at(0, again)
    }
    scheduler.at(0, again)
    scheduler.at(1005, () => ran.push(`other in round ${rounds}`))
    time.block(10)
    time.advance(1)
    expect(ran).toEqual(['other in round 1'])
    time.advance(100)
    expect(rounds).toBe(51)
  })

  it('gives errors of a deadline to its owner and goes on', () => {
    const errors: unknown[] = []
    const { time, scheduler, ran } = setup((error) => errors.push(error))
    const broken = new Error('broken')
    scheduler.at(1010, () => {
      throw broken
    })
    scheduler.at(1010, () => ran.push('next'))
    time.advance(10)
    expect(errors).toEqual([broken])
    expect(ran).toEqual(['next'])
  })

  it('throws errors that have no owner, and still runs the rest afterwards', () => {
    const { time, scheduler, ran } = setup()
    scheduler.at(1010, () => {
      throw new Error('broken')
    })
    scheduler.at(1010, () => ran.push('next'))
    expect(() => time.advance(10)).toThrow('broken')
    time.advance(10)
    expect(ran).toEqual(['next'])
  })

  it('drops everything when closed, also from within a deadline, and takes nothing new', () => {
    const { time, scheduler, ran } = setup()
    const other = scheduler.at(1010, () => ran.push('other'))
    scheduler.at(1005, () => {
      ran.push('closing')
      scheduler.close()
      scheduler.after(1, () => ran.push('new'))
    })
    time.advance(100)
    expect(ran).toEqual(['closing'])
    expect(other.pending).toBe(false)
    expect(scheduler.at(2000, () => {}).pending).toBe(false)
    expect(time.waiting).toBe(0)
    other.cancel()
    expect(scheduler.size).toBe(0)
  })

  it('refuses a time that is no number', () => {
    const { scheduler } = setup()
    expect(() => scheduler.at(Number.NaN, () => {})).toThrow(BroadcastError)
    expect(scheduler.size).toBe(0)
  })

  it('runs any mix of deadlines and cancellations in order, each once', () => {
    const action = fc.record({ delayMs: fc.nat(200), cancel: fc.option(fc.nat(), { freq: 3 }) })
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const { time, scheduler } = setup()
        const ran: number[] = []
        const set: Deadline[] = []
        const expected: Array<{ id: number; dueMs: number }> = []
        for (const [id, { delayMs, cancel }] of actions.entries()) {
          set.push(scheduler.after(delayMs, () => ran.push(id)))
          expected.push({ id, dueMs: delayMs })
          if (cancel === null) continue
          const victim = cancel % set.length
          set[victim]?.cancel()
          const index = expected.findIndex((entry) => entry.id === victim)
          if (index >= 0) expected.splice(index, 1)
        }
        expect(scheduler.size).toBe(expected.length)
        time.advance(300)
        const order = expected.sort((a, b) => a.dueMs - b.dueMs || a.id - b.id).map(({ id }) => id)
        expect(ran).toEqual(order)
        expect(time.waiting).toBe(0)
      }),
    )
  })

  it('runs an alarm at the time that it was set to last, as often as it is set', () => {
    const { time, scheduler, ran } = setup()
    const alarm = scheduler.alarm(() => ran.push(`alarm at ${time.nowMs()}`))
    expect([alarm.pending, scheduler.size]).toEqual([false, 0])
    alarm.set(1100)
    alarm.set(1050)
    alarm.set(1200)
    expect([alarm.pending, scheduler.size]).toEqual([true, 1])
    time.advance(500)
    expect([alarm.pending, ran]).toEqual([false, ['alarm at 1200']])
    alarm.set(1600)
    alarm.set(Number.POSITIVE_INFINITY)
    expect([alarm.pending, time.waiting]).toEqual([false, 0])
    alarm.set(1700)
    alarm.cancel()
    expect(() => alarm.set(Number.NaN)).toThrow(BroadcastError)
    time.advance(500)
    expect(ran).toHaveLength(1)
    scheduler.close()
    alarm.set(3000)
    expect([alarm.pending, scheduler.size]).toEqual([false, 0])
  })

  it('runs an alarm that sets itself in its own round after everything else that is due', () => {
    const { time, scheduler, ran } = setup()
    let left = 2
    const alarm = scheduler.alarm(() => {
      ran.push('alarm')
      if (left-- > 0) alarm.set(0)
    })
    alarm.set(1010)
    scheduler.at(1010, () => ran.push('other'))
    time.advance(100)
    expect(ran).toEqual(['alarm', 'other', 'alarm', 'alarm'])
  })

  it('runs alarms that are moved about in order, each once', () => {
    const move = fc.record({ which: fc.nat(9), delayMs: fc.option(fc.nat(200), { freq: 5 }) })
    fc.assert(
      fc.property(fc.array(move, { maxLength: 80 }), (moves) => {
        const { time, scheduler } = setup()
        const ran: number[] = []
        const alarms = Array.from({ length: 10 }, (_, id) => scheduler.alarm(() => ran.push(id)))
        const expected = new Map<number, { dueMs: number; order: number }>()
        for (const [order, { which, delayMs }] of moves.entries()) {
          if (delayMs === null) {
            alarms[which]?.cancel()
            expected.delete(which)
            continue
          }
          alarms[which]?.set(1000 + delayMs)
          expected.set(which, { dueMs: 1000 + delayMs, order })
        }
        expect(scheduler.size).toBe(expected.size)
        time.advance(300)
        const order = [...expected].sort(([, a], [, b]) => a.dueMs - b.dueMs || a.order - b.order)
        expect(ran).toEqual(order.map(([id]) => id))
        expect(time.waiting).toBe(0)
      }),
    )
  })
})
