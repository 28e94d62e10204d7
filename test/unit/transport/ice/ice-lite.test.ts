import { describe, expect, test } from 'vitest'
import { MAX_VALIDATED_ADDRESSES } from '../../../../src/transport/ice/ice-lite.js'
import { STUN_CLASS } from '../../../../src/transport/stun/stun-types.js'
import {
  type CheckOptions,
  check,
  createPeer,
  createWorld,
  dtlsRecord,
  LOCAL,
  REMOTE,
  readStun,
  rtp,
} from '../transport-fixtures.js'

function startedPeer(overrides = {}) {
  const world = createWorld()
  const peer = createPeer(world, overrides)
  peer.transport.start()
  return { ...world, ...peer, world }
}

describe('a check that is not authentic', () => {
  const cases: [name: string, options: CheckOptions, counter: 'stunUnknownUfrag' | 'stunBadIntegrity'][] = [
    ['without USERNAME', { username: undefined }, 'stunUnknownUfrag'],
    ['for an unknown ufrag', { username: `nobody:${REMOTE.iceUfrag}` }, 'stunUnknownUfrag'],
    ['with a wrong second half of the USERNAME', { username: `${LOCAL.iceUfrag}:evil` }, 'stunUnknownUfrag'],
    ['without the second half of the USERNAME', { username: LOCAL.iceUfrag }, 'stunUnknownUfrag'],
    ['with an empty second half', { username: `${LOCAL.iceUfrag}:` }, 'stunUnknownUfrag'],
    ['with a third part in the USERNAME', { username: `${LOCAL.iceUfrag}:${REMOTE.iceUfrag}:x` }, 'stunUnknownUfrag'],
    ['with a wrong password', { password: 'remote-password-of-24-ch' }, 'stunBadIntegrity'],
    ['without MESSAGE-INTEGRITY', { integrity: false }, 'stunBadIntegrity'],
    ['without anything', { integrity: false, username: undefined, fingerprint: false }, 'stunUnknownUfrag'],
  ]
  test.each(cases)('%s gets no answer and opens no address', (_name, options, counter) => {
    const { arrive, sender, counters, mux, transport, dtls } = startedPeer()
    arrive(check({ useCandidate: true, ...options }))
    arrive(dtlsRecord())
    expect(sender.take()).toEqual([])
    expect(counters[counter]).toBe(1)
    expect(counters.dtlsUnknownAddress).toBe(1)
    expect(dtls().received).toEqual([])
    expect(mux.addressCount).toBe(0)
    expect(transport.stats()).toMatchObject({ selectedAddress: undefined, packetsIn: 0 })
  })

  test('with a wrong fingerprint gets no answer', () => {
    const { arrive, sender, counters } = startedPeer()
    const request = check()
    request[request.length - 1] = (request[request.length - 1] as number) ^ 1
    arrive(request)
    expect(sender.take()).toEqual([])
    expect(counters.stunBadFingerprint).toBe(1)
  })

  test('with anything changed between header and integrity gets no answer', () => {
    const { arrive, sender, mux } = startedPeer()
    const request = check({ useCandidate: true, fingerprint: false })
    for (let i = 0; i < request.length; i++) {
      const changed = Buffer.from(request)
      changed[i] = (changed[i] as number) ^ 0x04
      arrive(changed)
    }
    expect(sender.take()).toEqual([])
    expect(mux.addressCount).toBe(0)
  })

  test('that is an indication, a response to nothing or another method gets no answer', () => {
    const { arrive, sender, counters } = startedPeer()
    for (const type of [0x0011, 0x0101, 0x0111, 0x0003]) {
      const message = check({ fingerprint: false })
      message.writeUInt16BE(type, 0)
      arrive(message)
    }
    expect(sender.take()).toEqual([])
    expect(counters).toMatchObject({ stunUnsupported: 2, stunUnknownTransaction: 2 })
  })
})

