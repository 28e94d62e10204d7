import { afterAll, beforeAll, describe } from 'vitest'
import { redisDirectory } from '../../../src/cluster/directory/redis/redis-directory.js'
import { directoryContract } from '../../contract/directory-contract.js'
import { REDIS_CLIENTS } from '../../support/redis-clients.js'
import { hasRedis, RedisServer } from '../../support/redis-server.js'

describe.skipIf(!hasRedis)('redis-server', () => {
  let server: RedisServer
  let namespaces = 0

  beforeAll(async () => {
    server = await RedisServer.start()
  })
  afterAll(() => server.close())

  for (const kind of REDIS_CLIENTS) {
    directoryContract(`the directory in Redis by ${kind.name}`, async () => {
      const clients = [await kind.connect(server.path), await kind.connect(server.path)] as const
      const namespace = `test-${namespaces++}`
      const [a, b] = clients.map(({ client }) => redisDirectory(client, { namespace }))
      return {
        a: a as NonNullable<typeof a>,
        b: b as NonNullable<typeof b>,
        pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms + 20)),
        async close() {
          await a?.close()
          await b?.close()
          for (const client of clients) client.close()
        },
      }
    })
  }
})
