import { setImmediate as immediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { NoticeBatch } from '../../../src/engine/notice-batch.js'
import type { ShardNotice } from '../../../src/engine/shard-api.js'

const result = (call: number): ShardNotice => ({ type: 'result', call, value: undefined })

function stage(): { notices: NoticeBatch; sent: (readonly ShardNotice[])[] } {
  const sent: (readonly ShardNotice[])[] = []
  return { notices: new NoticeBatch((batch) => sent.push(batch)), sent }
}

test('what a turn has to tell is one message, in order', async () => {
  const { notices, sent } = stage()
  for (const call of [1, 2, 3]) notices.add(result(call))
  expect(sent).toEqual([])
  await immediate()
  expect(sent).toEqual([[result(1), result(2), result(3)]])
  await immediate()
  expect(sent.length).toBe(1)
})

test('the next turn has a message of its own, and does not change the one before', async () => {
  const { notices, sent } = stage()
  notices.add(result(1))
  await immediate()
  notices.add(result(2))
  await immediate()
  expect(sent).toEqual([[result(1)], [result(2)]])
})

test('what waits is sent at once when asked for, and once', async () => {
  const { notices, sent } = stage()
  notices.add(result(1))
  notices.flush()
  notices.flush()
  expect(sent).toEqual([[result(1)]])
  await immediate()
  expect(sent.length).toBe(1)
})
