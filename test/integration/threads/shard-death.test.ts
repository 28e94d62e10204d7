/** A worker thread that dies takes its peers along, and nothing else. */
import { afterEach, expect, it } from 'vitest'
import { MortalShards } from '../../support/mortal-shards.js'
import { waitFor } from '../../support/wait-for.js'

const shards = new MortalShards()
const { engine, events } = shards
afterEach(() => shards.close())

it('closes the peers of a dead shard with a reason, keeps the others, and replaces the shard', async () => {
  await engine.start()
  expect(shards.started).toBe(2)
  const publisher = await shards.join('p', 'publisher')
  await shards.join('far', 'viewer')
  const near = await shards.join('near', 'viewer')
  expect(await shards.placed()).toEqual([1, 2])

  // The shard that has no publisher dies.
  await shards.kill(1)
  await waitFor('its peer is closed', () => events.some(({ state }) => state === 'closed'))
  expect(events.filter(({ state }) => state === 'closed')).toMatchObject([{ peerId: 'far', reason: 'engine-failed' }])
  await shards.whole()
  expect(shards.started).toBe(3)

  let sent = 0
  await waitFor('the other viewer still receives', () => {
    publisher.sendVideo(true, sent++)
    return near.packets.length > 0
  })
  const again = await shards.join('again', 'viewer')
  await waitFor('a viewer on the new shard receives, across threads', () => {
    publisher.sendVideo(true, sent++)
    return again.packets.length > 0
  })
})
