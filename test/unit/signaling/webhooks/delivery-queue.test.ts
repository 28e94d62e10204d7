import { expect, it } from 'vitest'
import {
  type DeliveryOutcome,
  DeliveryQueue,
  type DeliveryQueueConfig,
} from '../../../../src/signaling/webhooks/delivery-queue.js'
import { SeededRandom } from '../../../../src/testing/seeded-random.js'
import { VirtualClock } from '../../../../src/testing/virtual-clock.js'
import { Scheduler } from '../../../../src/util/scheduler.js'

const CONFIG = { maxQueued: 100, maxConcurrent: 2, maxAttempts: 4, retryBaseMs: 1000, retryMaxMs: 3000 }

const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A queue of texts, and everything that it tried to deliver with the time; `outcome` decides how it ends. */
function queueWith(outcome: (item: string) => Promise<DeliveryOutcome>, options: Partial<DeliveryQueueConfig> = {}) {
  const clock = new VirtualClock()
  const tried: [string, number][] = []
  const deliver = (item: string) => {
    tried.push([item, clock.nowMs()])
    return outcome(item)
  }
  const queue = new DeliveryQueue({ ...CONFIG, ...options }, deliver, new Scheduler(clock, clock), () => 1)
  return { queue, clock, tried }
}

const failure = (retryAfterMs?: number) =>
  ({ ok: false, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }) as const

it('delivers a lane in its order, and lanes side by side as far as allowed', async () => {
  const open: (() => void)[] = []
  const { queue, tried } = queueWith(() => new Promise((resolve) => open.push(() => resolve({ ok: true }))))
  for (const item of ['a1', 'a2', 'b1', 'c1']) queue.add(item[0] as string, item)
  expect(tried.map(([item]) => item)).toEqual(['a1', 'b1'])
  open.shift()?.()
  await settled()
  expect(tried.map(([item]) => item)).toEqual(['a1', 'b1', 'c1'])
  open.shift()?.()
  await settled()
  expect(tried.map(([item]) => item)).toEqual(['a1', 'b1', 'c1', 'a2'])
  for (const end of open.splice(0)) end()
  await queue.drained()
  expect(queue.counters).toEqual({ queued: 0, delivered: 4, retried: 0, dropped: 0, failed: 0 })
})

it('tries again later and later, and gives up; what comes behind it waits, other lanes do not', async () => {
  const { queue, clock, tried } = queueWith(async (item) => (item === 'a1' ? failure() : { ok: true }))
  for (const item of ['a1', 'a2', 'b1']) queue.add(item[0] as string, item)
  for (let i = 0; i < 10; i++) {
    await settled()
    clock.advance(1000)
  }
  await settled()
  expect(tried).toEqual([
    ['a1', 0],
    ['b1', 0],
    ['a1', 1000],
    ['a1', 3000],
    ['a1', 6000],
    ['a2', 6000],
  ])
  expect(queue.counters).toEqual({ queued: 0, delivered: 2, retried: 3, dropped: 0, failed: 1 })
})

it('waits as long as the receiver says, but no longer than the longest wait', async () => {
  const waits = [2500, 3_600_000]
  const { queue, clock, tried } = queueWith(async () => (waits.length > 0 ? failure(waits.shift()) : { ok: true }))
  queue.add('a', 'a1')
  for (let i = 0; i < 100; i++) {
    await settled()
    clock.advance(100)
  }
  expect(tried.map(([, atMs]) => atMs)).toEqual([0, 2500, 5500])
  expect(queue.counters).toMatchObject({ delivered: 1, retried: 2 })
})

it('takes what throws for a failure', async () => {
  const { queue } = queueWith(() => Promise.reject(new Error('no')), { maxAttempts: 1 })
  queue.add('a', 'a1')
  await queue.drained()
  expect(queue.counters).toMatchObject({ queued: 0, failed: 1 })
})

it('drops what comes when it is full', async () => {
  const { queue } = queueWith(async () => ({ ok: true }), { maxQueued: 3 })
  for (let i = 0; i < 10; i++) queue.add('a', `a${i}`)
  await queue.drained()
  expect(queue.counters).toMatchObject({ queued: 0, delivered: 3, dropped: 7 })
})

it('drops what waits when it is closed; what is under way still counts', async () => {
  let end: (() => void) | undefined
  const { queue, clock, tried } = queueWith((item) =>
    item === 'a1' ? new Promise((resolve) => (end = () => resolve({ ok: true }))) : Promise.resolve(failure()),
  )
  for (const item of ['a1', 'a2', 'b1']) queue.add(item[0] as string, item)
  await settled()
  queue.close()
  await queue.drained()
  expect(queue.counters).toMatchObject({ queued: 0, delivered: 0, dropped: 3 })
  end?.()
  clock.advance(60_000)
  queue.add('c', 'c1')
  await settled()
  expect(queue.counters).toMatchObject({ queued: 0, delivered: 1, dropped: 3 })
  expect(tried).toHaveLength(2)
})

it('loses nothing uncounted and keeps every order, whatever happens', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = new SeededRandom(seed)
    const arrived = new Map<string, number[]>()
    const { queue, clock } = queueWith(
      async (item) => {
        await settled()
        if (random.chance(0.4)) return failure()
        const [lane = '', number] = item.split(':')
        arrived.set(lane, [...(arrived.get(lane) ?? []), Number(number)])
        return { ok: true }
      },
      { maxQueued: 20, maxConcurrent: 3 },
    )
    for (let i = 0; i < 100; i++) {
      const lane = `lane${random.integer(0, 4)}`
      queue.add(lane, `${lane}:${i}`)
      if (random.chance(0.5)) await settled()
      clock.advance(random.integer(0, 500))
    }
    for (let i = 0; i < 300 && queue.counters.queued > 0; i++) {
      for (let turn = 0; turn < 4; turn++) await settled()
      clock.advance(1000)
    }
    const { queued, delivered, dropped, failed } = queue.counters
    expect([seed, queued, delivered + dropped + failed]).toEqual([seed, 0, 100])
    for (const numbers of arrived.values()) expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
  }
})
