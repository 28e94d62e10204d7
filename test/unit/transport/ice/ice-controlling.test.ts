import { describe, expect, test } from 'vitest'
import { IceRole } from '../../../../src/transport/ice/ice-role.js'
import type { TransportCandidate } from '../../../../src/transport/ice/ice-types.js'
import { STUN_CLASS } from '../../../../src/transport/stun/stun-types.js'
import {
  answer,
  type CheckOptions,
  check,
  createPeer,
  createWorld,
  FAKE_KEYS,
  LOCAL,
  REMOTE,
  readStun,
  rtp,
} from '../transport-fixtures.js'

function candidate(ip: string, priority = 1): TransportCandidate {
  return { foundation: '1', component: 1, protocol: 'udp', priority, ip, port: 7000, type: 'host' }
}

/** This side has made the offer; its peer has answered with those candidates. */
function offered(candidates: TransportCandidate[], { iceLite = false, ...overrides } = {}) {
  const world = createWorld()
  const remote = { ...REMOTE, candidates, iceLite, fingerprints: [] }
  const peer = createPeer(world, { remote, controlling: true, ...overrides })
  peer.transport.start()
  /** The checks that were sent since the last call. */
  const checks = () =>
    world.sender
      .take()
      .filter(({ bytes }) => bytes[0] === 0)
      .map(({ bytes, to }) => ({ bytes, to, message: readStun(bytes, REMOTE.icePwd) }))
  const peerChecks = (options: CheckOptions = {}, from = '192.0.2.7 7000') => {
    world.sender.take()
    world.arrive(check({ role: 'controlled', ...options }), from)
    const replies = world.sender.take().filter(({ bytes }) => bytes[0] === 1)
    return replies.map(({ bytes }) => readStun(bytes))
  }
  return { ...world, ...peer, checks, peerChecks }
}

describe('a full peer', () => {
  test('is checked at once, best candidate first, 50 ms apart, as the controlling side', () => {
    const { checks, time } = offered([
      candidate('192.0.2.7', 10),
      candidate('192.0.2.9', 30),
      candidate('192.0.2.8', 20),
    ])
    const [first] = checks()
    expect(first?.to).toBe('192.0.2.9 7000')
    expect(first?.message).toMatchObject({ iceControlling: true, useCandidate: false })
    expect(first?.message.username).toBe(`${REMOTE.iceUfrag}:${LOCAL.iceUfrag}`)
    expect(first?.message.tieBreaker).toBeGreaterThan(0n)
    time.advance(49)
    expect(checks()).toEqual([])
    time.advance(51)
    expect(checks().map(({ to }) => to)).toEqual(['192.0.2.8 7000', '192.0.2.7 7000'])
  })

  test('is nominated where it answers first, and selected when that is answered, too', () => {
    const { checks, arrive, time, transport, dtls } = offered([candidate('192.0.2.7'), candidate('192.0.2.8')], {
      dtlsRole: 'client',
    } as never)
    const [first] = checks()
    time.advance(60)
    const [second] = checks()
    time.advance(10)
    arrive(answer(second?.bytes as Buffer), '192.0.2.8 7000')
    // A valid pair is enough for the handshake to begin (RFC 8445, section 12.1).
    expect(dtls().started).toBe(1)
    expect(transport.stats()).toMatchObject({ selectedAddress: '192.0.2.8:7000', rttMs: 20 })
    const [nomination, ...more] = checks()
    expect(more).toEqual([])
    expect(nomination).toMatchObject({ to: '192.0.2.8 7000', message: { useCandidate: true, iceControlling: true } })
    // A late answer to what was given up changes nothing.
    arrive(answer(first?.bytes as Buffer), '192.0.2.7 7000')
    arrive(answer(nomination?.bytes as Buffer), '192.0.2.8 7000')
    expect(transport.stats()).toMatchObject({ selectedAddress: '192.0.2.8:7000', addressChanges: 0 })
    time.advance(3000)
    expect(checks()).toEqual([])
  })

  test('has its nomination repeated until it is answered', () => {
    const { checks, arrive, time } = offered([candidate('192.0.2.7')])
    arrive(answer(checks()[0]?.bytes as Buffer), '192.0.2.7 7000')
    time.advance(600)
    const nominations = checks()
    expect(nominations.map(({ message }) => message.useCandidate)).toEqual([true, true])
    expect(new Set(nominations.map(({ bytes }) => bytes.toString('hex', 8, 20))).size).toBe(1)
  })

  test('that checks us is answered, and cannot nominate', () => {
    const { checks, arrive, peerChecks, transport } = offered([candidate('192.0.2.7')])
    const [first] = checks()
    arrive(answer(first?.bytes as Buffer), '192.0.2.7 7000')
    arrive(answer(checks()[0]?.bytes as Buffer), '192.0.2.7 7000')
    const replies = peerChecks({ useCandidate: true }, '192.0.2.8 7001')
    expect(replies).toMatchObject([{ stunClass: STUN_CLASS.success }])
    expect(transport.stats().selectedAddress).toBe('192.0.2.7:7000')
  })

  test('that names no candidate is checked where its own checks come from', () => {
    const { checks, arrive, transport, time } = offered([])
    expect(checks()).toEqual([])
    arrive(check({ role: 'controlled' }), '192.0.2.7 7005')
    time.advance(1)
    const [triggered] = checks()
    expect(triggered).toMatchObject({ to: '192.0.2.7 7005', message: { iceControlling: true } })
    time.advance(20)
    arrive(answer(triggered?.bytes as Buffer), '192.0.2.7 7005')
    arrive(answer(checks()[0]?.bytes as Buffer), '192.0.2.7 7005')
    expect(transport.stats().selectedAddress).toBe('192.0.2.7:7005')
  })

  test('whose network let our check in only after its own is checked again at once', () => {
    const { checks, arrive, time } = offered([candidate('192.0.2.7')])
    expect(checks()).toHaveLength(1)
    time.advance(100)
    arrive(check({ role: 'controlled' }), '192.0.2.7 7000')
    time.advance(1)
    expect(checks().map(({ to }) => to)).toEqual(['192.0.2.7 7000'])
  })

  test('that comes from elsewhere while we wait for an answer is checked there without delay, but paced', () => {
    const { checks, arrive, time } = offered([candidate('192.0.2.7')])
    checks()
    time.advance(20)
    for (const port of [7001, 7002]) arrive(check({ role: 'controlled' }), `192.0.2.7 ${port}`)
    time.advance(29)
    expect(checks()).toEqual([])
    time.advance(1)
    expect(checks().map(({ to }) => to)).toEqual(['192.0.2.7 7001'])
    time.advance(50)
    expect(checks().map(({ to }) => to)).toEqual(['192.0.2.7 7002'])
  })

  test('cannot make us check without end', () => {
    const { sender, arrive, time } = offered([candidate('192.0.2.7')], { connectTimeoutMs: 600_000 } as never)
    let sent = 0
    for (let i = 0; i < 3000; i++) {
      arrive(check({ role: 'controlled' }), `192.0.2.7 ${7000 + (i % 300)}`)
      time.advance(20)
      sent += sender.take().filter(({ bytes }) => bytes[0] === 0).length
    }
    expect(sent).toBeGreaterThan(7)
    // Nine addresses, seven times each.
    expect(sent).toBeLessThanOrEqual(9 * 7)
  })

  test('is asked for its consent for as long as it is there, without being nominated again', () => {
    const { checks, arrive, time, dtls, heard, transport } = offered([candidate('192.0.2.7')])
    arrive(answer(checks()[0]?.bytes as Buffer), '192.0.2.7 7000')
    arrive(answer(checks()[0]?.bytes as Buffer), '192.0.2.7 7000')
    dtls().options.onConnected(FAKE_KEYS)
    let asked = 0
    for (let second = 0; second < 60; second++) {
      time.advance(1000)
      for (const { bytes, to, message } of checks()) {
        asked++
        expect(message).toMatchObject({ useCandidate: false, iceControlling: true })
        arrive(answer(bytes), to)
      }
    }
    expect(asked).toBeGreaterThanOrEqual(12)
    expect(asked).toBeLessThanOrEqual(19)
    expect(transport.state).toBe('connected')
    time.advance(31_000)
    expect(heard().at(-1)).toBe('closed consent-timeout')
  })

  test('keeps connected by its media, too', () => {
    const { checks, arrive, time, dtls, transport } = offered([candidate('192.0.2.7')])
    arrive(answer(checks()[0]?.bytes as Buffer), '192.0.2.7 7000')
    arrive(answer(checks()[0]?.bytes as Buffer), '192.0.2.7 7000')
    dtls().options.onConnected(FAKE_KEYS)
    for (let second = 0; second < 60; second++) {
      time.advance(1000)
      arrive(rtp(), '192.0.2.7 7000')
    }
    expect(transport.state).toBe('connected')
  })
})

