import { describe, expect, it } from 'vitest'
import { NativeDatagramSender } from '../../../../../src/transport/native/udp/native-datagram-sender.js'
import { ERRNO } from '../../../../../src/transport/native/udp/socket-functions.js'
import type { RemoteAddress } from '../../../../../src/transport/types.js'
import { createMuxCounters } from '../../../../../src/transport/udp/mux-counters.js'
import { AddressEntry } from '../../../../../src/transport/udp/mux-peer.js'
import { FakeKernel } from './fake-kernel.js'
import { FakeTurns } from './fake-turns.js'

const ENETUNREACH = 101
const IPV4 = 7
const IPV6 = 8

interface Setting {
  readonly maxQueueBytes?: number
  readonly segmentation?: boolean
  readonly firstAddress?: number
}

function setUp({ maxQueueBytes = 16_000_000, segmentation = true, firstAddress }: Setting = {}) {
  const kernel = new FakeKernel(firstAddress)
  const turns = new FakeTurns()
  const counters = createMuxCounters()
  const sender = new NativeDatagramSender({
    library: kernel.library,
    functions: kernel.functions,
    descriptors: [IPV4, IPV6],
    maxQueueBytes,
    counters,
    segmentation,
    turns,
  })
  const send = (text: string, to: RemoteAddress): boolean => {
    const offset = sender.reserve(text.length + 16)
    if (offset < 0) return false
    sender.buffer.write(text, offset, 'latin1')
    sender.commit(offset, text.length, to)
    return true
  }
  return { kernel, turns, counters, sender, send }
}

const viewer = (i: number) => new AddressEntry(`192.0.2.${i % 200}`, 5000 + i, 4, 0)
const viewer6 = (i: number) => new AddressEntry(`2001:db8::${i.toString(16)}`, 6000 + i, 6, 1)
const [a, b] = [viewer(1), viewer(2)]

describe('batches', () => {
  it('go to the kernel at the end of the turn, in one call', () => {
    const { kernel, turns, send, sender, counters } = setUp()
    for (let i = 0; i < 100; i++) send(`for ${i}`, viewer(i))
    expect(kernel.sent).toEqual([])
    expect(sender.queuedBytes).toBe(590)
    turns.end()
    expect(kernel.calls).toEqual([100])
    expect(kernel.sent[7]).toEqual({ descriptor: IPV4, ip: '192.0.2.7', port: 5007, text: 'for 7' })
    expect(counters).toMatchObject({ datagramsOut: 100, bytesOut: 590, sendErrors: 0 })
    expect(sender.queuedBytes).toBe(0)
  })

  it('do not wait for the end of the turn when they are large', () => {
    const { kernel, send } = setUp()
    for (let i = 0; i < 256; i++) send('x', viewer(i))
    expect(kernel.sent.length).toBe(256)
    for (let i = 0; i < 240; i++) send('x'.repeat(1100), viewer(i))
    expect(kernel.sent.length).toBeGreaterThan(480)
  })

  it('go at once when they are flushed, and need no turn then', () => {
    const { kernel, turns, send, sender } = setUp()
    send('one', a)
    sender.flush()
    expect(kernel.texts).toEqual(['one'])
    expect(turns.immediates.size).toBe(0)
    sender.flush()
    expect(kernel.calls).toEqual([1])
  })

  it('are written where the one before was, so that they stay in the cache', () => {
    const { turns, send, sender } = setUp()
    for (let i = 0; i < 300; i++) send('x'.repeat(1000), a)
    turns.end()
    const { buffer } = sender
    for (let round = 0; round < 20; round++) {
      expect(sender.reserve(10)).toBe(0)
      for (let i = 0; i < 50; i++) send('x'.repeat(1000), a)
      turns.end()
    }
    expect(sender.buffer).toBe(buffer)
  })

  it('go through the socket of each address, few at a time as they may be', () => {
    const { kernel, turns, send } = setUp()
    for (let i = 0; i < 20; i++) {
      send(`four ${i}`, viewer(i))
      send(`six ${i}`, viewer6(i))
    }
    turns.end()
    expect(kernel.calls).toEqual([20, 20])
    expect(kernel.sent[39]).toEqual({ descriptor: IPV6, ip: '2001:db8::13', port: 6019, text: 'six 19' })
  })

  it('hold up where upper halves of addresses differ', () => {
    for (let shift = 0; shift < 40; shift++) {
      const { kernel, turns, send } = setUp({ firstAddress: 0x7f12_ffff_0000 - shift * 4096 })
      for (let i = 0; i < 100; i++) send(`for ${i} ${'x'.repeat(1000)}`, viewer(i))
      turns.end()
      expect(kernel.sent.length).toBe(100)
    }
  })
})

