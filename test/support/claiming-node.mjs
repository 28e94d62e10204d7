/** A node as a process of its own that claims, takes over and releases when it is told to. Arguments: the client to use, where Redis listens, the name of the node. */
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { redisDirectory } from '../../dist/cluster/directory/redis/redis-directory.js'

const [kind, path, nodeId] = process.argv.slice(2)
const client = kind === 'ioredis' ? new Redis({ path }) : await createClient({ socket: { path } }).connect()
const directory = redisDirectory(client)
const request = { broadcast: 'stage', publisher: 'main', nodeId, url: `http://${nodeId}`, ttlMs: 60_000 }
let lease

const actions = {
  async claim(takeover) {
    const result = await directory.claim({ ...request, takeover })
    if (result.won) lease = result.lease
    return result
  },
  release: () => directory.release(lease),
  renew: () => directory.renew(lease, 60_000),
  async origins() {
    return (await directory.broadcast('stage')).origins
  },
}

process.on('message', async ({ action, argument }) => {
  try {
    process.send({ reply: await actions[action](argument) })
  } catch (error) {
    process.send({ error: String(error) })
  }
})
// The test has ended.
process.on('disconnect', () => process.exit())
process.send('ready')
