/** People come and go for weeks: nothing of them may stay behind. */
import { afterEach, expect, it } from 'vitest'
import { Broadcast } from '../../../src/broadcast/broadcast.js'
import { TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { LightClient } from '../../support/light-client.js'
import { waitFor } from '../../support/wait-for.js'

const CYCLES = 500
const AT_ONCE = 10

const broadcast = new Broadcast(TEST_OPTIONS)
afterEach(() => broadcast.close())

async function cycle(index: number): Promise<void> {
  const client = await LightClient.create('viewer')
  const { sdp, session } = await broadcast.addViewer(client.offer)
  await client.accept(sdp)
  // Half of them leave by themselves, half are closed.
  if (index % 2 === 0) client.close()
  else await session.close()
  await waitFor('the session has ended', () => session.state === 'closed')
  if (index % 2 === 1) client.close()
}

async function rounds(count: number): Promise<void> {
  for (let i = 0; i < count; i += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, j) => cycle(i + j)))
  }
}

async function footprint(): Promise<{ heap: number; resources: number }> {
  // Sockets of the clients close a moment later.
  await new Promise((resolve) => setTimeout(resolve, 200))
  globalThis.gc?.()
  return { heap: process.memoryUsage().heapUsed, resources: process.getActiveResourcesInfo().length }
}

it(`leaves nothing behind after ${CYCLES} viewers have come and gone`, { timeout: 180_000 }, async () => {
  await rounds(50)
  const before = await footprint()
  await rounds(CYCLES)
  const after = await footprint()
  const { sessions, viewers } = await broadcast.stats()
  expect({ sessions, viewers }).toEqual({ sessions: [], viewers: 0 })
  // Timers, sockets and everything else that keeps a process alive.
  expect(after.resources).toBeLessThanOrEqual(before.resources + 2)
  expect(after.heap - before.heap).toBeLessThan(8 * 1024 * 1024)
})
