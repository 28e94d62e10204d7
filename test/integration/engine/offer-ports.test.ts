/** The ports of their own that offers of ours have: real sockets, opened and closed with their peers. */
import { afterEach, expect, it } from 'vitest'
import { OfferPorts } from '../../../src/engine/offer-ports.js'
import { portablePath } from '../../../src/transport/portable-path.js'
import { createMuxCounters } from '../../../src/transport/udp/mux-counters.js'
import { UdpMux } from '../../../src/transport/udp/udp-mux.js'
import { systemClock } from '../../../src/util/clock.js'
import { Scheduler } from '../../../src/util/scheduler.js'

const scheduler = new Scheduler()
const counters = createMuxCounters()
const config = {
  listenIps: ['127.0.0.1'],
  port: 40_000,
  announceIps: [],
  receiveBufferBytes: 65_536,
  sendBufferBytes: 65_536,
  sendQueueBytes: 65_536,
  udp: portablePath('').udp,
  counters,
}

let ports: OfferPorts
afterEach(() => ports.close())

const begin = (more: object = {}) => {
  ports = new OfferPorts({ ...config, ...more }, systemClock, scheduler)
  return ports
}

it('each peer has a free one, by UDP only, and all count together', async () => {
  begin()
  const [a, b] = [await ports.open('a'), await ports.open('b')]
  expect(a.port).not.toBe(b.port)
  expect([a.port, b.port]).not.toContain(config.port)
  expect(a.candidates.map(({ protocol, port }) => [protocol, port])).toEqual([['udp', a.port]])
  expect([a.counters, b.counters]).toEqual([counters, counters])
  expect(a.counters).toBe(b.counters)
})

it('a peer that ends gives it back, also while it is being opened', async () => {
  begin()
  const { port } = await ports.open('a')
  ports.release('a')
  ports.release('a')
  ports.release('nobody')
  const opening = ports.open('b')
  ports.release('b')
  await expect(opening).rejects.toMatchObject({ code: 'closed' })
  await ports.close()
  // Free again, as nobody has it any more.
  const mux = await UdpMux.open({ ...config, port }, systemClock, scheduler)
  expect(mux.port).toBe(port)
  await mux.close()
})

it('a port that cannot be opened fails that offer only', async () => {
  begin({ listenIps: ['203.0.113.77'] })
  await expect(ports.open('a')).rejects.toMatchObject({ code: 'socket-failed' })
  ports.release('a')
})
