import { describe, expect, test } from 'vitest'
import { MAX_CHECKED_CANDIDATES, MAX_CHECKS_PER_CANDIDATE } from '../../../../src/transport/ice/ice-checker.js'
import type { TransportCandidate } from '../../../../src/transport/ice/ice-types.js'
import {
  answer,
  check,
  createPeer,
  createWorld,
  FAKE_KEYS,
  LOCAL,
  REMOTE,
  readStun,
  rtp,
} from '../transport-fixtures.js'

function candidate(ip: string, port = 7000, more: Partial<TransportCandidate> = {}): TransportCandidate {
  return { foundation: '1', component: 1, protocol: 'udp', priority: 1, ip, port, type: 'host', ...more }
}

function peerWith(candidates: TransportCandidate[], iceLite: boolean, overrides = {}) {
  const world = createWorld()
  const peer = createPeer(world, { remote: { ...REMOTE, candidates, iceLite, fingerprints: [] }, ...overrides })
  peer.transport.start()
  return { ...world, ...peer }
}

describe('a lite peer', () => {
  test('that names hosts, mDNS names or TCP is not checked, at once or trickled', () => {
    const strange = [
      candidate('4d5b18db-caac-465e-b195-86f90a168c53.local'),
      candidate('metadata.internal'),
      candidate('localhost'),
      candidate('192.0.2.7', 9, { protocol: 'tcp', tcpType: 'active' }),
      candidate('192.0.2.7', 7000, { protocol: 'tcp', tcpType: 'passive' }),
    ]
    const { sender, transport, time } = peerWith(strange, true)
    for (const one of strange) transport.addRemoteCandidate(one)
    time.advance(14_000)
    expect(sender.take()).toEqual([])
  })

  test('is checked at once, as the controlling side, with both halves of the user name', () => {
    const { sender } = peerWith([candidate('192.0.2.7')], true)
    const [sent] = sender.take()
    expect(sent?.to).toBe('192.0.2.7 7000')
    const message = readStun(sent?.bytes as Buffer, REMOTE.icePwd)
    expect(message.username).toBe(`${REMOTE.iceUfrag}:${LOCAL.iceUfrag}`)
    expect(message).toMatchObject({ stunClass: 0, useCandidate: true, iceControlling: true, iceControlled: false })
    expect(message.priority).toBeGreaterThan(0)
  })

  test('is where its authenticated answer came from; then a client begins its handshake', () => {
    const { sender, arrive, transport, dtls, time } = peerWith([candidate('192.0.2.7')], true, { dtlsRole: 'client' })
    const [sent] = sender.take()
    time.advance(30)
    expect(dtls().started).toBe(0)
    arrive(answer(sent?.bytes as Buffer), '192.0.2.7 7000')
    expect(transport.stats()).toMatchObject({ selectedAddress: '192.0.2.7:7000', rttMs: 30 })
    expect(dtls().started).toBe(1)
  })

  test.each([
    ['a wrong password', { password: 'wrong-wrong-wrong-wrong!' }, '192.0.2.7 7000', 'stunBadIntegrity'],
    ['no integrity', { integrity: false }, '192.0.2.7 7000', 'stunBadIntegrity'],
    ['another address', {}, '192.0.2.8 7000', 'stunUnknownTransaction'],
    ['another port', {}, '192.0.2.7 7001', 'stunUnknownTransaction'],
  ] as const)('an answer with %s opens nothing', (_name, options, from, counter) => {
    const { sender, arrive, transport, mux, counters } = peerWith([candidate('192.0.2.7')], true)
    arrive(answer(sender.take()[0]?.bytes as Buffer, options), from)
    expect(transport.stats().selectedAddress).toBeUndefined()
    expect(mux.addressCount).toBe(0)
    expect(counters[counter]).toBe(1)
  })

  test('an answer with the right tag and another transaction opens nothing', () => {
    const { sender, arrive, mux, counters } = peerWith([candidate('192.0.2.7')], true)
    const request = Buffer.from(sender.take()[0]?.bytes as Buffer)
    request[19] = (request[19] as number) ^ 1
    arrive(answer(request), '192.0.2.7 7000')
    expect(mux.addressCount).toBe(0)
    expect(counters.stunUnknownTransaction).toBe(1)
  })

  test('goes on being asked for its consent, which keeps a silent peer connected', () => {
    const silence = { disconnectedAfterMs: 6000 }
    const { sender, arrive, time, dtls, heard, transport } = peerWith([candidate('192.0.2.7')], true, silence)
    arrive(answer(sender.take()[0]?.bytes as Buffer), '192.0.2.7 7000')
    dtls().options.onConnected(FAKE_KEYS)
    const transactions = new Set<string>()
    let asked = 0
    for (let second = 0; second < 120; second++) {
      time.advance(1000)
      for (const { bytes, to } of sender.take()) {
        asked++
        transactions.add(bytes.toString('hex', 8, 20))
        arrive(answer(bytes), to)
      }
    }
    expect(asked).toBeGreaterThanOrEqual(24)
    expect(asked).toBeLessThanOrEqual(38)
    expect(heard()).not.toContain('disconnected')
    expect(transactions.size).toBe(asked)
    expect(transport.state).toBe('connected')
    expect(heard()).not.toContain('closed consent-timeout')
    time.advance(31_000)
    expect(heard()).toContain('closed consent-timeout')
  })

  test('is not asked without end if it never answers', () => {
    const candidates = Array.from({ length: 20 }, (_, i) => candidate(`192.0.2.${10 + i}`))
    const { sender, time } = peerWith(candidates, true, { connectTimeoutMs: 600_000 })
    let busiest = 0
    for (let i = 0; i < 600; i++) {
      const before = sender.sent.length
      time.advance(1000)
      busiest = Math.max(busiest, sender.sent.length - before)
    }
    const sent = sender.take()
    expect(new Set(sent.map(({ to }) => to)).size).toBe(MAX_CHECKED_CANDIDATES)
    expect(sent).toHaveLength(MAX_CHECKED_CANDIDATES * MAX_CHECKS_PER_CANDIDATE)
    expect(busiest).toBeLessThanOrEqual(20)
  })
})

