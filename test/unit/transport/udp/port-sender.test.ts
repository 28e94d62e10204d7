/** What senders have in common, the portable one and the native one. */
import { describe, expect, it } from 'vitest'
import { NativeDatagramSender } from '../../../../src/transport/native/udp/native-datagram-sender.js'
import type { PortSender } from '../../../../src/transport/transport-path.js'
import { PortableDatagramSender } from '../../../../src/transport/udp/datagram-sender.js'
import { createMuxCounters, type MuxCounters } from '../../../../src/transport/udp/mux-counters.js'
import { FakeKernel } from '../native/udp/fake-kernel.js'
import { FakeTurns } from '../native/udp/fake-turns.js'
import { FakeSocket } from './fake-socket.js'

interface Bench {
  readonly sender: PortSender
  readonly counters: MuxCounters
  /** The kernel takes nothing from here on, or everything again. */
  block(isBlocked: boolean): void
  /** What has left by the end of the turn, by socket. */
  sent(): { text: string; ip: string; port: number }[][]
}

function portable(maxQueueBytes: number): Bench {
  const sockets = [new FakeSocket(), new FakeSocket()]
  const counters = createMuxCounters()
  return {
    sender: new PortableDatagramSender(sockets, maxQueueBytes, counters),
    counters,
    block: (isBlocked) => {
      for (const socket of sockets) {
        for (const { view, expected } of socket.queue.splice(0)) expect(view.toString('latin1')).toBe(expected)
        socket.blocked = isBlocked
      }
    },
    sent: () => sockets.map(({ sends }) => sends),
  }
}

function native(maxQueueBytes: number): Bench {
  const kernel = new FakeKernel()
  const turns = new FakeTurns()
  const counters = createMuxCounters()
  const { library, functions } = kernel
  const config = { library, functions, descriptors: [0, 1], maxQueueBytes, counters, segmentation: true, turns }
  return {
    sender: new NativeDatagramSender(config),
    counters,
    block: (isBlocked) => {
      kernel.room = isBlocked ? 0 : Number.POSITIVE_INFINITY
      turns.pass()
    },
    sent: () => {
      turns.end()
      return [0, 1].map((socket) =>
        kernel.sent.filter(({ descriptor }) => descriptor === socket).map(({ text, ip, port }) => ({ text, ip, port })),
      )
    },
  }
}

describe.each([
  ['portable', portable],
  ['native', native],
])('the %s sender', (_, create) => {
  function setUp(maxQueueBytes = 1_000_000) {
    const bench = create(maxQueueBytes)
    const { sender } = bench
    const send = (text: string, socket = 0, port = 5000): boolean => {
      const offset = sender.reserve(text.length + 16)
      if (offset < 0) return false
      sender.buffer.write(text, offset, 'latin1')
      sender.commit(offset, text.length, { ip: '192.0.2.1', port, family: 4, socket })
      return true
    }
    return { ...bench, send }
  }

  it('sends through the socket of the address', () => {
    const { send, sent, counters } = setUp()
    send('to the first')
    send('to the second', 1)
    expect(sent()).toEqual([
      [{ text: 'to the first', port: 5000, ip: '192.0.2.1' }],
      [{ text: 'to the second', port: 5000, ip: '192.0.2.1' }],
    ])
    expect(counters).toMatchObject({ datagramsOut: 2, bytesOut: 25 })
  })

  it('needs no more room than what is sent', () => {
    const { sender, send, sent } = setUp()
    for (let i = 0; i < 5; i++) {
      sender.reserve(60_000)
      send(`${i}`)
    }
    expect(sent()[0]?.map(({ text }) => text)).toEqual(['0', '1', '2', '3', '4'])
  })

  it('keeps the order of what is for one address, and all of it, in large numbers', () => {
    const { send, sent, counters } = setUp(10_000_000)
    const expected: string[] = []
    for (let i = 0; i < 3000; i++) {
      const text = `${i} `.padEnd(3 + ((i * 7919) % 1400), '.')
      expected.push(text)
      expect(send(text, i % 2, 5000 + (i % 10))).toBe(true)
    }
    const all = sent()
    for (let port = 5000; port < 5010; port++) {
      const got = (all[port % 2] ?? []).filter((datagram) => datagram.port === port).map(({ text }) => text)
      expect(got).toEqual(expected.filter((_, i) => i % 10 === port - 5000))
    }
    expect(counters.datagramsOut).toBe(3000)
  })

  it('hands what is for a TCP connection to that, and counts what it takes', () => {
    const { sender, sent, counters } = setUp()
    const taken: string[] = []
    const stream = {
      backlogged: false,
      hasRoom: () => true,
      send: (buffer: Buffer, offset: number, length: number) =>
        taken.length < 2 && taken.push(buffer.toString('latin1', offset, offset + length)) > 0,
      release: () => {},
    }
    for (const text of ['one', 'two', 'three']) {
      const offset = sender.reserve(text.length)
      sender.buffer.write(text, offset, 'latin1')
      sender.commit(offset, text.length, { ip: '192.0.2.1', port: 5000, family: 4, socket: 2, stream })
    }
    expect([taken, sent()]).toEqual([
      ['one', 'two'],
      [[], []],
    ])
    expect(counters).toMatchObject({ datagramsOut: 2, bytesOut: 6 })
  })

  it('drops and counts beyond the bound of waiting bytes, and goes on when the kernel has caught up', () => {
    const { send, sender, sent, block, counters } = setUp(10_000)
    block(true)
    let taken = 0
    for (let i = 0; i < 100; i++) if (send('x'.repeat(1000))) taken++
    expect(taken).toBe(9)
    expect(counters.sendQueueFull).toBe(91)
    expect(sender.queuedBytes).toBe(9000)
    block(false)
    for (let i = 0; i < 100; i++) expect(send('x'.repeat(1000))).toBe(true)
    expect(sent()[0]?.length).toBe(109)
  })

  it('refuses what cannot fit, and everything once closed', () => {
    const { sender, send, sent } = setUp()
    expect(sender.reserve(300_000)).toBe(-1)
    const offset = sender.reserve(10)
    sender.close()
    sender.commit(offset, 10, { ip: '192.0.2.1', port: 5000, family: 4, socket: 0 })
    expect(send('x')).toBe(false)
    sender.flush()
    expect([sent(), sender.queuedBytes]).toEqual([[[], []], 0])
  })
})
