/** A directory in Redis: for nodes on many machines. */
import { type Clock, systemTime, type TimerHost } from '../../../util/clock.js'
import { integerOption } from '../../../util/options.js'
import type {
  BroadcastRecord,
  ClaimRequest,
  ClaimResult,
  Directory,
  NodeRecord,
  OriginLease,
  OriginsListener,
} from '../../types.js'
import { broadcastRecord } from '../broadcast-record.js'
import { checkNode, checkText, checkTtl, closedError } from '../directory-checks.js'
import { Holdings } from './holdings.js'
import { NodeRecords, writeRecord } from './node-records.js'
import { type RedisFace, redisFace } from './redis-face.js'
import { RedisKeys } from './redis-keys.js'
import type { RedisLike } from './redis-like.js'
import { RedisWatch } from './redis-watch.js'
import { ScriptRunner } from './script-runner.js'
import { ABOUT, BEAT, BROADCAST, CARRY, CLAIM, DROP, LEAVE, NODES, RELEASE, RENEW } from './scripts.js'

/** Options of {@link redisDirectory}. */
export interface RedisDirectoryOptions {
  /** What the names of all keys and channels begin with; by default `manycast`. */
  readonly prefix?: string | undefined
  /** Clusters with different namespaces do not see each other; by default `default`. */
  readonly namespace?: string | undefined
  /** How long a command waits for Redis, in milliseconds, 10 to 60,000; by default 1000. */
  readonly timeoutMs?: number | undefined
  /** How many commands may wait for Redis at the same time, 1 to 1,000,000; by default 4096. What comes on top is rejected at once. */
  readonly maxPending?: number | undefined
}

/**
 * A directory in Redis 5 or newer (or what speaks like it), over the application's own client: one of `redis` (5 or newer, connected) or of `ioredis`, for a
 * single Redis or a Redis Cluster. The client stays the application's; for `watch`, a duplicate of it is opened and closed.
 *
 * While Redis is away every method rejects with `directory-unavailable`, at once if the client knows it, within `timeoutMs` if it does not. A call that
 * was rejected is not done later, whatever the client keeps in its queue, but for one that Redis was doing at that very moment.
 *
 * @throws BroadcastError `option-invalid`
 *
 * @example
 * ```ts
 * import { createClient } from 'redis'
 *
 * const client = createClient({ url: 'redis://10.0.0.5' })
 * client.on('error', (error) => console.error(error.message))
 * await client.connect()
 * const directory = redisDirectory(client)
 * ```
 */
export function redisDirectory(client: RedisLike, options: RedisDirectoryOptions = {}): Directory {
  const keys = new RedisKeys(options.prefix, options.namespace)
  const config = {
    timeoutMs: integerOption('timeoutMs', options.timeoutMs, 1000, 10, 60_000),
    maxPending: integerOption('maxPending', options.maxPending, 4096, 1, 1_000_000),
  }
  return new RedisDirectory(redisFace(client), keys, config, systemTime)
}

/** How long the newest token of a broadcast is remembered after it was claimed: far longer than any clock is set back. */
const TOKEN_TTL_MS = 7 * 86_400_000

/** How many nodes are asked for in one command, and how many leases are given up at the same time. */
const BATCH = 500

class RedisDirectory implements Directory {
  readonly #keys: RedisKeys
  readonly #scripts: ScriptRunner
  readonly #watch: RedisWatch
  readonly #records = new NodeRecords()
  readonly #holdings = new Holdings()
  #largestToken = 0
  #closed = false

  constructor(
    face: RedisFace,
    keys: RedisKeys,
    config: { readonly timeoutMs: number; readonly maxPending: number },
    time: Clock & TimerHost,
  ) {
    this.#keys = keys
    this.#scripts = new ScriptRunner(face, config, time)
    this.#watch = new RedisWatch(face, keys.channel, time)
  }

  async beat(node: NodeRecord, ttlMs: number): Promise<void> {
    this.#assertOpen()
    const { load, fixed } = writeRecord(checkNode(node))
    await this.#scripts.run(BEAT, this.#keys.nodes, [node.nodeId, String(checkTtl(ttlMs)), load, fixed])
  }

  async leave(nodeId: string): Promise<void> {
    this.#assertOpen()
    await this.#scripts.run(LEAVE, this.#keys.nodes, [checkText('nodeId', nodeId)])
    const { leases, broadcasts } = this.#holdings.of(nodeId)
    const steps = [
      ...leases.map((lease) => () => this.release(lease)),
      ...broadcasts.map((broadcast) => () => this.drop(nodeId, broadcast)),
    ]
    for (let done = 0; done < steps.length; done += BATCH) {
      await Promise.all(steps.slice(done, done + BATCH).map((step) => step()))
    }
  }

