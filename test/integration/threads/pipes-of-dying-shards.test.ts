/** Shared memory between threads that end while they read from it or write to it: the others go on, and get every packet whole and in order. */
import { afterEach, expect, it } from 'vitest'
import type { LightClient } from '../../support/light-client.js'
import { MortalShards } from '../../support/mortal-shards.js'
import { waitFor } from '../../support/wait-for.js'

const shards = new MortalShards()
const { engine } = shards
let pump: NodeJS.Timeout | undefined

afterEach(async () => {
  clearInterval(pump)
  await shards.close()
})

/** The packets carry what they are, so that a wrong byte is seen. */
const marksOf = (client: LightClient) => client.packets.map((packet) => packet.readDoubleBE(24))

function expectUnbroken(marks: readonly number[]): void {
  const first = marks[0] ?? 0
  expect(marks).toEqual(marks.map((_, i) => first + i))
}

it('loses nothing on the shards that live while one ends again and again in the middle of the media', async () => {
  await engine.start()
  const publisher = await shards.join('p', 'publisher')
  let sent = 0
  const far = await shards.join('far', 'viewer')
  const near = await shards.join('near', 'viewer')
  expect(await shards.placed()).toEqual([1, 2])
  pump = setInterval(() => {
    for (let i = 0; i < 4; i++) publisher.sendVideo(sent % 40 === 0, sent++)
  }, 4)
  await waitFor('both viewers receive', () => near.packets.length > 100 && far.packets.length > 100)
  expectUnbroken(marksOf(far))

  let watcher: LightClient = far
  // The shard of `far` reads from a ring that the publisher's shard goes on writing to.
  for (let round = 0; round < 3; round++) {
    await shards.kill(1)
    await shards.whole()
    const again = await shards.join(`far ${round}`, 'viewer')
    watcher = again
    await waitFor(`a viewer on shard ${round} receives`, () => again.packets.length > 100)
    expectUnbroken(marksOf(again))
  }
  const last = near.packets.length
  await waitFor('the near viewer goes on', () => near.packets.length > last + 100)
  expectUnbroken(marksOf(near))

  // The publisher's shard ends while it writes; a publisher that comes again is heard by a viewer of the other one.
  clearInterval(pump)
  pump = setInterval(() => publisher.sendVideo(sent % 40 === 0, sent++), 2)
  await shards.kill(0)
  await shards.whole()
  clearInterval(pump)
  expectUnbroken(marksOf(watcher))
  const before = watcher.packets.length
  const publisherAgain = await shards.join('p again', 'publisher')
  pump = setInterval(() => publisherAgain.sendVideo(sent % 40 === 0, sent++), 4)
  await waitFor('the watcher receives again', () => watcher.packets.length > before + 50)
  expectUnbroken(marksOf(watcher).slice(before))
  for (const { shards } of [await engine.stats(), await engine.summary([])]) {
    expect(shards.map(({ pipes }) => pipes)).toEqual(Array(2).fill({ droppedOut: 0, droppedIn: 0 }))
  }
})
