/** Two nodes on a real Redis, which is killed and comes back empty: viewers see nothing of it, and the directory is right again soon. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient } from 'redis'
import { afterEach, describe, expect, it } from 'vitest'
import { Sfu } from '../../../src/broadcast/sfu.js'
import { type ClusterNode, cluster, type Directory, redisDirectory } from '../../../src/cluster/index.js'
import { nodeHttp } from '../../../src/signaling/index.js'
import { type TestPublisher, type TestViewer, testPublisher, testViewer } from '../../../src/testing/index.js'
import { TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { hasRedis, RedisServer } from '../../support/redis-server.js'
import { waitFor } from '../../support/wait-for.js'

const LEASE_TTL_MS = 1500

interface Node {
  readonly url: string
  readonly sfu: Sfu
  readonly node: ClusterNode
  readonly directory: Directory
  readonly server: Server
}

let redis: RedisServer | undefined
const nodes: Node[] = []
const clients: { destroy(): void }[] = []
const peers: (TestPublisher | TestViewer)[] = []

async function start(): Promise<Node> {
  const client = createClient({ socket: { path: (redis as RedisServer).path, reconnectStrategy: 100 } })
  client.on('error', () => {})
  await client.connect()
  clients.push(client)
  const sfu = new Sfu(TEST_OPTIONS)
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const directory = redisDirectory(client)
  const node = cluster(sfu, { nodeUrl: url, directory, leaseTtlMs: LEASE_TTL_MS })
  server.on('request', nodeHttp(node.handler))
  const started = { url, sfu, node, directory, server }
  nodes.push(started)
  await Promise.all(nodes.map((other) => other.node.ready()))
  return started
}

async function offerTo(url: string, body: string): Promise<string> {
  const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/sdp' } })
  return response.text()
}

async function watch({ url }: Node): Promise<TestViewer> {
  const viewer = await testViewer((offer) => offerTo(`${url}/whep/x`, offer))
  peers.push(viewer)
  return viewer
}

afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()))
  for (const { server, sfu, node, directory } of nodes.splice(0)) {
    server.close()
    await node.close()
    await directory.close()
    await sfu.close()
    server.closeAllConnections()
  }
  for (const client of clients.splice(0)) client.destroy()
  await redis?.stop()
})

describe.skipIf(!hasRedis)('Redis is killed, and comes back without what it knew', () => {
  it('disturbs no viewer, and all is right again soon after', async () => {
    redis = await RedisServer.start()
    const [a, b] = [await start(), await start()]
    peers.push(await testPublisher((offer) => offerTo(`${a.url}/whip/x`, offer)))
    const viewer = await watch(b)
    await viewer.whenReceived({ frames: 30 })
    const session = b.sfu.broadcasts()[0]?.viewers[0]

    await redis.stop()
    await waitFor('the nodes to notice', () => nodes.every(({ node }) => !node.stats().directoryReachable))
    // Longer than everything in it holds.
    await new Promise((resolve) => setTimeout(resolve, 2 * LEASE_TTL_MS))
    await viewer.whenReceived({ frames: 30 }, { since: viewer.received })
    const another = await watch(b)
    await another.whenReceived({ frames: 10 })
    const response = await fetch(`${b.url}/whip/y`, {
      method: 'POST',
      body: 'v=0\r\n',
      headers: { 'content-type': 'application/sdp' },
    })
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])

    await redis.restart()
    const backMs = performance.now()
    await waitFor('the directory to be right again', async () => {
      const { origins, carriers } = await a.directory.broadcast('x').catch(() => ({ origins: [], carriers: [] }))
      const known = await a.directory.nodes().catch(() => [])
      return origins[0]?.nodeId === a.node.nodeId && carriers.length === 2 && known.length === 2
    })
    console.log(`the directory is right again ${Math.round(performance.now() - backMs)} ms after its return`)
    expect(session?.state).toBe('connected')
    await viewer.whenReceived({ frames: 30 }, { since: viewer.received })
    expect(b.node.stats().relays).toMatchObject([{ from: a.node.nodeId, connected: true }])
  })
})