  async nodes(): Promise<readonly NodeRecord[]> {
    this.#assertOpen()
    const [reply] = await this.#scripts.run(NODES, this.#keys.nodes, [])
    const loads = new Map(groupsOf(reply, 2) as [string, string][])
    const missing = this.#records.missing(loads)
    for (let done = 0; done < missing.length; done += BATCH) {
      const asked = missing.slice(done, done + BATCH)
      const [fixed] = await this.#scripts.run(ABOUT, this.#keys.nodes, asked)
      for (const [index, nodeId] of asked.entries()) {
        const part = (fixed as unknown[])[index]
        // It has left meanwhile.
        if (part === null || part === undefined) loads.delete(nodeId)
        else this.#records.learn(nodeId, String(part))
      }
    }
    return this.#records.records(loads)
  }

  async claim(request: ClaimRequest): Promise<ClaimResult> {
    this.#assertOpen()
    const { broadcast, publisher, nodeId, url } = request
    for (const [name, text] of Object.entries({ broadcast, publisher, nodeId, url })) checkText(name, text)
    const [outcome, token, holderId, holderUrl] = await this.#scripts.run(CLAIM, this.#keys.claimed(broadcast), [
      publisher,
      nodeId,
      url,
      String(checkTtl(request.ttlMs)),
      request.takeover ? '1' : '0',
      String(this.#largestToken),
      String(TOKEN_TTL_MS),
      this.#keys.channel,
      broadcast,
    ])
    const won = String(outcome) === 'won'
    const lease: OriginLease = {
      broadcast,
      publisher,
      nodeId: won ? nodeId : String(holderId),
      url: won ? url : String(holderUrl),
      token: this.#seen(token),
    }
    if (!won) return { won: false, holder: lease }
    this.#holdings.addLease(lease)
    return { won: true, lease }
  }

  async renew(lease: OriginLease, ttlMs: number): Promise<boolean> {
    this.#assertOpen()
    const args = [lease.publisher, String(lease.token), String(checkTtl(ttlMs))]
    const [holds] = await this.#scripts.run(RENEW, this.#keys.leases(lease.broadcast), args)
    if (String(holds) === '1') return true
    this.#holdings.removeLease(lease)
    return false
  }

  async release(lease: OriginLease): Promise<void> {
    this.#assertOpen()
    const args = [lease.publisher, String(lease.token), this.#keys.channel, lease.broadcast]
    await this.#scripts.run(RELEASE, this.#keys.leases(lease.broadcast), args)
    this.#holdings.removeLease(lease)
  }

  async carry(nodeId: string, broadcast: string, ttlMs: number): Promise<void> {
    this.#assertOpen()
    const args = [checkText('nodeId', nodeId), String(checkTtl(ttlMs))]
    await this.#scripts.run(CARRY, this.#keys.carriers(checkText('broadcast', broadcast)), args)
    this.#holdings.addBroadcast(nodeId, broadcast)
  }

  async drop(nodeId: string, broadcast: string): Promise<void> {
    this.#assertOpen()
    await this.#scripts.run(DROP, this.#keys.carriers(broadcast), [nodeId])
    this.#holdings.removeBroadcast(nodeId, broadcast)
  }

  async broadcast(name: string): Promise<BroadcastRecord> {
    this.#assertOpen()
    const [leases, carriers] = await this.#scripts.run(BROADCAST, this.#keys.known(name), [])
    const origins = groupsOf(leases, 4).map(([publisher, token, nodeId, url]) => ({
      broadcast: name,
      publisher: publisher as string,
      nodeId: nodeId as string,
      url: url as string,
      token: this.#seen(token),
    }))
    return broadcastRecord(origins, (carriers as unknown[]).map(String))
  }

  watch(listener: OriginsListener): () => void {
    this.#assertOpen()
    return this.#watch.add(listener)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#watch.close()
  }

  #assertOpen(): void {
    if (this.#closed) throw closedError()
  }

  /** Remembers the largest token, for a Redis that forgets it and has a clock that is behind. */
  #seen(token: unknown): number {
    const number = Number(token)
    this.#largestToken = Math.max(this.#largestToken, number)
    return number
  }
}

/** A flat list of a reply in groups of so many texts. */
function groupsOf(reply: unknown, size: number): string[][] {
  const parts = (reply as unknown[]).map(String)
  return Array.from({ length: parts.length / size }, (_, index) => parts.slice(index * size, (index + 1) * size))
}
