/** The native sender and its sockets against the kernel of this machine. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import { loadKoffiLibrary } from '../../../src/transport/native/koffi-library.js'
import { openNativePath } from '../../../src/transport/native/native-path.js'
import { NativeDatagramSender } from '../../../src/transport/native/udp/native-datagram-sender.js'
import { bindNativeUdp } from '../../../src/transport/native/udp/native-socket.js'
import { bindSocketFunctions, type SocketFunctions } from '../../../src/transport/native/udp/socket-functions.js'
import { createMuxCounters } from '../../../src/transport/udp/mux-counters.js'
import { AddressEntry } from '../../../src/transport/udp/mux-peer.js'

const { status } = openNativePath()
const HAS_IPV6 = Object.values(networkInterfaces()).some((infos) => infos?.some(({ address }) => address === '::1'))
const FAMILIES = HAS_IPV6 ? ([4, 6] as const) : ([4] as const)
const host = (family: 4 | 6) => (family === 4 ? '127.0.0.1' : '::1')

const closers: (() => unknown)[] = []
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close()
})

async function openClient(family: 4 | 6): Promise<{ socket: Socket; texts: string[] }> {
  const socket = createSocket({ type: family === 4 ? 'udp4' : 'udp6', recvBufferSize: 4 << 20 })
  const texts: string[] = []
  socket.on('message', (datagram) => texts.push(datagram.toString('latin1')))
  socket.bind(0, host(family))
  await once(socket, 'listening')
  closers.push(() => socket.close())
  return { socket, texts }
}

async function openSender(segmentation: boolean) {
  const library = loadKoffiLibrary()
  const functions = bindSocketFunctions(library) as SocketFunctions
  const sockets = []
  for (const family of FAMILIES) {
    const buffers = { receiveBufferBytes: 1 << 20, sendBufferBytes: 1 << 20 }
    const bound = await bindNativeUdp(library, functions, { ip: host(family), family, port: 0, ...buffers })
    closers.push(() => bound.socket.close())
    sockets.push(bound)
  }
  const counters = createMuxCounters()
  let messages = 0
  const sender = new NativeDatagramSender({
    library,
    functions: {
      sendmmsg: (...args) => {
        const sent = functions.sendmmsg(...args)
        messages += Math.max(0, sent)
        return sent
      },
      errno: functions.errno,
    },
    descriptors: sockets.map(({ descriptor }) => descriptor),
    maxQueueBytes: 1 << 24,
    counters,
    segmentation,
  })
  closers.push(() => sender.close())
  return { sender, sockets, counters, messages: () => messages }
}

describe.skipIf(!status.udp)('native UDP', () => {
  it.each([
    ['with', true],
    ['without', false],
  ])('bursts arrive as they were, %s segmentation', async (_, segmentation) => {
    const { sender, counters, messages } = await openSender(segmentation && status.segmentation)
    const clients = await Promise.all([...FAMILIES, ...FAMILIES].map(openClient))
    const remotes = clients.map(({ socket }, i) => {
      const family = FAMILIES[i % FAMILIES.length] as 4 | 6
      return new AddressEntry(host(family), socket.address().port, family, i % FAMILIES.length)
    })
    const expected: string[][] = remotes.map(() => [])
    for (let i = 0; i < 120; i++) {
      remotes.forEach((remote, client) => {
        // Frames of packets of one size with a shorter one at the end; audio in between; once, nothing at all.
        const length = i === 50 ? 0 : i % 10 === 9 ? 300 + i : i % 17 === 0 ? 120 : 1100
        const text = `${client} ${i} `.padEnd(length, '.').slice(0, length)
        const offset = sender.reserve(length + 16)
        sender.buffer.write(text, offset, 'latin1')
        sender.commit(offset, length, remote)
        expected[client]?.push(text)
      })
      if (i % 30 === 29) await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await expect.poll(() => clients.map(({ texts }) => texts.length)).toEqual(remotes.map(() => 120))
    expect(clients.map(({ texts }) => texts)).toEqual(expected)
    expect(counters).toMatchObject({ datagramsOut: 120 * remotes.length, sendErrors: 0, sendQueueFull: 0 })
    if (segmentation && status.segmentation) expect(messages()).toBeLessThan(60 * remotes.length)
    else expect(messages()).toBe(120 * remotes.length)
  })

  it('a socket receives through dgram, and its port is taken', async () => {
    const { sockets } = await openSender(true)
    const [{ socket }] = sockets as [(typeof sockets)[0]]
    const { port } = socket.address()
    const received = once(socket, 'message')
    const client = await openClient(4)
    client.socket.send('hello', port, '127.0.0.1')
    const [datagram, from] = await received
    expect([String(datagram), from.port]).toEqual(['hello', client.socket.address().port])
    const other = createSocket({ type: 'udp4', reuseAddr: true })
    closers.push(() => other.close())
    other.bind(port, '127.0.0.1')
    const [error] = await once(other, 'error')
    expect(error).toMatchObject({ code: 'EADDRINUSE' })
  })

  it.each(FAMILIES)('RTCP comes when it is asked for, and everything else at once, over IPv%i', async (family) => {
    const { udp } = openNativePath()
    const buffers = { receiveBufferBytes: 1 << 20, sendBufferBytes: 1 << 20 }
    const { socket, reports } = await udp.bind({ ip: host(family), family, port: 0, ...buffers })
    closers.push(() => socket.close())
    if (reports === undefined) return expect.unreachable('the kernel does not tell RTCP from the rest')
    const { port } = socket.address()
    const [client, other] = await Promise.all([openClient(family), openClient(family)])
    const prompt: { length: number; from: string }[] = []
    socket.on('message', ({ length }, from) => prompt.push({ length, from: `${from.address} ${from.port}` }))
    const send = (first: number, second: number, length: number, by = client): void => {
      const datagram = Buffer.alloc(length)
      datagram.set([first, second])
      by.socket.send(datagram, port, host(family))
    }
    for (let i = 0; i < 100; i++) {
      send(0x80, 96, 100 + i)
      send(0x8f, 205, 300 + i, i % 3 === 0 ? other : client)
      send(0x00, 1, 20)
      send(0x16, 0xfe, 60)
    }
    await expect.poll(() => prompt.length).toBe(300)
    const read: string[] = []
    const take = (buffer: Buffer, start: number, end: number, ip: string, from: number): void => {
      read.push(`${buffer.readUInt16BE(start).toString(16)} ${end - start} ${ip} ${from}`)
    }
    await expect.poll(() => reports.read(take) + read.length).toBeGreaterThanOrEqual(100)
    const from = prompt[0]?.from.split(' ')[0]
    const portOf = (i: number) => (i % 3 === 0 ? other : client).socket.address().port
    expect(read).toEqual(Array.from({ length: 100 }, (_, i) => `8fcd ${300 + i} ${from} ${portOf(i)}`))
    expect(prompt.filter(({ length }) => length >= 300)).toEqual([])
    // What is too long is cut, not read beyond its place.
    read.length = 0
    send(0x80, 200, 9000)
    await expect.poll(() => reports.read(take) + read.length).toBeGreaterThan(0)
    expect(read[0]).toMatch(/^80c8 2048 /)
    const taken = createSocket({ type: family === 4 ? 'udp4' : 'udp6' })
    closers.push(() => taken.close())
    taken.bind(port, host(family))
    expect((await once(taken, 'error'))[0]).toMatchObject({ code: 'EADDRINUSE' })
    reports.close()
    reports.close()
    expect(reports.read(take)).toBe(0)
    // Without it, nothing is lost.
    send(0x80, 200, 50)
    await expect.poll(() => prompt.length).toBe(301)
  })

  it('a closed descriptor is an error that is counted', async () => {
    const { sender, sockets, counters } = await openSender(true)
    const [{ socket }] = sockets as [(typeof sockets)[0]]
    sender.commit(sender.reserve(10), 10, new AddressEntry('127.0.0.1', 9, 4, 0))
    socket.close()
    closers.splice(0, 1)
    sender.flush()
    expect(counters.sendErrors).toBe(1)
  })
})
