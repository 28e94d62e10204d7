import { setImmediate as immediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { TurnFanOut } from '../../../src/engine/turn-fan-out.js'

function stage(): { turns: TurnFanOut; log: string[] } {
  const log: string[] = []
  const turns = new TurnFanOut(
    () => 7,
    () => log.push('end'),
  )
  return { turns, log }
}

test('everything that waits is flushed in the same turn, before what follows is told', async () => {
  const { turns, log } = stage()
  turns.add({ flush: (nowMs) => log.push(`a ${nowMs}`) })
  turns.add({ flush: () => log.push('b') })
  expect(log).toEqual([])
  await immediate()
  expect(log).toEqual(['a 7', 'b', 'end'])
  await immediate()
  expect(log.length).toBe(3)
})

test('what others wait for is flushed before everything else, whoever began to wait first', async () => {
  const { turns, log } = stage()
  turns.add({ flush: () => log.push('here') })
  turns.addFirst({ flush: () => log.push('elsewhere') })
  await immediate()
  expect(log).toEqual(['elsewhere', 'here', 'end'])
  turns.addFirst({ flush: () => log.push('again') })
  await immediate()
  expect(log.slice(3)).toEqual(['again', 'end'])
})

test('what begins to wait meanwhile is flushed in the next turn, and what throws stops nobody', async () => {
  const { turns, log } = stage()
  turns.add({
    flush: () => {
      for (const name of ['c', 'd']) turns.add({ flush: () => log.push(name) })
      throw new Error('defect')
    },
  })
  turns.add({ flush: () => log.push('b') })
  await immediate()
  expect(log).toEqual(['b', 'end'])
  await immediate()
  expect(log).toEqual(['b', 'end', 'c', 'd', 'end'])
})

test('nothing is flushed after the end', async () => {
  const { turns, log } = stage()
  turns.add({ flush: () => log.push('a') })
  turns.close()
  await immediate()
  expect(log).toEqual([])
})
