/** Several worker threads: each one has its own port for UDP and TCP, and media crosses between them whatever carries it. */
import { afterEach, expect, it } from 'vitest'
import { Sfu } from '../../../dist/index.js'
import { LightClient } from '../../support/light-client.js'
import { waitFor } from '../../support/wait-for.js'

const closers: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

it('a publisher of one shard is watched by viewers of both, over TCP', async () => {
  const sfu = new Sfu({ workers: 2, listenIps: ['127.0.0.1'] })
  closers.push(() => sfu.close())
  const broadcast = sfu.broadcast('main')
  const tcpPorts: string[] = []
  const join = async (role: 'publisher' | 'viewer') => {
    const client = await LightClient.create(role, { protocol: 'tcp' })
    closers.push(() => client.close())
    const { sdp } = await (role === 'publisher'
      ? broadcast.addPublisher(client.offer)
      : broadcast.addViewer(client.offer))
    tcpPorts.push(/^a=candidate:\S+ 1 tcp \d+ \S+ (\d+) typ host tcptype passive/m.exec(sdp)?.[1] ?? '')
    await client.accept(sdp)
    return client
  }
  const publisher = await join('publisher')
  const viewers = [await join('viewer'), await join('viewer')]
  let frame = 0
  const timer = setInterval(() => publisher.sendVideo(frame++ % 10 === 0), 20)
  closers.push(() => clearInterval(timer))
  for (const viewer of viewers) await waitFor('video', () => viewer.packets.length >= 20)
  const { shards } = await sfu.stats()
  const ports = shards.map(({ port }) => String(port))
  expect(new Set(ports).size).toBe(2)
  expect(new Set(tcpPorts)).toEqual(new Set(ports))
  expect(shards.map(({ tcpConnections }) => tcpConnections).sort()).toEqual([1, 2])
})
