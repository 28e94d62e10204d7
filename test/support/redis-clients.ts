/** The clients of Redis that a directory stands on, connected to a Redis of the test. */
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import type { RedisLike } from '../../src/cluster/directory/redis/redis-like.js'

/** A client, and the way to end it. */
export interface RedisClient {
  readonly client: RedisLike
  close(): void
}

/** How a test makes a client. */
export interface RedisClientKind {
  readonly name: string
  connect(path: string): Promise<RedisClient>
}

/** Both, as their documentation says to make them, and both without an offline queue. */
export const REDIS_CLIENTS: readonly RedisClientKind[] = [
  { name: 'node-redis', connect: (path) => nodeRedis(path, false) },
  { name: 'node-redis without an offline queue', connect: (path) => nodeRedis(path, true) },
  { name: 'ioredis', connect: (path) => ioRedis(path, true) },
  { name: 'ioredis without an offline queue', connect: (path) => ioRedis(path, false) },
]

async function nodeRedis(path: string, disableOfflineQueue: boolean): Promise<RedisClient> {
  const client = createClient({ socket: { path, reconnectStrategy: 20 }, disableOfflineQueue })
  client.on('error', () => undefined)
  await client.connect()
  return { client, close: () => client.destroy() }
}

async function ioRedis(path: string, enableOfflineQueue: boolean): Promise<RedisClient> {
  const client = new Redis({ path, enableOfflineQueue, retryStrategy: () => 20 })
  client.on('error', () => undefined)
  await new Promise((resolve) => client.once('ready', resolve))
  return { client, close: () => client.disconnect() }
}
