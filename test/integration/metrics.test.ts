/** Metrics of a real Sfu with media, over HTTP; its engine is in a worker thread, so that this runs on what is built. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Sfu } from '../../dist/index.js'
import { type Metrics, metrics } from '../../dist/metrics/index.js'
import { compose, nodeHttp, whipWhep } from '../../dist/signaling/index.js'
import { type TestPublisher, type TestViewer, testPublisher, testViewer } from '../../src/testing/index.js'
import { type ReadFamily, readExposition } from '../support/open-metrics.js'
import { waitFor } from '../support/wait-for.js'

const TOKEN = 'token-of-the-scraper'

let sfu: Sfu
let read: Metrics
let server: Server
let origin = ''
let publisher: TestPublisher
let viewers: TestViewer[]

beforeEach(async () => {
  sfu = new Sfu({ workers: 2, listenIps: '127.0.0.1' })
  read = metrics(sfu, { token: TOKEN })
  server = createServer(nodeHttp(compose(read.handler, whipWhep(sfu))))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const broadcast = sfu.broadcast('main')
  publisher = await testPublisher(async (offer) => (await broadcast.addPublisher(offer)).sdp)
  const join = () => testViewer(async (offer) => (await broadcast.addViewer(offer)).sdp)
  viewers = await Promise.all([join(), join()])
})

afterEach(async () => {
  await Promise.all([publisher.close(), ...viewers.map((viewer) => viewer.close())])
  await sfu.close()
  server.closeAllConnections()
  server.close()
})

async function scrape(): Promise<Map<string, ReadFamily>> {
  const headers = { accept: 'application/openmetrics-text; version=1.0.0', authorization: `Bearer ${TOKEN}` }
  const response = await fetch(`${origin}/metrics`, { headers })
  expect(response.status).toBe(200)
  return readExposition(await response.text(), 'openmetrics')
}

function value(families: Map<string, ReadFamily>, name: string, labels: Record<string, string> = {}): number {
  const samples = families.get(name)?.samples ?? []
  const found = samples.find((one) => Object.entries(labels).every(([label, text]) => one.labels[label] === text))
  if (found === undefined) throw new Error(`no ${name} with ${JSON.stringify(labels)}`)
  return found.value
}

it('tells of the media of all threads, and goes on when somebody leaves', async () => {
  const out = (families: Map<string, ReadFamily>, name = 'manycast_rtp_packets') =>
    value(families, name, { direction: 'out' })
  let now = new Map<string, ReadFamily>()
  await waitFor('media and reports', async () => {
    now = await scrape()
    const reports = now.get('manycast_viewer_rtt_seconds')?.samples.find(({ name }) => name.endsWith('_count'))
    return out(now) > 100 && (reports?.value ?? 0) > 0
  })
  expect(value(now, 'manycast_sessions', { role: 'viewer', state: 'connected' })).toBe(2)
  expect(value(now, 'manycast_broadcasts', { state: 'live' })).toBe(1)
  expect(value(now, 'manycast_rtp_packets', { direction: 'in' })).toBeGreaterThan(50)
  expect(value(now, 'manycast_keyframes_received')).toBeGreaterThan(0)
  expect(out(now, 'manycast_broadcast_rtp_packets')).toBeGreaterThan(100)
  expect(value(now, 'manycast_shard_sessions', { shard: '1' })).toBeGreaterThanOrEqual(0)
  expect(value(now, 'manycast_event_loop_delay_seconds', { thread: '1' })).toBeGreaterThanOrEqual(0)
  const before = out(now)
  await sfu.broadcast('main').viewers[0]?.kick()
  now = await scrape()
  expect(out(now)).toBeGreaterThanOrEqual(before)
  expect(value(now, 'manycast_sessions_closed', { role: 'viewer', reason: 'kicked' })).toBe(1)
})

it('says that it is well and ready, and not once it drains', async () => {
  const ask = async (path: string) => {
    const response = await fetch(`${origin}${path}`)
    return [response.status, await response.json()]
  }
  expect(await ask('/healthz')).toEqual([200, { ok: true, reasons: [] }])
  expect(await ask('/readyz')).toEqual([200, { ok: true, reasons: [] }])
  expect((await fetch(`${origin}/metrics`)).status).toBe(401)
  const drained = sfu.drain({ deadlineMs: 500 })
  expect(await ask('/readyz')).toEqual([503, { ok: false, reasons: ['it is draining'] }])
  await drained
})
