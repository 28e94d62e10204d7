/** An engine of two worker threads that a test may end, with the peers of one broadcast. */
import { Worker } from 'node:worker_threads'
import { DirectShard } from '../../dist/engine/direct-shard.js'
import { DEFAULT_ENGINE_CONFIG } from '../../dist/engine/engine-config.js'
import { ShardedEngine } from '../../dist/engine/sharded-engine.js'
import { WorkerShard } from '../../dist/engine/worker-shard.js'
import type { PeerStateEvent } from '../../src/engine/types.js'
import { LightClient } from './light-client.js'
import { placedByCount } from './placed-by-count.js'
import { waitFor } from './wait-for.js'

/** See the top of the file. Peers are spread by their number. */
export class MortalShards {
  readonly engine: ShardedEngine
  /** What the engine has said of its peers. */
  readonly events: PeerStateEvent[] = []
  /** How many threads there have been. */
  started = 0
  readonly #workers: Worker[] = []
  readonly #clients: LightClient[] = []

  constructor() {
    const config = { ...DEFAULT_ENGINE_CONFIG, listenIps: ['127.0.0.1'] }
    this.engine = new ShardedEngine(
      2,
      async (index, listener) => {
        const shard = await WorkerShard.open({ index, config }, listener, (url, options) => {
          const worker = new Worker(url, options)
          this.#workers[index] = worker
          this.started++
          return worker
        })
        return placedByCount(shard)
      },
      async (index, onPeerState) => new DirectShard({ index, config, onPeerState }),
      { onPeerState: (event) => this.events.push(event), onLayer: () => {}, onActiveSpeaker: () => {} },
    )
  }

  /** A client that is connected. */
  async join(peerId: string, role: 'publisher' | 'viewer'): Promise<LightClient> {
    const client = await LightClient.create(role)
    this.#clients.push(client)
    const request = { peerId, broadcastId: 'b', feed: 'main', offer: client.offer }
    const { engine } = this
    const { answer } = await (role === 'publisher' ? engine.addPublisher(request) : engine.addViewer(request))
    await client.accept(answer)
    await waitFor(`${peerId} connected`, () => this.events.some((event) => event.peerId === peerId))
    return client
  }

  /** Ends the thread of a shard. */
  async kill(index: number): Promise<void> {
    await this.#workers[index]?.terminate()
  }

  /** Resolves when both shards are there. */
  async whole(): Promise<void> {
    await waitFor('a new shard', async () => (await this.engine.stats()).shards.length === 2)
  }

  /** How many peers each shard has, fewest first. */
  async placed(): Promise<number[]> {
    const { shards } = await this.engine.stats()
    return shards.map(({ publishers, viewers }) => publishers + viewers).sort()
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close()
    await this.engine.close()
  }
}