test('only literal unicast addresses of component 1 over UDP are checked, and only through sockets that are there', () => {
  const { sender, time } = peerWith(
    [
      candidate('224.0.0.251'),
      candidate('255.255.255.255'),
      candidate('0.0.0.0'),
      candidate('fe80::1'),
      candidate('ff02::1'),
      candidate('::ffff:192.0.2.7'),
      candidate('some.local'),
      candidate('192.0.2.1', 0),
      candidate('192.0.2.1', 70_000),
      candidate('192.0.2.1', 7000, { component: 2 }),
      candidate('192.0.2.1', 9, { protocol: 'tcp', tcpType: 'active' }),
      candidate('2001:DB8:0::7'),
      candidate('192.0.2.7'),
      candidate('192.0.2.7'),
    ],
    true,
  )
  time.advance(200)
  const sent = sender.take()
  expect(new Set(sent.map(({ to, socket }) => `${to} ${socket}`))).toEqual(
    new Set(['2001:db8::7 7000 1', '192.0.2.7 7000 0']),
  )
})

describe('a full peer', () => {
  test('that checks us is not checked', () => {
    const { sender, arrive, time } = peerWith([candidate('192.0.2.7')], false)
    time.advance(500)
    arrive(check())
    sender.take()
    time.advance(10_000)
    expect(sender.take()).toEqual([])
  })

  test('that stays silent is checked after a while, until it checks us', () => {
    const { sender, arrive, time } = peerWith([candidate('192.0.2.7')], false)
    time.advance(999)
    expect(sender.take()).toEqual([])
    time.advance(1)
    expect(sender.take()).toHaveLength(1)
    arrive(check())
    sender.take()
    time.advance(10_000)
    expect(sender.take()).toEqual([])
  })

  test('that insists on its role with error 487 is left to check us', () => {
    const { sender, arrive, time, transport } = peerWith([candidate('192.0.2.7'), candidate('192.0.2.8')], false)
    time.advance(1000)
    arrive(answer(sender.take()[0]?.bytes as Buffer, { error: 487 }), '192.0.2.7 7000')
    time.advance(10_000)
    expect(sender.take()).toEqual([])
    expect(transport.state).toBe('connecting')
  })

  test('that trickles its candidate is checked there if it stays silent', () => {
    const { sender, transport, time } = peerWith([], false)
    time.advance(5000)
    expect(sender.take()).toEqual([])
    transport.addRemoteCandidate(candidate('192.0.2.7'))
    time.advance(1000)
    transport.addRemoteCandidate(candidate('192.0.2.8'))
    time.advance(100)
    expect(sender.take().map(({ to }) => to)).toEqual(['192.0.2.7 7000', '192.0.2.8 7000'])
  })

  test('that answered our check and then checks us keeps its address', () => {
    const { sender, arrive, time, transport, dtls, heard } = peerWith([candidate('192.0.2.7')], false)
    time.advance(1000)
    arrive(answer(sender.take()[0]?.bytes as Buffer), '192.0.2.7 7000')
    arrive(check(), '192.0.2.7 7000')
    dtls().options.onConnected(FAKE_KEYS)
    arrive(rtp('media'), '192.0.2.7 7000')
    expect(heard()).toEqual(['connected', 'rtp media'])
    expect(transport.stats()).toMatchObject({ selectedAddress: '192.0.2.7:7000', addressChanges: 0 })
  })
})

test('an ICE restart begins the checks of a lite peer anew, with the new credentials', () => {
  const { sender, transport, mux } = peerWith([candidate('192.0.2.7')], true)
  sender.take()
  const remote = { iceUfrag: 'newR', icePwd: 'newer-password-of-24-chr', iceLite: true }
  transport.restartIce(
    { iceUfrag: 'freshUFR', icePwd: 'fresh-password-of-24-chr' },
    { ...remote, candidates: [candidate('192.0.2.9')] },
  )
  const [sent] = sender.take()
  expect(sent?.to).toBe('192.0.2.9 7000')
  expect(readStun(sent?.bytes as Buffer, remote.icePwd).username).toBe('newR:freshUFR')
  transport.close()
  expect(mux.peerCount).toBe(0)
})
