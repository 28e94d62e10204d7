import { expect, it, onTestFinished } from 'vitest'
import { DashboardHistory, type DashboardHistoryOptions } from '../../../../src/cli/dashboard/dashboard-history.js'
import { fakeSfu } from '../../../support/fake-sfu.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../../support/offers.js'
import { shardSums } from './shard-sums.js'

function scene(options: DashboardHistoryOptions = {}) {
  const { sfu, engine, clock } = fakeSfu()
  const history = new DashboardHistory(sfu, { time: clock, ...options })
  onTestFinished(() => history.close())
  const join = async (broadcast: string, role: 'publisher' | 'viewer' = 'viewer') => {
    const { session } = await (role === 'viewer'
      ? sfu.view(VIEWER_OFFER, { broadcast })
      : sfu.publish(PUBLISHER_OFFER, { broadcast }))
    engine.simulateState(session.id, 'connected')
    return session
  }
  /** Samples as objects. */
  const samples = (broadcast?: string, sinceMs = 0) => {
    const { fields, samples: rows } = history.read(sinceMs, broadcast)
    return rows.map((row) => Object.fromEntries(fields.map((field, i) => [field, row[i + 1]])))
  }
  const sampleAfter = async (ms: number) => {
    clock.advance(ms)
    await history.sample()
  }
  return { sfu, engine, clock, history, join, samples, sampleAfter }
}

it('counts who is there and who has joined, in all and in each broadcast', async () => {
  const { join, samples, sampleAfter } = scene()
  await join('a', 'publisher')
  await join('a')
  await join('b')
  await sampleAfter(2000)
  await join('b')
  await sampleAfter(2000)
  expect(samples()).toMatchObject([
    { publishers: 1, viewers: 2, joins: 3, copies: 1 },
    { publishers: 1, viewers: 3, joins: 1, copies: 1 },
  ])
  expect(samples('a')).toMatchObject([
    { publishers: 1, viewers: 1, joins: 2 },
    { publishers: 1, viewers: 1, joins: 0 },
  ])
  expect(samples('b')).toMatchObject([
    { viewers: 1, joins: 1 },
    { viewers: 2, joins: 1 },
  ])
  expect(samples('nobody')).toEqual([])
})

it('gives rates from the second sample on, in all and of a broadcast', async () => {
  const { sfu, join, samples, sampleAfter, history } = scene()
  await join('a', 'publisher')
  const tell = (bytesIn: number) =>
    Object.defineProperty(sfu, 'summary', {
      value: async (names: string[]) => ({ shards: [shardSums(bytesIn, { [names[0] as string]: bytesIn / 2 })] }),
      configurable: true,
    })
  tell(1000)
  await sampleAfter(2000)
  tell(6000)
  await sampleAfter(2000)
  expect(samples().map(({ inBps }) => inBps)).toEqual([null, 20_000])
  expect(samples('a').map(({ inBps }) => inBps)).toEqual([null, 10_000])
  expect(history.read(0).totals).toMatchObject({ rtpBytesIn: 6000 })
  expect(history.read(0, 'a').totals).toMatchObject({ rtpBytesIn: 3000 })
})

it('keeps a window of time, and gives what is new', async () => {
  const { clock, history, sampleAfter } = scene({ intervalMs: 1000, windowMs: 4000 })
  for (let i = 0; i < 10; i++) await sampleAfter(1000)
  expect(history.read(0).samples).toHaveLength(4)
  const now = clock.unixMs()
  expect(history.read(now - 1500).samples.map(([atMs]) => atMs)).toEqual([now - 1000, now])
})

it('forgets a broadcast that is gone, and follows no more than it may', async () => {
  const { sfu, history, samples, sampleAfter } = scene({ maxBroadcasts: 2 })
  for (const name of ['a', 'b', 'c']) sfu.broadcast(name)
  await sampleAfter(2000)
  expect(['a', 'b', 'c'].map((name) => samples(name).length)).toEqual([1, 1, 0])
  await sfu.broadcast('a').close()
  expect(samples('a')).toEqual([])
  await sampleAfter(2000)
  expect(['b', 'c'].map((name) => samples(name).length)).toEqual([2, 1])
  expect(history.newest('a')).toEqual({})
})

it('has the load where the target measures it', async () => {
  const load = {
    atMs: 1,
    cpu: 0.25,
    eventLoopDelayMs: { control: 3, shards: [1, 7, 2] },
    rssBytes: 1e8,
    udpReceiveDropsPerSecond: 0,
    utilization: 0.4,
    overloaded: false,
    reasons: [],
  }
  const { sfu, samples, sampleAfter, history } = scene()
  Object.defineProperty(sfu, 'load', { value: () => load, configurable: true })
  await sampleAfter(2000)
  expect(samples()).toMatchObject([{ cpu: 0.25, loopDelayMs: 3, shardLoopDelayMs: 7, utilization: 0.4 }])
  expect(history.load).toBe(load)
  // Nothing is measured yet.
  Object.defineProperty(sfu, 'load', { value: () => ({ ...load, atMs: 0 }) })
  await sampleAfter(2000)
  expect(samples().at(-1)).toMatchObject({ cpu: null, loopDelayMs: null })
})

it('takes a sample per interval, until it is closed, and goes on when the Sfu is', async () => {
  const { sfu, clock, history, samples } = scene({ intervalMs: 1000 })
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  history.start()
  await settle()
  for (let i = 0; i < 2; i++) {
    clock.advance(1000)
    await settle()
  }
  expect(samples()).toHaveLength(3)
  await sfu.close()
  clock.advance(1000)
  await settle()
  expect(samples()).toHaveLength(4)
  history.close()
  clock.advance(5000)
  await settle()
  expect(samples()).toHaveLength(4)
})
