/** Over real TCP connections: clients whose UDP is blocked publish and watch. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import type { Session } from '../../../src/broadcast/session.js'
import { Sfu } from '../../../src/broadcast/sfu.js'
import type { SfuOptions } from '../../../src/broadcast/sfu-options.js'
import { TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { LightClient, type LightClientOptions } from '../../support/light-client.js'
import { waitFor } from '../../support/wait-for.js'

const HAS_IPV6 = Object.values(networkInterfaces()).some((infos) => infos?.some(({ address }) => address === '::1'))
const closers: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

function open(options: SfuOptions = {}): Sfu {
  const sfu = new Sfu({ ...TEST_OPTIONS, ...options })
  closers.push(() => sfu.close())
  return sfu
}

async function join(sfu: Sfu, role: 'publisher' | 'viewer', options: LightClientOptions) {
  const client = await LightClient.create(role, options)
  closers.push(() => client.close())
  const broadcast = sfu.broadcast('main')
  const { sdp, session } = await (role === 'publisher'
    ? broadcast.addPublisher(client.offer)
    : broadcast.addViewer(client.offer))
  await client.accept(sdp)
  return { client, session, sdp }
}

/** Video of `bytes` per frame every `everyMs`, with a keyframe each tenth frame. */
function stream(publisher: LightClient, everyMs = 20, bytes = 1000): void {
  let frame = 0
  const timer = setInterval(() => publisher.sendVideo(frame++ % 10 === 0, 0, bytes), everyMs)
  closers.push(() => clearInterval(timer))
}

const transportOf = async (session: Session) => (await session.stats())?.transport
const shardOf = async (sfu: Sfu) => {
  const [shard] = (await sfu.stats()).shards
  if (!shard) throw new Error('no shard')
  return shard
}