describe('an authentic check', () => {
  test.each([
    ['192.0.2.1 5000', '192.0.2.1', 0],
    ['2001:db8::7 5000', '2001:db8::7', 1],
  ])('from %s is answered with that address, on the socket it came through', (from, ip, socket) => {
    const { arrive, sender, transport } = startedPeer()
    const request = check()
    arrive(request, from)
    const [reply, ...more] = sender.take()
    expect(more).toEqual([])
    expect(reply).toMatchObject({ to: from, socket })
    const message = readStun(reply?.bytes as Buffer)
    expect(message.stunClass).toBe(STUN_CLASS.success)
    expect(message.readXorMappedAddress()).toEqual({ ip, port: 5000 })
    expect(reply?.bytes.subarray(8, 20)).toEqual(request.subarray(8, 20))
    expect(reply?.bytes.length).toBeLessThanOrEqual(request.length)
    expect(transport.stats().selectedAddress).toContain('5000')
  })

  test('without a role is accepted, as old clients send them', () => {
    const { arrive, sender } = startedPeer()
    arrive(check({ role: undefined }))
    expect(sender.take()).toHaveLength(1)
  })

  test('in the controlled role gets error 487 and opens nothing', () => {
    const { arrive, sender, mux, counters } = startedPeer()
    arrive(check({ role: 'controlled' }))
    const [reply] = sender.take()
    expect(readStun(reply?.bytes as Buffer)).toMatchObject({ stunClass: STUN_CLASS.error, errorCode: 487 })
    expect(mux.addressCount).toBe(0)
    expect(counters.stunUnsupported).toBe(1)
  })

  test('in the controlled role is right if the peer is a lite agent', () => {
    const { arrive, sender } = startedPeer({ remote: { ...REMOTE, iceLite: true, fingerprints: [] } })
    arrive(check({ role: 'controlled' }))
    expect(readStun(sender.take()[0]?.bytes as Buffer).stunClass).toBe(STUN_CLASS.success)
  })

  test('with an attribute that must be understood and is not gets error 420 and opens nothing', () => {
    const { arrive, sender, mux } = startedPeer()
    arrive(check({ unknownAttribute: true }))
    const reply = sender.take()[0]?.bytes as Buffer
    expect(readStun(reply)).toMatchObject({ stunClass: STUN_CLASS.error, errorCode: 420 })
    expect(reply.includes(Buffer.from('000a00027abc', 'hex'))).toBe(true)
    expect(mux.addressCount).toBe(0)
  })

  test('without a fingerprint is answered without one', () => {
    const { arrive, sender } = startedPeer()
    arrive(check({ fingerprint: false }))
    const message = readStun(sender.take()[0]?.bytes as Buffer)
    expect(message.fingerprintOffset).toBe(-1)
  })

  test('that is smaller than its answer is dropped at a new address, answered at a validated one', () => {
    const { arrive, sender, counters, mux } = startedPeer()
    const from = '2001:db8::7 5000'
    const small = { priority: false, role: undefined, fingerprint: false }
    arrive(check(small), from)
    expect(sender.take()).toEqual([])
    expect(counters.stunReplyTooLarge).toBe(1)
    expect(mux.addressCount).toBe(0)
    arrive(check(), from)
    arrive(check(small), from)
    expect(sender.take()).toHaveLength(2)
  })

  test('no answer is larger than its request, whatever the request has', () => {
    for (const from of ['192.0.2.1 5000', '2001:db8::7 5000']) {
      for (let bits = 0; bits < 64; bits++) {
        const { arrive, sender } = startedPeer()
        const request = check({
          priority: (bits & 1) !== 0,
          role: (bits & 2) !== 0 ? undefined : (bits & 4) !== 0 ? 'controlling' : 'controlled',
          useCandidate: (bits & 8) !== 0,
          fingerprint: (bits & 16) !== 0,
          unknownAttribute: (bits & 32) !== 0,
        })
        arrive(request, from)
        for (const { bytes } of sender.take()) expect(bytes.length).toBeLessThanOrEqual(request.length)
      }
    }
  })
})

