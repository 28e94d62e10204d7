/** Three nodes in one process, with media over loopback: published on one, watched on the others. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Session } from '../../../src/broadcast/session.js'
import { Sfu } from '../../../src/broadcast/sfu.js'
import {
  type ClusterNode,
  type ClusterOptions,
  cluster,
  type Directory,
  memoryDirectory,
} from '../../../src/cluster/index.js'
import { keyAuthorizer, nodeHttp } from '../../../src/signaling/index.js'
import { type TestPublisher, type TestViewer, testPublisher, testViewer } from '../../../src/testing/index.js'
import { TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { waitFor } from '../../support/wait-for.js'

const SECRET = 'a secret that all nodes of a cluster know'
const KEY = 'a-key-that-publishers-and-viewers-share'

interface Node {
  readonly url: string
  readonly sfu: Sfu
  readonly node: ClusterNode
  readonly server: Server
}

let directory: Directory
const nodes: Node[] = []
const peers: (TestPublisher | TestViewer)[] = []

async function start(options: Partial<ClusterOptions> = {}): Promise<Node> {
  const sfu = new Sfu(TEST_OPTIONS)
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const authorize = keyAuthorizer({ publish: KEY, view: KEY })
  const node = cluster(sfu, { nodeUrl: url, directory, secret: SECRET, authorize, ...options })
  server.on('request', nodeHttp(node.handler))
  const started = { url, sfu, node, server }
  nodes.push(started)
  await Promise.all(nodes.map((other) => other.node.ready()))
  return started
}

/** An offer by POST, along redirects as fetch follows them. */
async function offerTo(url: string, body: string): Promise<Response> {
  const headers = { 'content-type': 'application/sdp', authorization: `Bearer ${KEY}` }
  return fetch(url, { method: 'POST', body, headers })
}

async function publish({ url }: Node): Promise<TestPublisher> {
  const publisher = await testPublisher(async (offer) => (await offerTo(`${url}/whip/x`, offer)).text())
  peers.push(publisher)
  return publisher
}

async function watch({ url }: Node, replies: Response[] = []): Promise<TestViewer> {
  const viewer = await testViewer(async (offer) => {
    const response = await offerTo(`${url}/whep/x`, offer)
    replies.push(response)
    return response.clone().text()
  })
  peers.push(viewer)
  return viewer
}

const viewersOf = ({ sfu }: Node): readonly Session[] => sfu.broadcasts().flatMap(({ viewers }) => viewers)

async function stop(node: Node): Promise<void> {
  nodes.splice(nodes.indexOf(node), 1)
  node.server.close()
  await node.node.close()
  await node.sfu.close()
  node.server.closeAllConnections()
}

afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.close()))
  for (const node of [...nodes]) await stop(node)
  await directory.close()
})

describe('three nodes', () => {
  it('carry a broadcast by one relay each, with media from end to end', async () => {
    directory = memoryDirectory()
    const [a, b, c] = [await start(), await start(), await start()]
    await publish(a)
    const viewers = [await watch(b), await watch(b), await watch(c)]
    for (const viewer of viewers) await viewer.whenReceived({ frames: 30, audioPackets: 50 })
    expect(viewersOf(a).length).toBe(2)
    expect(b.node.stats().relays).toMatchObject([{ publisher: 'main', from: a.node.nodeId, connected: true }])
    expect([a.node.stats().node.viewers, b.node.stats().node.viewers]).toEqual([0, 2])
  })

  it('bring media to who waited, and go on without a new session when the publisher comes to another node', async () => {
    directory = memoryDirectory()
    const [a, b, c] = [await start(), await start(), await start()]
    const viewer = await watch(c)
    await publish(a)
    await viewer.whenReceived({ frames: 30 })
    await publish(b)
    await waitFor('the relay to move', () => c.node.stats().relays[0]?.from === b.node.nodeId)
    await viewer.whenReceived({ frames: 30 }, { since: viewer.received })
    await waitFor('the old relay to end', () => viewersOf(a).length === 0)
  })

  it('bring media back when the publisher has gone and comes again, wherever', async () => {
    directory = memoryDirectory()
    const [a, b, c] = [await start(), await start(), await start()]
    await publish(a)
    const viewer = await watch(c)
    await viewer.whenReceived({ frames: 10 })
    await a.sfu.broadcasts()[0]?.publishers[0]?.close()
    await waitFor('nobody to publish', () => c.node.stats().relays.every(({ connected }) => !connected))
    await publish(b)
    await viewer.whenReceived({ frames: 30 }, { since: viewer.received, withinMs: 10_000 })
  })

  it('send a viewer on when one is full, and the session URL takes the same token there', async () => {
    directory = memoryDirectory()
    const [a, b] = [await start({ capacity: 1 }), await start()]
    await publish(a)
    await watch(a)
    const replies: Response[] = []
    const viewer = await watch(a, replies)
    await viewer.whenReceived({ frames: 10 })
    const [reply] = replies as [Response]
    expect([reply.status, new URL(reply.url).origin, reply.redirected]).toEqual([201, b.url, true])
    const session = new URL(reply.headers.get('location') ?? '', reply.url)
    expect((await fetch(session, { method: 'DELETE' })).status).toBe(401)
    expect((await fetch(session, { method: 'DELETE', headers: { authorization: `Bearer ${KEY}` } })).status).toBe(200)
    expect(viewersOf(b)).toEqual([])
  })
})
