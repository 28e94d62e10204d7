/**
 * Garbage into the live port while viewers watch: from strangers' sockets, and from the validated address of a session that has gone
 * bad. CI sends a hundred thousand datagrams; MANYCAST_SOAK=1 a million.
 */
import { createSocket } from 'node:dgram'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Broadcast } from '../../../src/broadcast/broadcast.js'
import { SeededRandom } from '../../../src/testing/seeded-random.js'
import { TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { garbage } from '../../support/garbage.js'
import { LightClient } from '../../support/light-client.js'
import { waitFor } from '../../support/wait-for.js'

const DATAGRAMS = process.env.MANYCAST_SOAK ? 1_000_000 : 100_000
const BATCH = 250

let broadcast: Broadcast
beforeEach(() => {
  broadcast = new Broadcast(TEST_OPTIONS)
})
afterEach(() => broadcast.close())

async function join(role: 'publisher' | 'viewer'): Promise<{ client: LightClient; answer: string }> {
  const client = await LightClient.create(role)
  const { sdp } = await (role === 'publisher'
    ? broadcast.addPublisher(client.offer)
    : broadcast.addViewer(client.offer))
  await client.accept(sdp)
  return { client, answer: sdp }
}

it(`is not disturbed by ${DATAGRAMS} datagrams of garbage`, { timeout: 600_000 }, async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1e9)
  console.log(`seed ${seed}`)
  const random = new SeededRandom(seed)
  const rejections: unknown[] = []
  const onRejection = (reason: unknown) => rejections.push(reason)
  process.on('unhandledRejection', onRejection)

  const { client: publisher } = await join('publisher')
  const viewers = await Promise.all(Array.from({ length: 10 }, async () => (await join('viewer')).client))
  const { client: traitor, answer } = await join('viewer')
  await waitFor('all have joined', () => broadcast.viewers.length === 11)
  const port = Number(/udp \d+ 127\.0\.0\.1 (\d+)/.exec(answer)?.[1])
  const ufrag = /^a=ice-ufrag:(\S+)/m.exec(answer)?.[1] ?? ''
  const stranger = createSocket('udp4')
  stranger.on('error', () => {})

  let sent = 0
  publisher.sendVideo(true, sent++)
  await waitFor('the first packet arrives', () => viewers.every(({ packets }) => packets.length > 0))
  const samples = viewers[0]?.packets ?? []
  const heapBefore = await settledHeap()
  for (let done = 0; done < DATAGRAMS; done += BATCH) {
    for (let i = 0; i < BATCH; i++) {
      const datagram = garbage(random, { ufrag, samples: samples.slice(-20) })
      if (i % 2 === 0) stranger.send(datagram, port, '127.0.0.1')
      else traitor.sendRaw(datagram)
    }
    publisher.sendVideo(sent % 50 === 0, sent++, 300)
    // Lets the sockets drain: what the kernel drops would not test anything.
    await new Promise((resolve) => setImmediate(resolve))
    await waitFor('the viewers have the packet', () => viewers.every(({ packets }) => packets.length === sent))
  }
  const heapAfter = await settledHeap()

  for (const viewer of viewers) {
    expect(viewer.refused).toBe(0)
    expect(viewer.packets.map((packet) => packet.readDoubleBE(24))).toEqual(Array.from({ length: sent }, (_, i) => i))
  }
  expect(rejections).toEqual([])
  expect(broadcast.viewers.length).toBeGreaterThanOrEqual(10)
  const { sessions } = await broadcast.stats()
  expect(sessions.filter(({ state }) => state === 'connected').length).toBeGreaterThanOrEqual(11)
  // The test itself keeps what the viewers got; the rest must not grow with the garbage.
  const kept = viewers.length * sent * 700
  expect(heapAfter - heapBefore - kept).toBeLessThan(20 * 1024 * 1024)
  process.off('unhandledRejection', onRejection)
  stranger.close()
  for (const client of [publisher, traitor, ...viewers]) client.close()
})

async function settledHeap(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 50))
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