describe('the address that is sent to', () => {
  const A = '192.0.2.1 5000'
  const B = '198.51.100.2 6000'

  test('is provisionally the first one that passed a check', () => {
    const { arrive, transport } = startedPeer()
    arrive(check(), A)
    arrive(check(), B)
    expect(transport.stats()).toMatchObject({ selectedAddress: '192.0.2.1:5000', addressChanges: 0 })
  })

  test('changes by an authenticated USE-CANDIDATE and by nothing else', () => {
    const { arrive, transport, dtls, connect, heard } = startedPeer()
    connect(A)
    heard()
    arrive(check(), B)
    arrive(dtlsRecord(), B)
    arrive(rtp('from B'), B)
    arrive(check({ useCandidate: true, password: 'wrong-wrong-wrong-wrong!' }), '203.0.113.3 7000')
    expect(heard()).toEqual(['rtp from B'])
    expect(dtls().received).toHaveLength(1)
    expect(transport.stats().selectedAddress).toBe('192.0.2.1:5000')
    arrive(check({ useCandidate: true }), B)
    expect(transport.stats()).toMatchObject({ selectedAddress: '198.51.100.2:6000', addressChanges: 1 })
  })

  test('USE-CANDIDATE behind the integrity does not count', () => {
    const { arrive, transport } = startedPeer()
    arrive(check(), A)
    const request = check({ fingerprint: false })
    const forged = Buffer.concat([request, Buffer.from('00250000', 'hex')])
    forged.writeUInt16BE(forged.length - 20, 2)
    arrive(forged, B)
    expect(transport.stats().selectedAddress).toBe('192.0.2.1:5000')
  })

  test('is where packets go after it has changed', () => {
    const { arrive, transport, sender, connect } = startedPeer()
    connect(A)
    arrive(check({ useCandidate: true }), B)
    sender.take()
    const offset = transport.output.reserve(20)
    transport.output.sendRtp(offset, 12, 20, 1)
    expect(sender.take().map(({ to }) => to)).toEqual([B])
  })

  test('only eight addresses are remembered: the one that was silent longest goes, the selected one stays', () => {
    const { arrive, transport, mux, counters, time, connect, heard } = startedPeer()
    connect('192.0.2.1 5000')
    for (let i = 1; i <= MAX_VALIDATED_ADDRESSES + 3; i++) {
      time.advance(10)
      arrive(check(), `192.0.2.1 ${5000 + i}`)
    }
    expect(mux.addressCount).toBe(MAX_VALIDATED_ADDRESSES)
    heard()
    for (let i = 0; i <= MAX_VALIDATED_ADDRESSES + 3; i++) arrive(rtp(String(i)), `192.0.2.1 ${5000 + i}`)
    expect(heard()).toEqual(['rtp 0', ...[5, 6, 7, 8, 9, 10, 11].map((i) => `rtp ${i}`)])
    expect(counters.srtpUnknownAddress).toBe(4)
    expect(transport.stats().selectedAddress).toBe('192.0.2.1:5000')
  })
})

