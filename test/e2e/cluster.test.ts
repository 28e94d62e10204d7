/** Three nodes as processes, a real Redis, and a real Chromium: what viewers see when nodes are killed. */
import { type AddressInfo, createServer, type Server } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Viewer } from '../../src/client/index.js'
import { launchChromium } from '../support/browser.js'
import { type CliServer, startCli } from '../support/cli-server.js'
import {
  ClientPages,
  type ClientWindow,
  forgetGaps,
  framesOf,
  longestGapMs,
  seesFrames,
  statesOf,
} from '../support/client-pages.js'
import { VIEWER_OFFER } from '../support/offers.js'
import { hasRedis, RedisServer } from '../support/redis-server.js'
import { waitFor } from '../support/wait-for.js'

const ADMIN_KEY = 'a-key-for-administrators-of-tests'
const SECRET = 'a-secret-that-only-the-nodes-of-this-test-know'
/** The default of nodes. */
const LEASE_TTL_MS = 5000
/** What the fake camera is sent as, worst first. */
const HEIGHTS = [135, 270, 540]

let browser: Browser
let pages: ClientPages
let redis: RedisServer
let redisUrl: string
let nodes: CliServer[] = []

beforeAll(async () => {
  browser = await launchChromium()
  pages = new ClientPages(browser)
  const port = await freePort()
  redis = await RedisServer.start(['--port', String(port), '--bind', '127.0.0.1'])
  redisUrl = `redis://127.0.0.1:${port}`
})

afterEach(async () => {
  await pages.closeAll()
  await Promise.all(nodes.splice(0).map((node) => node.stop('SIGKILL')))
})

afterAll(async () => {
  await browser?.close()
  await redis?.stop()
})

describe.skipIf(!hasRedis)('three node processes', () => {
  it('carry three layers, and viewers get over the death of their node and of the origin', async () => {
    const [a, b, c] = [await startNode(), await startNode(), await startNode()]
    await waitFor('the nodes to know each other', async () => (await alternatesOf(a)).length === 2)
    const publisher = await publishSimulcast(a)
    const [onB, onC] = [await pages.watch(b.url), await pages.watch(c.url)]

    for (const node of [b, c]) {
      await waitFor('three layers over the relay', async () => (await relayedLayers(node)).length === 3, 30_000)
    }
    const relays = (await sessionsOf(a)).filter(({ role }) => role === 'viewer')
    console.log(`relays at the origin: ${relays.length}; layers over them: ${(await relayedLayers(c)).join(', ')}`)
    expect(relays.length).toBe(2)
    const rids = await relayedLayers(c)
    for (const [rank, height] of HEIGHTS.entries()) {
      await select(onC, [...rids].sort()[rank] as string)
      await waitFor(`${height} lines on C`, async () => (await heightOf(onC)) === height, 40_000)
      await seesFrames(onC)
    }
    console.log(`a viewer on C has switched through ${HEIGHTS.join(', ')} lines`)

    await forgetGaps(onB)
    const before = await framesOf(onB)
    const edgeKilledMs = performance.now()
    await kill(b)
    await waitFor('the viewer of B to watch again', async () => (await framesOf(onB)) > before + 30, 30_000)
    const backMs = performance.now() - edgeKilledMs
    const edgeGapMs = await longestGapMs(onB)
    console.log(
      `kill -9 of the edge: frozen ${Math.round(edgeGapMs)} ms, a second of video in ${Math.round(backMs)} ms`,
    )

    await forgetGaps(onC)
    const statesBefore = await statesOf(onC)
    const framesBefore = await framesOf(onC)
    await kill(a)
    await waitFor('the viewer of C to go on', async () => (await framesOf(onC)) > framesBefore + 150, 60_000)
    const originGapMs = await longestGapMs(onC)
    console.log(`kill -9 of the origin: viewers elsewhere frozen ${Math.round(originGapMs)} ms`)
    expect(await statesOf(publisher)).toEqual(['connected', 'reconnecting', 'connected'])
    // No new session: its own has never been anything but connected.
    expect([statesBefore, await statesOf(onC)]).toEqual([['connected'], ['connected']])
    expect(edgeGapMs).toBeLessThan(5000)
    expect(originGapMs).toBeLessThan(LEASE_TTL_MS + 3000)
  }, 300_000)
})

async function startNode(): Promise<CliServer> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const args = ['--port', String(port), '--cluster', redisUrl, '--node-url', url]
  const node = await startCli([...args, '--cluster-secret', SECRET, '--admin-key', ADMIN_KEY])
  nodes.push(node)
  return node
}

async function kill(node: CliServer): Promise<void> {
  nodes = nodes.filter((other) => other !== node)
  await node.stop('SIGKILL')
}

async function freePort(): Promise<number> {
  const server: Server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** The other nodes that the reply to an offer names. */
async function alternatesOf({ url }: CliServer): Promise<readonly string[]> {
  const headers = { 'content-type': 'application/sdp' }
  const response = await fetch(`${url}/whep/probe`, { method: 'POST', body: VIEWER_OFFER, headers })
  await fetch(new URL(response.headers.get('location') ?? '', url), { method: 'DELETE' })
  const links = (response.headers.get('link') ?? '').matchAll(/<([^>]*)>; rel="alternate"/g)
  return [...links].map(([, target = '']) => target)
}

async function publishSimulcast({ url }: CliServer): Promise<Page> {
  const page = await pages.open(url)
  await page.evaluate(async () => {
    const own = window as unknown as ClientWindow
    const video = { width: 960, height: 540, frameRate: 15 }
    own.session = own.client.publish(await navigator.mediaDevices.getUserMedia({ video }), '/whip/x', { simulcast: 3 })
    own.session.on('state', (state) => own.states.push(state))
    await own.session.whenConnected()
  })
  return page
}

const select = (page: Page, rid: string) =>
  page.evaluate((wanted) => ((window as unknown as ClientWindow).session as Viewer).selectLayer({ rid: wanted }), rid)

const heightOf = (page: Page) => page.evaluate(() => document.querySelector('video')?.videoHeight)

async function admin<Value>({ url }: CliServer, path: string): Promise<Value> {
  const response = await fetch(`${url}/admin/${path}`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } })
  return response.json() as Promise<Value>
}

interface ListedSession {
  readonly id: string
  readonly role: string
}

async function sessionsOf(node: CliServer): Promise<readonly ListedSession[]> {
  return (await admin<{ sessions: readonly ListedSession[] }>(node, 'sessions?broadcast=x')).sessions
}

interface ListedLayer {
  readonly rid?: string
  readonly kind: string
}

/** The rids of the video layers that come over a node's relay. */
async function relayedLayers(node: CliServer): Promise<readonly string[]> {
  const relay = (await sessionsOf(node)).find(({ role }) => role === 'publisher')
  if (relay === undefined) return []
  const { ingest } = await admin<{ ingest?: { layers: readonly ListedLayer[] } }>(node, `sessions/${relay.id}/stats`)
  return (ingest?.layers ?? []).filter(({ kind }) => kind === 'video').map(({ rid = '' }) => rid)
}
