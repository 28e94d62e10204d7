import { describe, expect, test } from 'vitest'
import { PortableDatagramSender } from '../../../../src/transport/udp/datagram-sender.js'
import { createMuxCounters } from '../../../../src/transport/udp/mux-counters.js'
import { FakeSocket } from './fake-socket.js'

function setUp() {
  const socket = new FakeSocket()
  const counters = createMuxCounters()
  const sender = new PortableDatagramSender([socket], 1_000_000, counters)
  const send = (text: string): boolean => {
    const offset = sender.reserve(text.length + 16)
    if (offset < 0) return false
    sender.buffer.write(text, offset, 'latin1')
    sender.commit(offset, text.length, { ip: '192.0.2.1', port: 5000, family: 4, socket: 0 })
    return true
  }
  return { socket, counters, sender, send }
}

describe('the portable sender', () => {
  test('sends at once', () => {
    const { send, socket } = setUp()
    send('at once')
    expect(socket.sends).toEqual([{ text: 'at once', port: 5000, ip: '192.0.2.1' }])
  })

  test('sends media at the end of the turn, or as soon as there are many', async () => {
    const { sender, socket, counters } = setUp()
    const sendPlain = (text: string): void => {
      const offset = sender.reserve(text.length)
      sender.buffer.write(text, offset, 'latin1')
      const remote = { ip: '192.0.2.1', port: 5000, family: 4, socket: 0 } as const
      sender.commitPlain(offset, 12, text.length, 1, { seal: () => text !== 'refused' }, remote)
    }
    sendPlain('one')
    sendPlain('refused')
    expect([socket.sends.length, sender.queuedBytes]).toEqual([0, 10])
    await new Promise(setImmediate)
    expect(socket.sends.map(({ text }) => text)).toEqual(['one'])
    expect([counters.datagramsOut, sender.queuedBytes]).toEqual([1, 0])
    for (let i = 0; i < 64; i++) sendPlain(`${i}`)
    expect(socket.sends.length).toBe(65)
    sendPlain('last')
    sender.close()
    expect(socket.sends.at(-1)?.text).toBe('last')
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
})
