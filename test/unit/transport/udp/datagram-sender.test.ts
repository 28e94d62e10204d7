import { describe, expect, test } from 'vitest'
import { PortableDatagramSender, type SendSocket } from '../../../../src/transport/udp/datagram-sender.js'
import { createMuxCounters } from '../../../../src/transport/udp/mux-counters.js'

type SentCallback = (error: Error | null, bytes: number) => void

/** Takes datagrams like `dgram`: keeps a view, not a copy, until the kernel is ready. */
class FakeSocket {
  queue: { view: Buffer; expected: string }[] = []
  sends: { text: string; port: number; ip: string }[] = []
  callbacks = 0
  blocked = false
  error: Error | null = null

  send = ((buffer: Buffer, offset: number, length: number, port: number, ip: string, callback?: SentCallback) => {
    const view = buffer.subarray(offset, offset + length)
    const text = view.toString('latin1')
    this.sends.push({ text, port, ip })
    if (this.blocked) this.queue.push({ view, expected: text })
    if (callback) {
      this.callbacks++
      callback(this.error, length)
    }
  }) as SendSocket['send']

  getSendQueueSize(): number {
    return this.queue.reduce((bytes, { view }) => bytes + view.length, 0)
  }
}

function setUp(maxQueueBytes = 1_000_000) {
  const socket = new FakeSocket()
  const other = new FakeSocket()
  const counters = createMuxCounters()
  const sender = new PortableDatagramSender([socket, other], maxQueueBytes, counters)
  const send = (text: string, socketIndex = 0): boolean => {
    const offset = sender.reserve(text.length + 16)
    if (offset < 0) return false
    sender.buffer.write(text, offset, 'latin1')
    sender.commit(offset, text.length, { ip: '192.0.2.1', port: 5000, family: 4, socket: socketIndex })
    return true
  }
  return { socket, other, counters, sender, send }
}

describe('the portable sender', () => {
  test('sends at once, through the socket of the address', () => {
    const { send, socket, other, counters } = setUp()
    send('to the first')
    send('to the second', 1)
    expect(socket.sends).toEqual([{ text: 'to the first', port: 5000, ip: '192.0.2.1' }])
    expect(other.sends).toEqual([{ text: 'to the second', port: 5000, ip: '192.0.2.1' }])
    expect(counters).toMatchObject({ datagramsOut: 2, bytesOut: 25 })
  })

  test('hands what is for a TCP connection to that, and counts what it takes', () => {
    const { sender, socket, counters } = setUp()
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
    expect([taken, socket.sends]).toEqual([['one', 'two'], []])
    expect(counters).toMatchObject({ datagramsOut: 2, bytesOut: 6 })
  })

  test('never writes over what still waits for the kernel', () => {
    const { send, socket } = setUp()
    socket.blocked = true
    for (let i = 0; i < 900; i++) expect(send(`${i} `.repeat(200))).toBe(true)
    for (const { view, expected } of socket.queue) expect(view.toString('latin1')).toBe(expected)
  })

  test('keeps its arena while the kernel takes everything', () => {
    const { send, sender } = setUp()
    const { buffer } = sender
    for (let i = 0; i < 2000; i++) send('x'.repeat(1100))
    expect(sender.buffer).toBe(buffer)
  })

  test('drops and counts beyond the bound of waiting bytes, and goes on when the kernel has caught up', () => {
    const { send, socket, sender, counters } = setUp(10_000)
    socket.blocked = true
    let taken = 0
    for (let i = 0; i < 100; i++) if (send('x'.repeat(1000))) taken++
    expect(taken).toBe(9)
    expect(counters.sendQueueFull).toBe(91)
    expect(sender.queuedBytes).toBe(9000)
    socket.blocked = false
    socket.queue = []
    for (let i = 0; i < 100; i++) expect(send('x'.repeat(1000))).toBe(true)
  })

  test('looks at few errors while there are none, at every one after the first', () => {
    const { send, socket, counters } = setUp()
    for (let i = 0; i < 160; i++) send('x')
    expect(socket.callbacks).toBe(10)
    socket.error = new Error('EPERM')
    for (let i = 0; i < 116; i++) send('x')
    expect(counters.sendErrors).toBe(101)
    socket.error = null
    socket.callbacks = 0
    for (let i = 0; i < 1600; i++) send('x')
    expect(socket.callbacks).toBeLessThan(350)
  })

  test('refuses what cannot fit, and everything once closed', () => {
    const { send, sender, socket } = setUp()
    expect(sender.reserve(300_000)).toBe(-1)
    const offset = sender.reserve(10)
    sender.close()
    sender.commit(offset, 10, { ip: '192.0.2.1', port: 5000, family: 4, socket: 0 })
    expect(send('x')).toBe(false)
    expect(socket.sends).toEqual([])
    sender.flush()
    expect(sender.queuedBytes).toBe(0)
  })
})