describe('segmentation', () => {
  const text = (i: number, length: number) => `${i} `.padEnd(length, '.')

  it('makes one message of equal neighbours and a shorter one behind them, datagrams as they were', () => {
    const { kernel, turns, send } = setUp()
    const texts = [100, 100, 100, 40, 100, 100, 120, 120].map((length, i) => text(i, length))
    for (const each of texts) send(each, a)
    turns.end()
    expect(kernel.calls).toEqual([3])
    expect(kernel.texts).toEqual(texts)
  })

  it('brings together what is for one address, and keeps its order', () => {
    const { kernel, turns, send } = setUp()
    const c = viewer6(1)
    for (let i = 0; i < 10; i++) for (const to of [a, c, b]) send(text(i, 100), to)
    turns.end()
    expect(kernel.calls).toEqual([2, 1])
    const forB = kernel.sent.filter(({ port }) => port === b.port)
    expect(forB.map(({ text }) => Number.parseInt(text, 10))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('stays within 64 segments and the length of a datagram', () => {
    const { kernel, turns, send } = setUp()
    for (let i = 0; i < 130; i++) send(text(i, 50), a)
    turns.end()
    expect(kernel.calls).toEqual([3])
    for (let i = 0; i < 60; i++) send(text(i, 1400), a)
    turns.end()
    expect(kernel.texts.length).toBe(190)
  })

  it('leaves datagrams without a byte alone', () => {
    const { kernel, turns, send } = setUp()
    for (const each of ['', 'x', '', '', 'x']) send(each, a)
    turns.end()
    expect(kernel.texts).toEqual(['', 'x', '', '', 'x'])
  })

  it('is given up for an address whose path does not take it, and nothing is lost', () => {
    const { kernel, turns, send, counters } = setUp()
    kernel.refuse = ({ to, segmentBytes }) => (segmentBytes > 0 && to.port === b.port ? ERRNO.EINVAL : 0)
    for (let round = 0; round < 2; round++) {
      kernel.calls.length = 0
      for (const to of [a, b]) for (let i = 0; i < 5; i++) send(text(i, 100), to)
      turns.end()
      expect(kernel.calls.reduce((sum, count) => sum + count)).toBe(1 + 5)
    }
    expect(kernel.sent.length).toBe(20)
    expect(counters.sendErrors).toBe(0)
  })

  it.each(['EIO', 'EOPNOTSUPP'] as const)('is given up for all when a device has no way of doing it: %s', (name) => {
    const { kernel, turns, send, counters } = setUp()
    let refused = 0
    kernel.refuse = ({ segmentBytes }) => (segmentBytes > 0 && ++refused ? ERRNO[name] : 0)
    for (const to of [a, b]) for (let i = 0; i < 5; i++) send(text(i, 100), to)
    turns.end()
    for (const to of [b, a]) for (let i = 0; i < 5; i++) send(text(i, 100), to)
    turns.end()
    expect([kernel.sent.length, refused, counters.sendErrors]).toEqual([20, 1, 0])
  })

  it('is not used where the kernel has none', () => {
    const { kernel, turns, send } = setUp({ segmentation: false })
    kernel.refuse = ({ segmentBytes }) => (segmentBytes > 0 ? ERRNO.EINVAL : 0)
    for (let i = 0; i < 5; i++) for (const to of [a, b]) send(text(i, 100), to)
    turns.end()
    expect(kernel.calls).toEqual([10])
  })
})

describe('a message that the kernel refuses', () => {
  it('is skipped and counted, and the others go', () => {
    const { kernel, turns, send, counters } = setUp()
    kernel.refuse = ({ to }) => (to.port === b.port ? ENETUNREACH : 0)
    for (let i = 0; i < 3; i++) for (const to of [a, b]) send(`${i} to ${to.port}`, to)
    turns.end()
    expect(kernel.texts).toEqual(['0 to 5001', '1 to 5001', '2 to 5001'])
    expect(counters).toMatchObject({ datagramsOut: 6, sendErrors: 3 })
  })

  it('counts as many as were in it', () => {
    const { kernel, turns, send, counters } = setUp()
    kernel.refuse = () => ENETUNREACH
    for (let i = 0; i < 10; i++) send('equal', a)
    turns.end()
    expect(counters.sendErrors).toBe(10)
  })

  it('is one whose address is none', () => {
    const { kernel, turns, send, counters } = setUp()
    send('nowhere', { ip: 'nowhere', port: 5000, family: 4, socket: 0 })
    send('no socket', { ip: '192.0.2.1', port: 5000, family: 4, socket: 2 })
    send('no port', { ip: '192.0.2.1', port: 70_000, family: 4, socket: 0 })
    turns.end()
    expect([kernel.sent, counters.sendErrors, counters.datagramsOut]).toEqual([[], 3, 0])
  })
})

describe('a kernel without room', () => {
  it('gets the rest a moment later, in order', () => {
    const { kernel, turns, send, sender, counters } = setUp()
    kernel.room = 3
    for (let i = 0; i < 10; i++) send(`${i}`.repeat(i + 1), a)
    turns.end()
    expect(kernel.sent.length).toBe(3)
    expect(sender.queuedBytes).toBe(4 + 5 + 6 + 7 + 8 + 9 + 10)
    for (let i = 10; i < 12; i++) send(`${i}`.repeat(i), b)
    turns.end()
    expect(kernel.sent.length).toBe(3)
    kernel.room = Number.POSITIVE_INFINITY
    turns.pass()
    expect(kernel.texts).toEqual(Array.from({ length: 12 }, (_, i) => `${i}`.repeat(i < 10 ? i + 1 : i)))
    expect(counters).toMatchObject({ sendErrors: 0, sendQueueFull: 0, datagramsOut: 12 })
    expect(turns.timers.size + turns.immediates.size).toBe(0)
  })

  it('is not asked again by each datagram', () => {
    const { kernel, turns, send, sender } = setUp()
    kernel.room = 0
    let asked = 0
    const { sendmmsg } = kernel.functions
    kernel.functions.sendmmsg = (...args) => {
      asked++
      return sendmmsg(...args)
    }
    for (let i = 0; i < 1000; i++) {
      send('x'.repeat(1000), a)
      turns.end()
      sender.flush()
    }
    expect(asked).toBe(1)
    turns.pass()
    expect(asked).toBe(2)
  })

  it('loses nothing up to the bound, whatever was refused in between; beyond it, datagrams are dropped and counted', () => {
    const { kernel, turns, send, sender, counters } = setUp({ maxQueueBytes: 1_000_000 })
    kernel.room = 0
    let taken = 0
    for (let i = 0; i < 2000; i++) {
      if (send(`${i} `.padEnd(600 + (i % 7)), viewer(i % 50))) taken++
      if (i % 100 === 0) {
        kernel.room = 5
        turns.pass()
      }
    }
    expect(sender.queuedBytes).toBeLessThanOrEqual(1_000_000)
    expect(counters.sendQueueFull).toBe(2000 - taken)
    expect(taken).toBeGreaterThan(1650)
    kernel.room = Number.POSITIVE_INFINITY
    turns.pass()
    expect(kernel.sent.length).toBe(taken)
    for (let port = 5000; port < 5050; port++) {
      const numbers = kernel.sent.filter((sent) => sent.port === port).map(({ text }) => Number.parseInt(text, 10))
      expect(numbers).toEqual([...numbers].sort((x, y) => x - y))
    }
    expect(send('goes on', a)).toBe(true)
    expect(sender.buffer.length).toBeLessThanOrEqual(256 * 1024)
  })

  it('is so for one socket, while the other one sends on', () => {
    const { kernel, turns, send } = setUp()
    kernel.full.add(IPV6)
    for (let i = 0; i < 5; i++) {
      send(`six ${i}`, viewer6(i))
      send(`four ${i}`, viewer(i))
    }
    turns.end()
    expect(kernel.texts).toEqual(['four 0', 'four 1', 'four 2', 'four 3', 'four 4'])
    kernel.full.clear()
    turns.pass()
    expect(kernel.texts.slice(5)).toEqual(['six 0', 'six 1', 'six 2', 'six 3', 'six 4'])
  })

  it('holds no more small datagrams than there are places', () => {
    const { kernel, send, counters } = setUp()
    kernel.room = 0
    for (let i = 0; i < 20_000; i++) send('x', a)
    expect(counters.sendQueueFull).toBe(20_000 - 16_384)
  })
})

describe('addresses', () => {
  it('come and go without end', () => {
    const { kernel, turns, send } = setUp()
    for (let i = 0; i < 40_000; i++) {
      send(`${i}`, new AddressEntry('192.0.2.1', 1 + (i % 60_000), 4, 0))
      if (i % 97 === 0) turns.end()
    }
    turns.end()
    expect(kernel.sent.every(({ port, text }) => port === 1 + Number(text))).toBe(true)
    expect(kernel.sent.length).toBe(40_000)
  })

  it('that are used all the time stay where they are, whoever passes by', () => {
    const { turns, send } = setUp()
    const viewers = Array.from({ length: 40 }, (_, i) => viewer(i))
    const all = () => {
      for (const each of viewers) send('media', each)
      turns.end()
    }
    for (let i = 0; i < 3; i++) all()
    const places = viewers.map(({ place }) => place)
    for (let i = 0; i < 200; i++) {
      send('to a stranger', viewer(1000 + i))
      all()
    }
    expect(viewers.map(({ place }) => place)).toEqual(places)
  })

  it('that two senders use are told apart', () => {
    const [first, second] = [setUp(), setUp()]
    const shared = viewer(9)
    second.send('x', viewer(1))
    first.send('x', viewer(2))
    first.send('x', viewer(3))
    for (const { send, turns } of [first, second, first, second]) {
      send('shared', shared)
      turns.end()
    }
    for (const { kernel } of [first, second]) {
      expect(kernel.sent.filter(({ port, text }) => port === 5009 && text === 'shared').length).toBe(2)
    }
  })
})

it('takes nothing from outside of its memory', () => {
  const { kernel, turns, sender, counters } = setUp()
  const { length } = sender.buffer
  const odd = [-1, -0.5, 0.5, Number.NaN, Number.POSITIVE_INFINITY, length, length + 1, 2 ** 31, 2 ** 32, 2 ** 53]
  for (const offset of [...odd, 0]) for (const bytes of odd) sender.commit(offset, bytes, a)
  for (const bytes of odd) sender.reserve(bytes)
  turns.end()
  expect([kernel.sent.length, counters.datagramsOut]).toEqual([1, 1])
})

it('sends what it has when it is closed, then refuses everything', () => {
  const { kernel, turns, send, sender } = setUp()
  send('goodbye', a)
  sender.close()
  expect(kernel.texts).toEqual(['goodbye'])
  const offset = sender.reserve(10)
  sender.commit(0, 10, a)
  sender.flush()
  sender.close()
  turns.end()
  expect([offset, kernel.sent.length, sender.queuedBytes]).toEqual([-1, 1, 0])
})

it('forgets what a full kernel has not taken when it is closed', () => {
  const { kernel, turns, send, sender } = setUp()
  kernel.room = 0
  send('lost', a)
  sender.close()
  kernel.room = 10
  turns.pass()
  turns.end()
  expect([kernel.sent, sender.queuedBytes, turns.timers.size]).toEqual([[], 0, 0])
})
