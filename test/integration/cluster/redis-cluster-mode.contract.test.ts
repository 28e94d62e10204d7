/** The directory in a Redis Cluster: of one node, which refuses keys of different slots in one script like any other. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { Cluster, Redis } from 'ioredis'
import { createCluster } from 'redis'
import { afterAll, beforeAll, describe } from 'vitest'
import { redisDirectory } from '../../../src/cluster/directory/redis/redis-directory.js'
import { directoryContract } from '../../contract/directory-contract.js'
import type { RedisClient } from '../../support/redis-clients.js'
import { hasRedis, RedisServer } from '../../support/redis-server.js'
import { waitFor } from '../../support/wait-for.js'

/** A port that was free a moment ago, and so was the one of the cluster's own bus. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  // The bus is 10,000 above unless it is told otherwise.
  return port < 55_000 ? port : freePort()
}

describe.skipIf(!hasRedis)('redis-server as a cluster', () => {
  let server: RedisServer
  let port: number
  let namespaces = 0

  beforeAll(async () => {
    port = await freePort()
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--cluster-enabled', 'yes']
    server = await RedisServer.start([...args, '--cluster-announce-ip', '127.0.0.1'])
    const admin = new Redis({ path: server.path })
    await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    await waitFor('the cluster', async () => String(await admin.call('CLUSTER', 'INFO')).includes('cluster_state:ok'))
    admin.disconnect()
  })
  afterAll(() => server.close())

  const kinds: Readonly<Record<string, () => Promise<RedisClient>>> = {
    async 'node-redis'() {
      const client = createCluster({ rootNodes: [{ socket: { host: '127.0.0.1', port } }] })
      client.on('error', () => undefined)
      await client.connect()
      return { client, close: () => client.destroy() }
    },
    async ioredis() {
      const client = new Cluster([{ host: '127.0.0.1', port }])
      client.on('error', () => undefined)
      await new Promise((resolve) => client.once('ready', resolve))
      return { client, close: () => client.disconnect() }
    },
  }

  for (const [name, connect] of Object.entries(kinds)) {
    directoryContract(`the directory in Redis Cluster by ${name}`, async () => {
      const client = await connect()
      const directory = redisDirectory(client.client, { namespace: `test-${namespaces++}` })
      return {
        a: directory,
        b: directory,
        pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms + 20)),
        async close() {
          await directory.close()
          client.close()
        },
      }
    })
  }
})
