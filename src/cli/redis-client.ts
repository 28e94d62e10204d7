/** The one place that knows the packages `redis` and `ioredis`, both optional: the command takes the one that is installed. */

import type { RedisLike } from '../cluster/index.js'
import { BroadcastError } from '../errors.js'
import { createLog } from '../util/log.js'

const log = createLog('cluster')

/** A client that connects, and comes back, by itself. */
export interface RedisConnection {
  readonly client: RedisLike
  close(): void
}

type NodeRedis = Pick<typeof import('redis'), 'createClient'>
type IoRedis = Pick<typeof import('ioredis'), 'Redis'>

/** How the packages are loaded. */
export interface RedisPackages {
  redis(): Promise<NodeRedis>
  ioredis(): Promise<IoRedis>
}

const INSTALLED: RedisPackages = { redis: () => import('redis'), ioredis: () => import('ioredis') }

/**
 * Begins to connect to the Redis at `url`; one that is away is waited for. Rejects with `package-missing`.
 *
 * @param packages in place of those that are installed.
 */
export async function connectRedis(url: string, packages: RedisPackages = INSTALLED): Promise<RedisConnection> {
  const nodeRedis = await unlessMissing(packages.redis)
  if (nodeRedis !== undefined) {
    const client = nodeRedis.createClient({ url })
    client.on('error', noted)
    client.connect().catch(noted)
    return { client, close: () => client.destroy() }
  }
  const ioredis = await unlessMissing(packages.ioredis)
  if (ioredis !== undefined) {
    const client = new ioredis.Redis(url)
    client.on('error', noted)
    return { client, close: () => client.disconnect() }
  }
  throw new BroadcastError('package-missing', '--cluster needs the package redis or ioredis: npm install redis', {
    details: { package: 'redis' },
  })
}

/** What is wrong with Redis is the directory's to tell; an `error` that nobody hears would end the process. */
function noted(error: unknown): void {
  log('redis: %s', error instanceof Error ? error.message : error)
}

async function unlessMissing<Package>(load: () => Promise<Package>): Promise<Package | undefined> {
  try {
    return await load()
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}