test('a lite peer is nominated by the first check', () => {
  const { checks, arrive, transport, time } = offered([candidate('192.0.2.7')], { iceLite: true })
  const [first] = checks()
  expect(first?.message).toMatchObject({ iceControlling: true, useCandidate: true })
  arrive(answer(first?.bytes as Buffer), '192.0.2.7 7000')
  expect(transport.stats().selectedAddress).toBe('192.0.2.7:7000')
  time.advance(1000)
  expect(checks()).toEqual([])
})

describe('a peer that controls, too', () => {
  // The fixtures' checks have the tie-breaker 7: nearly always less than ours.
  test('is told that it does not, if its tie-breaker is the smaller one', () => {
    const { peerChecks, checks } = offered([candidate('192.0.2.7')])
    expect(peerChecks({ role: 'controlling' })).toMatchObject([{ stunClass: STUN_CLASS.error, errorCode: 487 }])
    expect(peerChecks()).toMatchObject([{ stunClass: STUN_CLASS.success }])
    checks()
  })

  test('is right if it tells us so; it nominates then, and is not checked any more', () => {
    const { checks, arrive, peerChecks, transport, time } = offered([candidate('192.0.2.7'), candidate('192.0.2.8')])
    arrive(answer(checks()[0]?.bytes as Buffer, { error: 487 }), '192.0.2.7 7000')
    time.advance(5000)
    expect(checks()).toEqual([])
    expect(peerChecks({ role: 'controlling' })).toMatchObject([{ stunClass: STUN_CLASS.success }])
    peerChecks({ role: 'controlling', useCandidate: true }, '192.0.2.8 7000')
    expect(transport.stats().selectedAddress).toBe('192.0.2.8:7000')
  })

  test('wins by the larger tie-breaker, once and for all', () => {
    const role = new IceRole(true, 6n)
    const request = { iceControlling: true, iceControlled: false, tieBreaker: 7n } as never
    expect(role.agrees(request, false)).toBe(true)
    expect(role.controlling).toBe(false)
    expect(role.agrees({ iceControlling: false, iceControlled: true, tieBreaker: 5n } as never, false)).toBe(false)
    const other = new IceRole(true, 7n)
    expect(other.agrees(request, false)).toBe(false)
    expect(other.controlling).toBe(true)
  })
})