describe('two sessions behind one port', () => {
  const OTHER = { local: { iceUfrag: 'otherUFR', icePwd: 'other-password-of-24-chr' }, username: 'otherUFR:rUfr' }

  test('an address whose owner is alive is not given to another session', () => {
    const { world, arrive, sender, counters, connect, heard, time } = startedPeer()
    connect('192.0.2.1 5000')
    const other = createPeer(world, { local: OTHER.local })
    other.transport.start()
    heard()
    time.advance(3000)
    arrive(rtp('alive'))
    time.advance(3000)
    arrive(check({ username: OTHER.username, password: OTHER.local.icePwd, useCandidate: true }))
    expect(sender.take()).toEqual([])
    expect(counters.stunAddressInUse).toBe(1)
    arrive(rtp('still mine'))
    expect(heard()).toEqual(['rtp alive', 'rtp still mine'])
  })

  test('an address whose owner fell silent goes to the session that passes a check from it', () => {
    const { world, arrive, connect, time, mux, transport } = startedPeer()
    connect('192.0.2.1 5000')
    const other = createPeer(world, { local: OTHER.local })
    other.transport.start()
    time.advance(5001)
    arrive(check({ username: OTHER.username, password: OTHER.local.icePwd, useCandidate: true }))
    arrive(dtlsRecord())
    expect(other.dtls().received).toHaveLength(1)
    expect(mux.addressCount).toBe(1)
    // The old owner's end does not take the address from the new one.
    transport.close()
    arrive(dtlsRecord())
    expect(other.dtls().received).toHaveLength(2)
    other.transport.close()
    expect(mux.addressCount).toBe(0)
    expect(mux.peerCount).toBe(0)
  })

  test('the password of one does not open the other', () => {
    const { world, arrive, sender, counters } = startedPeer()
    createPeer(world, { local: OTHER.local }).transport.start()
    arrive(check({ username: OTHER.username }))
    expect(sender.take()).toEqual([])
    expect(counters.stunBadIntegrity).toBe(1)
  })

  test('the same ufrag twice is a defect that the second start reports', () => {
    const { world } = startedPeer()
    const second = createPeer(world)
    expect(() => second.transport.start()).toThrowError(expect.objectContaining({ code: 'internal-error' }))
  })
})

describe('an ICE restart', () => {
  const NEW_LOCAL = { iceUfrag: 'freshUFR', icePwd: 'fresh-password-of-24-chr' }
  const NEW_REMOTE = { iceUfrag: 'newR', icePwd: 'newer-password-of-24-chr' }
  const newCheck = (options: CheckOptions = {}) =>
    check({ username: 'freshUFR:newR', password: NEW_LOCAL.icePwd, ...options })

  test('leaves the old credentials good until the first authenticated check with the new ones', () => {
    const { arrive, sender, transport, connect, counters, mux } = startedPeer()
    connect('192.0.2.1 5000')
    transport.restartIce(NEW_LOCAL, NEW_REMOTE)
    arrive(check())
    arrive(newCheck({ password: 'wrong-wrong-wrong-wrong!' }), '198.51.100.2 6000')
    arrive(check())
    expect(sender.take()).toHaveLength(2)
    arrive(newCheck({ useCandidate: true }), '198.51.100.2 6000')
    expect(readStun(sender.take()[0]?.bytes as Buffer, NEW_LOCAL.icePwd).stunClass).toBe(STUN_CLASS.success)
    expect(transport.stats().selectedAddress).toBe('198.51.100.2:6000')
    arrive(check({ useCandidate: true }))
    expect(sender.take()).toEqual([])
    expect(counters.stunUnknownUfrag).toBe(1)
    expect(mux.hasUfrag(LOCAL.iceUfrag)).toBe(false)
  })

  test('media goes on during it', () => {
    const { arrive, transport, connect, heard } = startedPeer()
    connect('192.0.2.1 5000')
    heard()
    transport.restartIce(NEW_LOCAL, NEW_REMOTE)
    arrive(rtp('old path'))
    arrive(newCheck({ useCandidate: true }), '198.51.100.2 6000')
    arrive(rtp('new path'), '198.51.100.2 6000')
    arrive(rtp('late on the old path'))
    expect(heard()).toEqual(['rtp old path', 'rtp new path', 'rtp late on the old path'])
  })

  test('a second one before the first was used replaces it', () => {
    const { arrive, sender, transport, mux } = startedPeer()
    transport.restartIce({ iceUfrag: 'skipped1', icePwd: 'skipped-password-24-char' }, NEW_REMOTE)
    transport.restartIce(NEW_LOCAL, NEW_REMOTE)
    expect(mux.hasUfrag('skipped1')).toBe(false)
    arrive(check())
    arrive(newCheck())
    expect(sender.take()).toHaveLength(2)
    transport.close()
    expect(mux.hasUfrag(LOCAL.iceUfrag) || mux.hasUfrag('freshUFR')).toBe(false)
  })
})