/** A connection to the media port that is only a connection. */
async function rawConnection(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => {})
  socket.resume()
  closers.push(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

describe.each(HAS_IPV6 ? [false, true] : [false])('over TCP, IPv6: %s', (ipv6) => {
  it('a publisher is watched by viewers over TCP and over UDP, and nothing is lost on the way', async () => {
    const sfu = open({ listenIps: ipv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1'] })
    const publisher = await join(sfu, 'publisher', { protocol: 'tcp', ipv6 })
    const viewers = [
      await join(sfu, 'viewer', { protocol: 'tcp', ipv6 }),
      await join(sfu, 'viewer', { protocol: 'udp', ipv6 }),
    ]
    stream(publisher.client)
    for (const { client } of viewers) {
      await waitFor('video', () => client.packets.length >= 50)
      const numbers = client.packets.map((packet) => packet.readUInt16BE(2))
      for (const [i, number] of numbers.entries()) {
        if (i > 0) expect((number - (numbers[i - 1] as number)) & 0xffff).toBe(1)
      }
      expect(client.refused).toBe(0)
    }
    expect(await transportOf(publisher.session)).toMatchObject({ protocol: 'tcp' })
    expect((await transportOf(publisher.session))?.selectedAddress).toContain(ipv6 ? '[::1]:' : '127.0.0.1:')
    expect(await Promise.all(viewers.map(({ session }) => transportOf(session)))).toMatchObject([
      { protocol: 'tcp', state: 'connected' },
      { protocol: 'udp', state: 'connected' },
    ])
    expect(await shardOf(sfu)).toMatchObject({
      tcpConnections: 2,
      datagrams: { tcpAccepted: 2, tcpRefused: 0, tcpMalformed: 0, tcpQueueFull: 0, defects: 0 },
    })
  })
})

it('a viewer whose connection breaks goes on over a new one, in the same session', async () => {
  const sfu = open()
  const publisher = await join(sfu, 'publisher', {})
  const { client, session } = await join(sfu, 'viewer', { protocol: 'tcp' })
  stream(publisher.client)
  await waitFor('video', () => client.packets.length >= 20)
  await client.reconnect()
  const before = client.packets.length
  await waitFor('video again', () => client.packets.length >= before + 20)
  expect(session.state).toBe('connected')
  expect(await transportOf(session)).toMatchObject({ protocol: 'tcp' })
  await waitFor('one connection is left', async () => (await shardOf(sfu)).tcpConnections === 1)
})

it('a session that ends takes its connection along', async () => {
  const sfu = open()
  const { session } = await join(sfu, 'viewer', { protocol: 'tcp' })
  await session.close()
  await waitFor('no connection is left', async () => (await shardOf(sfu)).tcpConnections === 0)
})

it('a viewer that reads nothing costs bounded memory: its video is dropped, others go on, and so does it once it reads', async () => {
  const sfu = open({ iceTcp: { maxQueueBytes: 128 * 1024 } })
  const publisher = await join(sfu, 'publisher', { protocol: 'udp' })
  const stuck = await join(sfu, 'viewer', { protocol: 'tcp' })
  const other = await join(sfu, 'viewer', { protocol: 'udp' })
  stuck.client.pause()
  let frame = 0
  // The kernel takes some megabytes before the connection is stuck.
  const send = () => {
    for (let i = 0; i < 60; i++) publisher.client.sendVideo(frame++ % 30 === 0, 0, 1200)
  }
  const timer = setInterval(send, 5)
  closers.push(() => clearInterval(timer))
  const egress = async ({ session }: typeof stuck) => (await session.stats())?.egress
  await waitFor('video is dropped', async () => ((await egress(stuck))?.pacing.dropped ?? 0) > 1000, 40_000)
  clearInterval(timer)
  const { datagrams } = await shardOf(sfu)
  expect(datagrams.defects).toBe(0)
  expect(stuck.session.state).not.toBe('closed')
  expect((await egress(other))?.pacing.dropped).toBe(0)
  const before = stuck.client.packets.length
  stuck.client.resume()
  stream(publisher.client)
  await waitFor('it gets video again', () => stuck.client.packets.length > before + 1000, 30_000)
  await waitFor('it is connected', () => stuck.session.state === 'connected')
  expect(stuck.client.refused).toBe(0)
}, 90_000)

it('without ICE-TCP no candidate is offered, and nobody listens', async () => {
  const sfu = open({ iceTcp: false })
  const { sdp } = await join(sfu, 'viewer', {})
  expect(sdp).toMatch(/^a=candidate:\S+ 1 udp /m)
  expect(sdp).not.toMatch(/^a=candidate:\S+ 1 tcp /m)
  const { port } = await shardOf(sfu)
  await expect(rawConnection(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

it('with it, passive candidates come behind those of UDP, on the same port', async () => {
  const sfu = open()
  const { sdp } = await join(sfu, 'viewer', {})
  const { port } = await shardOf(sfu)
  const candidates = sdp.match(/^a=candidate:.*$/gm) ?? []
  expect(candidates.map((line) => line.split(' ').slice(2).join(' '))).toEqual([
    expect.stringMatching(`^udp 2130706431 127.0.0.1 ${port} typ host`),
    expect.stringMatching(`^tcp \\d+ 127.0.0.1 ${port} typ host tcptype passive`),
  ])
})

it('connections that say nothing, too much or nonsense end, and disturb nobody', async () => {
  const sfu = open({ iceTcp: { checkTimeoutMs: 300, maxConnections: 40, maxPendingConnections: 20 } })
  const publisher = await join(sfu, 'publisher', { protocol: 'tcp' })
  const viewer = await join(sfu, 'viewer', { protocol: 'tcp' })
  stream(publisher.client)
  const { port } = await shardOf(sfu)
  const flood = await Promise.all(Array.from({ length: 100 }, () => rawConnection(port)))
  const texts = ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', '\x16\x03\x01\x02\x00\x01\x00', '\x00\x04abcd'.repeat(50)]
  flood.forEach((socket, i) => {
    const text = texts[i % 4]
    if (text !== undefined) socket.write(Buffer.from(text, 'latin1'))
  })
  await waitFor('all of them are gone', async () => (await shardOf(sfu)).tcpConnections === 2)
  await waitFor('they know', () => flood.every(({ destroyed }) => destroyed))
  const { datagrams } = await shardOf(sfu)
  expect(datagrams.tcpAccepted).toBe(102)
  expect(datagrams.tcpRefused + datagrams.tcpEvicted + datagrams.tcpTimedOut + datagrams.tcpMalformed).toBe(100)
  expect(datagrams.tcpEvicted).toBeGreaterThan(0)
  expect(datagrams.defects).toBe(0)
  const before = viewer.client.packets.length
  await waitFor('video goes on', () => viewer.client.packets.length > before + 20)
})

it('a port that another program has for TCP is refused as a whole', async () => {
  const { createServer } = await import('node:net')
  const sfu = open()
  await sfu.ready()
  const { port } = await shardOf(sfu)
  // Another program's TCP port under a number that is free for UDP: the media port is refused as a whole, and says how to do without.
  const taken = createServer().listen(0, '127.0.0.1')
  closers.push(() => taken.close())
  await once(taken, 'listening')
  const udpPort = (taken.address() as { port: number }).port
  expect(udpPort).not.toBe(port)
  await expect(open({ udpPort }).ready()).rejects.toMatchObject({
    code: 'socket-failed',
    details: { port: udpPort },
    message: expect.stringContaining('iceTcp: false'),
  })
  await open({ udpPort, iceTcp: false }).ready()
})
