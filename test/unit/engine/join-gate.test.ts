import { expect, test } from 'vitest'
import { JoinGate } from '../../../src/engine/join-gate.js'
import type { ShardApi } from '../../../src/engine/shard-api.js'
import { ShardedEngine } from '../../../src/engine/sharded-engine.js'
import type { PeerAnswer, PeerStateEvent } from '../../../src/engine/types.js'

/** Lets everything happen that needs no more than promises and turns of the event loop. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve))
}

test('so many pass at a time, in their order, and one that fails makes room as well', async () => {
  const turns: (() => void)[] = []
  const gate = new JoinGate(2, (fn) => turns.push(fn))
  const begun: number[] = []
  const finish: ((failed: boolean) => void)[] = []
  const results = Array.from({ length: 5 }, (_, i) =>
    gate
      .pass(() => {
        begun.push(i)
        return new Promise<string>((resolve, reject) => {
          finish[i] = (failed) => (failed ? reject(new Error(`${i} failed`)) : resolve(`${i} done`))
        })
      })
      .catch((error: Error) => error.message),
  )
  await settle()
  expect(begun).toEqual([0, 1])
  finish[1]?.(true)
  await settle()
  expect(begun, 'not within the same turn').toEqual([0, 1])
  turns.shift()?.()
  await settle()
  expect(begun).toEqual([0, 1, 2])
  for (const i of [0, 2]) finish[i]?.(false)
  await settle()
  for (const turn of turns.splice(0)) turn()
  await settle()
  expect(begun).toEqual([0, 1, 2, 3, 4])
  for (const i of [3, 4]) finish[i]?.(false)
  expect(await Promise.all(results)).toEqual(['0 done', '1 failed', '2 done', '3 done', '4 done'])
})

/** An engine on a shard that answers when the test says so. */
function createEngine() {
  const asked: string[] = []
  const closed: string[] = []
  const answer: (() => void)[] = []
  const shard = {
    addViewer: ({ peerId, feeds }) => {
      asked.push(`${peerId} ${feeds.length}`)
      return new Promise<PeerAnswer>((resolve) => answer.push(() => resolve({ peerId, answer: '' })))
    },
    closePeer: async (peerId) => void closed.push(peerId),
    close: async () => {},
  } as Partial<ShardApi> as ShardApi
  const events: PeerStateEvent[] = []
  const engine = new ShardedEngine(
    1,
    async () => shard,
    () => Promise.reject(new Error('not needed')),
    { onPeerState: (event) => events.push(event), onLayer: () => {}, onActiveSpeaker: () => {} },
  )
  const add = (peerId: string) => engine.addViewer({ peerId, broadcastId: 'b', offer: '' })
  return { engine, add, asked, closed, answer, events }
}

test('a shard is asked for two sessions at a time', async () => {
  const { engine, add, asked, answer } = createEngine()
  const answers = ['a', 'b', 'c', 'd', 'e'].map(add)
  await settle()
  expect(asked).toEqual(['a 0', 'b 0'])
  while (answer.length > 0) {
    answer.shift()?.()
    await settle()
  }
  expect((await Promise.all(answers)).map(({ peerId }) => peerId)).toEqual(['a', 'b', 'c', 'd', 'e'])
  await engine.close()
})

test('a session that is closed while it waits never gets to its shard, and its end is told once', async () => {
  const { engine, add, asked, closed, answer, events } = createEngine()
  const answers = ['a', 'b', 'c', 'd'].map((peerId) => add(peerId).catch((error) => error))
  await settle()
  await engine.closePeer('c', 'kicked')
  await engine.closePeer('b', 'closed')
  expect(events).toEqual([{ peerId: 'c', state: 'closed', reason: 'kicked' }])
  expect(closed).toEqual(['b'])
  while (answer.length > 0) {
    answer.shift()?.()
    await settle()
  }
  expect(asked).toEqual(['a 0', 'b 0', 'd 0'])
  expect(await answers[2]).toMatchObject({ code: 'closed' })
  expect(await answers[3]).toEqual({ peerId: 'd', answer: '' })
  await engine.closePeer('c', 'kicked')
  expect(events.filter(({ peerId }) => peerId === 'c')).toHaveLength(1)
  await engine.close()
})
