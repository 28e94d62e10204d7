/** A worker thread that dies takes its peers along, and nothing else. */
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
      workers.push(worker)
      return worker
    })
    return placedByCount(shard)
  },
  async (index, onPeerState) => new DirectShard({ index, config, onPeerState }),
  { onPeerState: (event) => events.push(event), onLayer: () => {}, onActiveSpeaker: () => {} },
)
afterEach(() => engine.close())

async function join(peerId: string, role: 'publisher' | 'viewer'): Promise<LightClient> {
  const client = await LightClient.create(role)
  const request = { peerId, broadcastId: 'b', feed: 'main', offer: client.offer }
  const { answer } = await (role === 'publisher' ? engine.addPublisher(request) : engine.addViewer(request))
  await client.accept(answer)
  await waitFor(`${peerId} connected`, () => events.some((event) => event.peerId === peerId))
  return client
}

it('closes the peers of a dead shard with a reason, keeps the others, and replaces the shard', async () => {
  await engine.start()
  expect(workers).toHaveLength(2)
  const publisher = await join('p', 'publisher')
  const far = await join('far', 'viewer')
  const near = await join('near', 'viewer')
  const stats = await engine.stats()
  expect(stats.shards.map(({ publishers, viewers }) => publishers + viewers).sort()).toEqual([1, 2])

  // The shard that has no publisher dies.
  await workers[1]?.terminate()
  await waitFor('its peer is closed', () => events.some(({ state }) => state === 'closed'))
  expect(events.filter(({ state }) => state === 'closed')).toMatchObject([{ peerId: 'far', reason: 'engine-failed' }])
  await waitFor('a new shard', async () => (await engine.stats()).shards.length === 2)
  expect(workers).toHaveLength(3)

  let sent = 0
  await waitFor('the other viewer still receives', () => {
    publisher.sendVideo(true, sent++)
    return near.packets.length > 0
  })
  const again = await join('again', 'viewer')
  await waitFor('a viewer on the new shard receives, across threads', () => {
    publisher.sendVideo(true, sent++)
    return again.packets.length > 0
  })
  for (const client of [publisher, far, near, again]) client.close()
})
