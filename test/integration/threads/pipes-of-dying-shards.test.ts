/** Shared memory between threads that end while they read from it or write to it: the others go on, and get every packet whole and in order. */
import { Worker } from 'node:worker_threads'
import { afterEach, expect, it } from 'vitest'
import { DirectShard } from '../../../dist/engine/direct-shard.js'
import { DEFAULT_ENGINE_CONFIG } from '../../../dist/engine/engine-config.js'
import { ShardedEngine } from '../../../dist/engine/sharded-engine.js'
import { WorkerShard } from '../../../dist/engine/worker-shard.js'
import type { PeerStateEvent } from '../../../src/engine/types.js'
import { LightClient } from '../../support/light-client.js'
import { placedByCount } from '../../support/placed-by-count.js'
import { waitFor } from '../../support/wait-for.js'

const workers: Worker[] = []
const events: PeerStateEvent[] = []
const config = { ...DEFAULT_ENGINE_CONFIG, listenIps: ['127.0.0.1'] }
const engine = new ShardedEngine(
  2,
  async (index, listener) => {
    const shard = await WorkerShard.open({ index, config }, listener, (url, options) => {
      const worker = new Worker(url, options)
      workers[index] = worker
      return worker
    })
    return placedByCount(shard)
  },
  async (index, onPeerState) => new DirectShard({ index, config, onPeerState }),
  { onPeerState: (event) => events.push(event), onLayer: () => {}, onActiveSpeaker: () => {} },
)
const clients: LightClient[] = []
let pump: NodeJS.Timeout | undefined

afterEach(async () => {
  clearInterval(pump)
  for (const client of clients) client.close()
  await engine.close()
})

async function join(peerId: string, role: 'publisher' | 'viewer'): Promise<LightClient> {
  const client = await LightClient.create(role)
  clients.push(client)
  const request = { peerId, broadcastId: 'b', feed: 'main', offer: client.offer }
  const { answer } = await (role === 'publisher' ? engine.addPublisher(request) : engine.addViewer(request))
  await client.accept(answer)
  await waitFor(`${peerId} connected`, () => events.some((event) => event.peerId === peerId))
  return client
}

/** The packets carry what they are, so that a wrong byte is seen. */
const marksOf = (client: LightClient) => client.packets.map((packet) => packet.readDoubleBE(24))

function expectUnbroken(marks: readonly number[]): void {
  const first = marks[0] ?? 0
  expect(marks).toEqual(marks.map((_, i) => first + i))
}

it('loses nothing on the shards that live while one ends again and again in the middle of the media', async () => {
  await engine.start()
  const publisher = await join('p', 'publisher')
  let sent = 0
  const far = await join('far', 'viewer')
  const near = await join('near', 'viewer')
  const placed = await engine.stats()
  expect(placed.shards.map(({ publishers, viewers }) => publishers + viewers).sort()).toEqual([1, 2])
  pump = setInterval(() => {
    for (let i = 0; i < 4; i++) publisher.sendVideo(sent % 40 === 0, sent++)
  }, 4)
  await waitFor('both viewers receive', () => near.packets.length > 100 && far.packets.length > 100)
  expectUnbroken(marksOf(far))

  // The shard of `far` reads from a ring that the publisher's shard goes on writing to.
  for (let round = 0; round < 3; round++) {
    await workers[1]?.terminate()
    await waitFor('a new shard', async () => (await engine.stats()).shards.length === 2)
    const again = await join(`far ${round}`, 'viewer')
    await waitFor(`a viewer on shard ${round} receives`, () => again.packets.length > 100)
    expectUnbroken(marksOf(again))
  }
  const last = near.packets.length
  await waitFor('the near viewer goes on', () => near.packets.length > last + 100)
  expectUnbroken(marksOf(near))

  // The publisher's shard ends while it writes; a publisher that comes again is heard by a viewer of the other one.
  const watcher = clients.at(-1) as LightClient
  clearInterval(pump)
  pump = setInterval(() => publisher.sendVideo(sent % 40 === 0, sent++), 2)
  await workers[0]?.terminate()
  await waitFor('a new shard', async () => (await engine.stats()).shards.length === 2)
  clearInterval(pump)
  expectUnbroken(marksOf(watcher))
  const before = watcher.packets.length
  const publisherAgain = await join('p again', 'publisher')
  pump = setInterval(() => publisherAgain.sendVideo(sent % 40 === 0, sent++), 4)
  await waitFor('the watcher receives again', () => watcher.packets.length > before + 50)
  expectUnbroken(marksOf(watcher).slice(before))
  const { shards } = await engine.stats()
  expect(shards.map(({ pipes }) => pipes)).toEqual(Array(2).fill({ droppedOut: 0, droppedIn: 0 }))
})
