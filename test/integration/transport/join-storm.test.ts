import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { JoinQueue } from '../../../src/transport/join-queue.js'
import { portablePath } from '../../../src/transport/portable-path.js'
import type { MuxPeer } from '../../../src/transport/udp/mux-peer.js'
import { UdpMux } from '../../../src/transport/udp/udp-mux.js'
import { systemClock } from '../../../src/util/clock.js'
import { Scheduler } from '../../../src/util/scheduler.js'
import { check } from '../../unit/transport/transport-fixtures.js'

const CROWD = 300

/** Sends a crowd's checks and behind them one of a peer that is connected; returns in which order they were looked at. */
async function storm(maxBytes: number): Promise<{ order: string[]; putOff: number }> {
  const scheduler = new Scheduler()
  const joins = new JoinQueue({ clock: systemClock, maxBytes, defer: (step) => void setImmediate(step) })
  const config = {
    listenIps: ['127.0.0.1'],
    port: 0,
    announceIps: [],
    receiveBufferBytes: 1 << 20,
    sendBufferBytes: 1 << 20,
    sendQueueBytes: 1 << 22,
    udp: portablePath('').udp,
    joins,
  }
  const mux = await UdpMux.open(config, systemClock, scheduler)
  const client = createSocket('udp4')
  try {
    const order: string[] = []
    const peer = (ufrag: string, progress: MuxPeer['progress']): void => {
      const ignore = (): void => {}
      const rest = { onStunResponse: ignore, onDtls: ignore, onSrtp: ignore, onAddressLost: ignore, onDefect: ignore }
      mux.addPeer(ufrag, { progress, onStunRequest: () => order.push(ufrag), ...rest })
    }
    peer('watching', 'connected')
    for (let i = 0; i < CROWD; i++) peer(`crowd${i}`, 'new')
    client.connect(mux.port, '127.0.0.1')
    await once(client, 'connect')
    const send = (ufrag: string): void => client.send(check({ username: `${ufrag}:rUfr` }))
    for (let i = 0; i < CROWD; i++) send(`crowd${i}`)
    send('watching')
    while (order.length + mux.counters.joinsPutOff < CROWD + 1 || joins.length > 0) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    return { order, putOff: mux.counters.joinsPutOff }
  } finally {
    client.close()
    await mux.close()
    scheduler.close()
  }
}

test('who is connected is served before a crowd that came earlier, and the crowd in its order', async () => {
  const { order, putOff } = await storm(1 << 20)
  const place = order.indexOf('watching')
  // The kernel hands over a few dozen datagrams a turn, and a turn does eight steps of joins at most.
  expect(place).toBeLessThan(CROWD / 2)
  expect(order.filter((name) => name !== 'watching')).toEqual(Array.from({ length: CROWD }, (_, i) => `crowd${i}`))
  expect(putOff).toBe(0)
})

test('a crowd beyond the bound is put off and counted, and who is connected is not', async () => {
  const { order, putOff } = await storm(16 * 1024)
  expect(putOff).toBeGreaterThan(0)
  expect(order.length + putOff).toBe(CROWD + 1)
  expect(order).toContain('watching')
})
