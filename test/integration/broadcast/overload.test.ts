/** Overload for real: a thread that is kept busy has newcomers refused over HTTP, and taken again when it has time. */
import { afterEach, expect, it } from 'vitest'
import { Sfu } from '../../../src/broadcast/sfu.js'
import { whipWhep } from '../../../src/signaling/index.js'
import { TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { VIEWER_OFFER } from '../../support/offers.js'
import { waitFor } from '../../support/wait-for.js'

/** Nothing but the thread's delay counts: the rest of the machine may have other work. */
const OVERLOAD = {
  maxEventLoopDelayMs: 400,
  maxControlDelayMs: Number.POSITIVE_INFINITY,
  maxShardUtilization: Number.POSITIVE_INFINITY,
  maxCpu: Number.POSITIVE_INFINITY,
  overloadedAfterMs: 200,
  recoveredAfterMs: 200,
}

let sfu: Sfu
afterEach(() => sfu.close())

function block(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

it('a busy thread refuses viewers with 503 and a time to come back, and recovers', async () => {
  sfu = new Sfu({ ...TEST_OPTIONS, loadIntervalMs: 100, overload: OVERLOAD })
  const told: string[] = []
  sfu.on('overloaded', ({ reasons }) => told.push(...reasons))
  sfu.on('recovered', () => told.push('recovered'))
  const handler = whipWhep(sfu)
  const watch = () =>
    handler(
      new Request('http://x.test/whep/a', {
        method: 'POST',
        body: VIEWER_OFFER,
        headers: { 'content-type': 'application/sdp' },
      }),
    )
  expect((await watch()).status).toBe(201)
  await waitFor('the first figures', () => sfu.load().rssBytes > 0)
  expect(sfu.load().heapLimitBytes).toBeGreaterThan(sfu.load().heapUsedBytes)
  await waitFor('the overload', () => {
    block(900)
    return told.length > 0
  })
  expect(told).toEqual([expect.stringMatching(/^delay of the event loop of shard 0: \d+ ms, at most 400 ms$/)])
  const refused = await watch()
  expect(refused.status).toBe(503)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(5)
  expect(await refused.json()).toMatchObject({ code: 'overloaded' })
  expect(sfu.sessions()).toHaveLength(1)
  await waitFor('the end of it', () => told.at(-1) === 'recovered')
  expect((await watch()).status).toBe(201)
})

it('each shard thread says its own load', async () => {
  sfu = new Sfu({ ...TEST_OPTIONS, loadIntervalMs: 100 })
  await sfu.ready()
  await waitFor('the first figures', () => sfu.load().eventLoopDelayMs.shards.length > 0)
  const load = sfu.load()
  expect(load.shardUtilization).toHaveLength(1)
  expect(load.cpu).toBeGreaterThan(0)
  if (process.platform === 'linux') expect(load.udpReceiveDropsPerSecond).toBe(0)
})
