/** Redis away: what the directory does meanwhile, and when it is back. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { redisDirectory } from '../../../src/cluster/directory/redis/redis-directory.js'
import type { Directory, NodeRecord, OriginLease } from '../../../src/cluster/types.js'
import { BroadcastError } from '../../../src/errors.js'
import { REDIS_CLIENTS, type RedisClient } from '../../support/redis-clients.js'
import { hasRedis, RedisServer } from '../../support/redis-server.js'
import { waitFor } from '../../support/wait-for.js'

const TTL_MS = 60_000
const TIMEOUT_MS = 300

const node: NodeRecord = {
  nodeId: 'n1',
  url: 'http://n1',
  region: 'eu',
  capacity: 100,
  viewers: 3,
  utilization: 0.5,
  draining: false,
}

const request = (nodeId: string, takeover = false, broadcast = 'show') => ({
  broadcast,
  publisher: 'main',
  nodeId,
  url: `http://${nodeId}`,
  ttlMs: TTL_MS,
  takeover,
})

async function win(directory: Directory, nodeId = 'n1', takeover = false): Promise<OriginLease> {
  const result = await directory.claim(request(nodeId, takeover))
  if (!result.won) throw new Error('lost')
  return result.lease
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'done'
  } catch (error) {
    return error instanceof BroadcastError ? error.code : String(error)
  }
}

/** Every method but the heartbeat, whose outcome is looked at by itself. */
function everything(directory: Directory, lease: OriginLease): Promise<string[]> {
  return Promise.all(
    [
      directory.beat(node, TTL_MS),
      directory.leave('nobody'),
      directory.nodes(),
      directory.claim(request('n1')),
      directory.renew(lease, TTL_MS),
      directory.release({ ...lease, token: 1 }),
      directory.carry('n1', 'show', TTL_MS),
      directory.drop('n9', 'show'),
      directory.broadcast('show'),
    ].map(codeOf),
  )
}

const UNAVAILABLE = Array(9).fill('directory-unavailable')

describe.skipIf(!hasRedis)('Redis away', () => {
  let server: RedisServer
  const clients: RedisClient[] = []

  beforeEach(async () => {
    server = await RedisServer.start()
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close()
    await server.close()
  })

  for (const kind of REDIS_CLIENTS) {
    const connect = async (maxPending?: number): Promise<Directory> => {
      const client = await kind.connect(server.path)
      clients.push(client)
      return redisDirectory(client.client, { timeoutMs: TIMEOUT_MS, maxPending })
    }

    it(`${kind.name}: every call is rejected while it is gone, and all is right again once it is back, empty`, async () => {
      const directory = await connect()
      const lease = await win(directory)
      const heard: string[] = []
      const stop = directory.watch((name) => heard.push(name))
      await server.stop()
      // The very first ones may find it out themselves.
      for (let round = 0; round < 20; round++) {
        expect(await everything(directory, lease)).toEqual(UNAVAILABLE)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      await server.restart()
      await waitFor('a heartbeat', async () => (await codeOf(directory.beat(node, TTL_MS))) === 'done')
      expect(await directory.nodes()).toEqual([node])
      // Nothing of what was asked meanwhile is done now: no claim, no carrier.
      expect(await directory.broadcast('show')).toEqual({ origins: [], carriers: [] })
      expect(await directory.renew(lease, TTL_MS)).toBe(false)
      const again = await win(directory)
      expect(again.token).toBeGreaterThan(lease.token)
      await directory.carry('n1', 'show', TTL_MS)
      expect(await directory.broadcast('show')).toEqual({ origins: [again], carriers: ['n1'] })
      await waitFor('a change', async () => {
        await win(directory)
        return heard.includes('show')
      })
      stop()
      await directory.close()
    })

    it(`${kind.name}: what stands still is given up in time, bounded, and not done later`, async () => {
      const directory = await connect(20)
      const other = await connect()
      const lease = await win(directory)
      server.freeze()
      expect(await everything(directory, lease)).toEqual(UNAVAILABLE)
      // A claim that would win when it comes to its turn.
      const late = Array.from({ length: 30 }, () => codeOf(directory.claim(request('late', true))))
      expect(await Promise.all(late)).toEqual(Array(30).fill('directory-unavailable'))
      await new Promise((resolve) => setTimeout(resolve, 2 * TIMEOUT_MS))
      const rejected = await directory.nodes().catch((error: unknown) => error)
      expect(String(rejected)).toContain('too many commands wait')
      server.thaw()
      await waitFor('answers', async () => (await codeOf(directory.nodes())) === 'done')
      await waitFor('answers', async () => (await codeOf(other.nodes())) === 'done')
      expect((await other.broadcast('show')).origins).toEqual([lease])
      expect(await directory.renew(lease, TTL_MS)).toBe(true)
    })

    it(`${kind.name}: tokens grow over a Redis that forgets everything, scripts included`, async () => {
      const directory = await connect()
      let last = await win(directory)
      for (let round = 0; round < 3; round++) {
        await server.restart()
        await waitFor('a heartbeat', async () => (await codeOf(directory.beat(node, TTL_MS))) === 'done')
        const next = await win(directory, 'n2')
        expect(next.token).toBeGreaterThan(last.token)
        last = next
      }
    })
  }
})
