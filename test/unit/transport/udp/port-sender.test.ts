/** What senders have in common, the portable one and the native one. */
import { describe, expect, it, vi } from 'vitest'
import { NativeDatagramSender } from '../../../../src/transport/native/udp/native-datagram-sender.js'
import type { PortSender } from '../../../../src/transport/transport-path.js'
import type { StreamPath } from '../../../../src/transport/types.js'
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

/** Sends texts whose encryption puts brackets around them, and says the length of the header that it was told; false refuses. */
function plainSending(sender: PortSender, takes: (extSeq: number) => boolean) {
  const sealer = {
    seal: vi.fn((buffer: Buffer, offset: number, headerLength: number, sealedLength: number, extSeq: number) => {
      if (!takes(extSeq)) return false
      const text = buffer.toString('latin1', offset, offset + sealedLength - 4)
      buffer.write(`<${text} ${headerLength}>`, offset, 'latin1')
      return true
    }),
  }
  const sendPlain = (text: string, extSeq: number, port = 5000, stream?: StreamPath): void => {
    const offset = sender.reserve(text.length + 16)
    sender.buffer.write(text, offset, 'latin1')
    const remote = { ip: '192.0.2.1', port, family: 4, socket: stream ? 2 : 0, stream } as const
    sender.commitPlain(offset, 4, text.length + 4, extSeq, sealer, remote)
  }
  return { sealer, sendPlain }
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

  it('has media encrypted once, before they leave, in the order in which they were sent', () => {
    const { sender, send, sent, counters } = setUp()
    const sealed: number[] = []
    const { sealer, sendPlain } = plainSending(sender, (extSeq) => sealed.push(extSeq) > 0)
    sendPlain('one', 1)
    send('between')
    sendPlain('two', 2)
    sender.seal()
    expect(sealed).toEqual([1, 2])
    sendPlain('three', 2 ** 47)
    const texts = ['<one 4>', 'between', '<two 4>', '<three 4>']
    expect(sent()[0]?.map(({ text }) => text)).toEqual(texts)
    expect(sealed).toEqual([1, 2, 2 ** 47])
    expect(sealer.seal).toHaveBeenCalledTimes(3)
    expect(counters).toMatchObject({ datagramsOut: 4, bytesOut: texts.join('').length })
  })

  it('sends nothing that cannot be encrypted, and counts what is left', () => {
    for (const early of [false, true]) {
      const { sender, send, sent, counters } = setUp()
      const { sendPlain } = plainSending(sender, (extSeq) => extSeq % 2 === 0)
      for (let i = 0; i < 300; i++) sendPlain(`${i}`.padEnd(1000), i, 5000 + (i % 7))
      if (early) sender.seal()
      send('last')
      const texts = sent()[0]?.map(({ text }) => text.slice(1, 4).trim())
      expect(texts?.sort()).toEqual([...Array.from({ length: 150 }, (_, i) => `${2 * i}`), 'ast'].sort())
      expect(counters).toMatchObject({ datagramsOut: 151, bytesOut: 150 * 1004 + 4 })
      expect(sender.queuedBytes).toBe(0)
    }
  })

  it('keeps media that wait for the kernel while more come, and encrypts each once', () => {
    const { sender, sent, block } = setUp(10_000_000)
    const seal = new Map<number, number>()
    const { sendPlain } = plainSending(sender, (extSeq) => seal.set(extSeq, (seal.get(extSeq) ?? 0) + 1).size > 0)
    block(true)
    for (let i = 0; i < 1000; i++) sendPlain(`${i}`.padEnd(1000), i)
    block(false)
    for (let i = 1000; i < 1100; i++) sendPlain(`${i}`.padEnd(1000), i)
    expect(sent()[0]?.map(({ text }) => Number(text.slice(1, 6)))).toEqual(Array.from({ length: 1100 }, (_, i) => i))
    expect([...seal.values()].every((times) => times === 1)).toBe(true)
  })

  it('has media for a TCP connection encrypted, and hands them over', () => {
    const { sender, counters } = setUp()
    const taken: string[] = []
    const stream = {
      backlogged: false,
      hasRoom: () => true,
      send: (buffer: Buffer, offset: number, length: number) =>
        taken.push(buffer.toString('latin1', offset, offset + length)) > 0,
      release: () => {},
    }
    const { sendPlain } = plainSending(sender, (extSeq) => extSeq !== 2)
    for (const i of [1, 2, 3]) sendPlain(`${i}`, i, 5000, stream)
    expect(taken).toEqual(['<1 4>', '<3 4>'])
    expect(counters).toMatchObject({ datagramsOut: 2, bytesOut: 10 })
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
