import { describe, expect, test } from 'vitest'
import { JoinQueue } from '../../../src/transport/join-queue.js'
import { check, createPeer, createWorld, dtlsRecord, FAKE_KEYS, FAKE_TAG, rtcp, rtp } from './transport-fixtures.js'

function startedPeer(overrides = {}) {
  const world = createWorld()
  const peer = createPeer(world, overrides)
  peer.transport.start()
  return { ...world, ...peer, world }
}

describe('connecting', () => {
  test('a server takes DTLS from an address that passed a check, and is connected when it is done', () => {
    const { arrive, dtls, heard, transport, sender } = startedPeer()
    expect(dtls().started).toBe(1)
    arrive(dtlsRecord())
    expect(dtls().received).toEqual([])
    arrive(check())
    arrive(dtlsRecord())
    expect(dtls().received).toHaveLength(1)
    sender.take()
    dtls().options.send(Buffer.from('flight'))
    expect(sender.take()).toMatchObject([{ bytes: Buffer.from('flight'), to: '192.0.2.1 5000' }])
    expect(transport.state).toBe('connecting')
    dtls().options.onConnected(FAKE_KEYS)
    expect(heard()).toEqual(['connected'])
    expect(transport.stats()).toMatchObject({ state: 'connected', srtpProfile: 'AEAD_AES_128_GCM' })
  })

  test('a client begins the handshake when there is an address to send it to, once', () => {
    const { arrive, dtls } = startedPeer({ dtlsRole: 'client' })
    expect(dtls().started).toBe(0)
    arrive(check())
    arrive(check())
    expect(dtls()).toMatchObject({ started: 1, options: { role: 'client' } })
  })

  test('what DTLS wants to send before there is an address goes nowhere', () => {
    const { dtls, sender } = startedPeer()
    dtls().options.send(Buffer.from('early'))
    expect(sender.take()).toEqual([])
  })

  test('media that comes before the keys is dropped and counted', () => {
    const { arrive, transport, heard } = startedPeer()
    arrive(check())
    arrive(rtp())
    arrive(rtcp())
    expect(heard()).toEqual([])
    expect(transport.stats().dropped.beforeConnected).toBe(2)
    expect(transport.output.reserve(100)).toBe(-1)
  })

  test('a handshake that fails closes with dtls-failed', () => {
    const { arrive, dtls, heard, mux } = startedPeer()
    arrive(check())
    dtls().options.onEnd('failed', 'fingerprint mismatch')
    expect(heard()).toEqual(['closed dtls-failed'])
    expect(mux.peerCount).toBe(0)
  })

  test('not being connected in time closes with connect-timeout, checks or not', () => {
    const { arrive, time, heard, mux, scheduler } = startedPeer()
    time.advance(14_000)
    arrive(check())
    time.advance(999)
    expect(heard()).toEqual([])
    time.advance(1)
    expect(heard()).toEqual(['closed connect-timeout'])
    expect([mux.peerCount, mux.addressCount, scheduler.size]).toEqual([0, 0, 0])
  })

  test('one peer cannot make us look at more than a bounded number of DTLS datagrams', () => {
    const { arrive, dtls, time, transport } = startedPeer()
    arrive(check())
    for (let i = 0; i < 300; i++) arrive(dtlsRecord())
    expect(dtls().received).toHaveLength(50)
    expect(transport.stats().dropped.rateLimited).toBe(250)
    for (let second = 0; second < 12; second++) {
      time.advance(1000)
      for (let i = 0; i < 300; i++) arrive(dtlsRecord())
    }
    expect(dtls().received).toHaveLength(200)
  })
})

describe('a storm of joins', () => {
  /** A peer of its own address, with its own credentials, whose check waits. */
  const join = (world: ReturnType<typeof createWorld>, i: number) => {
    const local = { iceUfrag: `ufrag${i}`, icePwd: 'local-password-of-24-chr' }
    const peer = createPeer(world, { local })
    peer.transport.start()
    const from = `192.0.2.1 ${5000 + i}`
    world.arrive(check({ username: `${local.iceUfrag}:rUfr` }), from)
    return { ...peer, from }
  }

  test('waits for the turns of the event loop, and media does not', () => {
    const steps: (() => void)[] = []
    const world = createWorld((clock) => {
      return new JoinQueue({ clock, maxBytes: 1 << 20, defer: (step) => steps.push(step) })
    })
    const turn = () => {
      for (const step of steps.splice(0)) step()
    }
    const watching = join(world, 0)
    turn()
    watching.dtls().options.onConnected(FAKE_KEYS)
    const crowd = Array.from({ length: 20 }, (_, i) => join(world, i + 1))
    expect(world.sender.take().length, 'only the one that watches was answered').toBe(1)

    world.arrive(rtcp(), watching.from)
    world.arrive(check({ username: 'ufrag0:rUfr' }), watching.from)
    world.arrive(dtlsRecord(), watching.from)
    expect(watching.heard()).toEqual(['connected', 'rtcp 8'])
    expect(watching.dtls().received).toHaveLength(1)
    expect(world.sender.take().length).toBe(1)

    while (steps.length > 0) turn()
    expect(world.sender.take().length).toBe(20)
    for (const peer of crowd) world.arrive(dtlsRecord(), peer.from)
    expect(crowd.flatMap((peer) => peer.dtls().received)).toEqual([])
    while (steps.length > 0) turn()
    expect(crowd.map((peer) => peer.dtls().received.length)).toEqual(crowd.map(() => 1))
    expect(world.counters.joinsPutOff).toBe(0)
  })

  test('loses what is too much, and what is repeated is taken later', () => {
    const steps: (() => void)[] = []
    const world = createWorld((clock) => {
      return new JoinQueue({ clock, maxBytes: 4096, defer: (step) => steps.push(step) })
    })
    for (let i = 0; i < 40; i++) join(world, i)
    const { joinsPutOff } = world.counters
    expect(joinsPutOff).toBeGreaterThan(20)
    while (steps.length > 0) for (const step of steps.splice(0)) step()
    expect(world.sender.take().length).toBe(40 - joinsPutOff)
    world.arrive(check({ username: 'ufrag39:rUfr' }), '192.0.2.1 5039')
    for (const step of steps.splice(0)) step()
    expect(world.sender.take().length).toBe(1)
  })

  test('keeps what comes right behind the end of a handshake', () => {
    const steps: (() => void)[] = []
    const world = createWorld((clock) => {
      return new JoinQueue({ clock, maxBytes: 1 << 20, defer: (step) => steps.push(step) })
    })
    const turn = () => {
      for (const step of steps.splice(0)) step()
    }
    const peer = join(world, 0)
    turn()
    world.arrive(dtlsRecord(), peer.from)
    world.arrive(rtp('too early'), peer.from)
    turn()
    world.arrive(dtlsRecord(), peer.from)
    world.arrive(rtp('first'), peer.from)
    world.arrive(rtcp(), peer.from)
    turn()
    expect(peer.dtls().received).toHaveLength(2)
    peer.dtls().options.onConnected(FAKE_KEYS)
    world.arrive(rtp('second'), peer.from)
    while (steps.length > 0) turn()
    expect(peer.heard()).toEqual(['connected', 'rtp first', 'rtcp 8', 'rtp second'])
    expect(peer.transport.stats()).toMatchObject({ packetsIn: 7, dropped: { beforeConnected: 1 } })

    world.arrive(rtp('third'), peer.from)
    expect(peer.heard()).toEqual(['rtp third'])
  })

  test('of a peer that is gone by then changes nothing', () => {
    const steps: (() => void)[] = []
    const world = createWorld((clock) => {
      return new JoinQueue({ clock, maxBytes: 1 << 20, defer: (step) => steps.push(step) })
    })
    const peer = join(world, 0)
    for (const step of steps.splice(0)) step()
    world.arrive(dtlsRecord(), peer.from)
    world.arrive(check({ username: 'ufrag0:rUfr' }), peer.from)
    world.sender.take()
    peer.transport.close()
    world.sender.take()
    while (steps.length > 0) for (const step of steps.splice(0)) step()
    expect(peer.dtls().received).toEqual([])
    expect(world.sender.take()).toEqual([])
    expect([world.mux.peerCount, world.mux.addressCount]).toEqual([0, 0])
  })
})

describe('media', () => {
  test('authentic packets reach the handler, plain', () => {
    const { arrive, connect, heard, transport } = startedPeer()
    connect()
    arrive(rtp('hello'))
    arrive(rtcp())
    expect(heard()).toEqual(['connected', 'rtp hello', 'rtcp 8'])
    expect(transport.stats()).toMatchObject({
      rtpPacketsIn: 1,
      rtpBytesIn: rtp('hello').length,
      rtcpPacketsIn: 1,
      rtcpBytesIn: 12,
    })
  })

  test('every kind of refused packet is counted and reaches nobody', () => {
    const { arrive, connect, heard, transport } = startedPeer()
    connect()
    heard()
    arrive(rtp('x', 'EVIL'))
    arrive(rtcp('EVIL'))
    arrive(rtp('x', 'REPL'))
    // Says fifteen CSRCs and ends after the fixed header.
    arrive(Buffer.from('8f6000010000000000001234', 'hex'))
    expect(heard()).toEqual([])
    expect(transport.stats().dropped).toMatchObject({ srtpAuthentication: 2, srtpReplay: 1, srtpMalformed: 1 })
    expect(transport.stats().rtpPacketsIn).toBe(0)
  })

  test('packets are written, protected and sent, with room for what SRTP adds', () => {
    const { connect, transport, sender } = startedPeer()
    connect()
    const plain = rtp('out', '')
    const offset = transport.output.reserve(plain.length)
    // The larger of both overheads of the fake SRTP.
    expect(sender.reserved).toBe(plain.length + 8)
    plain.copy(transport.output.buffer, offset)
    transport.output.sendRtp(offset, 12, plain.length, 1)
    const report = rtcp('')
    const reportOffset = transport.output.reserve(report.length)
    report.copy(transport.output.buffer, reportOffset)
    transport.output.sendRtcp(reportOffset, report.length)
    expect(sender.take().map(({ bytes }) => bytes)).toEqual([
      Buffer.concat([plain, FAKE_TAG]),
      Buffer.concat([report, FAKE_TAG]),
    ])
    expect(transport.stats()).toMatchObject({ rtpPacketsOut: 1, rtpBytesOut: 19, rtcpPacketsOut: 1, rtcpBytesOut: 12 })
  })

  test('a full send queue is told, and counted', () => {
    const { connect, transport, sender } = startedPeer()
    connect()
    sender.full = true
    expect(transport.output.reserve(100)).toBe(-1)
    expect(transport.stats().dropped.sendQueueFull).toBe(1)
  })

  test('a packet that SRTP refuses to protect is not sent, and counted', () => {
    const { connect, transport, sender } = startedPeer({
      createSrtpSender: () => ({
        rtpOverhead: 0,
        rtcpOverhead: 0,
        protectRtp: () => 0,
        protectRtcp: () => 0,
        close: () => {},
      }),
    })
    connect()
    transport.output.sendRtp(transport.output.reserve(20), 12, 20, 1)
    transport.output.sendRtcp(transport.output.reserve(20), 20)
    expect(sender.take()).toEqual([])
    expect(transport.stats()).toMatchObject({ rtpPacketsOut: 0, rtcpPacketsOut: 0, dropped: { unprotected: 2 } })
  })
})

describe('silence', () => {
  test('makes the peer disconnected, and life makes it connected again', () => {
    const { connect, time, heard, arrive } = startedPeer()
    connect()
    time.advance(4999)
    expect(heard()).toEqual(['connected'])
    time.advance(1)
    expect(heard()).toEqual(['disconnected'])
    arrive(rtcp())
    expect(heard()).toEqual(['connected', 'rtcp 8'])
    time.advance(5000)
    arrive(check())
    expect(heard()).toEqual(['disconnected', 'connected'])
  })

  test('is only broken by what is authentic', () => {
    const { connect, time, heard, arrive } = startedPeer()
    connect()
    heard()
    for (let i = 0; i < 40; i++) {
      time.advance(1000)
      arrive(rtp('x', 'EVIL'))
      arrive(dtlsRecord())
      arrive(check({ password: 'wrong-wrong-wrong-wrong!' }))
    }
    expect(heard()).toEqual(['disconnected', 'closed consent-timeout'])
  })

  test('ends the peer after the consent timeout, counted from the last sign of life', () => {
    const { connect, time, heard, arrive, mux, scheduler, dtls } = startedPeer()
    connect()
    for (let i = 0; i < 20; i++) {
      time.advance(4000)
      arrive(i % 2 ? rtp() : check())
    }
    heard()
    time.advance(29_999)
    expect(heard()).toEqual(['disconnected'])
    time.advance(1)
    expect(heard()).toEqual(['closed consent-timeout'])
    expect(dtls().closed).toBe(1)
    expect([mux.peerCount, mux.addressCount, scheduler.size]).toEqual([0, 0, 0])
  })
})

describe('the end', () => {
  test('close says close_notify to the peer, frees everything and tells nobody', () => {
    const { connect, heard, sender, transport, arrive, mux, scheduler, counters } = startedPeer()
    connect()
    heard()
    transport.close()
    transport.close()
    expect(sender.take()).toMatchObject([{ bytes: Buffer.from('close_notify'), to: '192.0.2.1 5000' }])
    expect([mux.peerCount, mux.addressCount, scheduler.size]).toEqual([0, 0, 0])
    expect(transport.state).toBe('closed')
    expect(transport.output.reserve(10)).toBe(-1)
    arrive(rtp())
    arrive(check())
    expect(counters).toMatchObject({ srtpUnknownAddress: 1, stunUnknownUfrag: 1 })
    expect(heard()).toEqual([])
  })

  test('close before start leaves nothing, and nothing starts after it', () => {
    const world = createWorld()
    const { transport } = createPeer(world)
    transport.close()
    transport.start()
    expect(world.mux.peerCount).toBe(0)
  })

  test('close_notify of the peer closes with peer-closed', () => {
    const { connect, heard, dtls } = startedPeer()
    connect()
    heard()
    dtls().options.onEnd('close-notify', '')
    dtls().options.onEnd('close-notify', '')
    expect(heard()).toEqual(['closed peer-closed'])
  })

  test('keys that come after the end are not used', () => {
    const { dtls, transport, heard, arrive } = startedPeer()
    arrive(check())
    transport.close()
    dtls().options.onConnected(FAKE_KEYS)
    expect(heard()).toEqual([])
    expect(transport.state).toBe('closed')
  })
})

describe('a defect', () => {
  const failing = (where: 'onRtp' | 'connected' | 'disconnected') => {
    const states: string[] = []
    const handler = {
      onState: (state: string, reason?: string) => {
        states.push(`${state} ${reason ?? ''}`.trim())
        if (state === where) throw new Error('boom')
      },
      onRtp: () => {
        if (where === 'onRtp') throw new Error('boom')
      },
      onRtcp: () => {},
    }
    return { states, ...startedPeer({ handler }) }
  }

  test('in the handler of a packet closes that one peer', () => {
    const { states, connect, arrive, counters, mux, world } = failing('onRtp')
    connect()
    const other = createPeer(world, { local: { iceUfrag: 'otherUFR', icePwd: 'other-password-of-24-chr' } })
    other.transport.start()
    arrive(rtp())
    expect(states).toEqual(['connected', 'closed internal-error'])
    expect(counters.defects).toBe(1)
    expect(mux.peerCount).toBe(1)
    expect(other.transport.state).toBe('connecting')
  })

  test.each(['connected', 'disconnected'] as const)('in the handler of %s closes that one peer', (where) => {
    const { states, connect, time, counters, scheduler } = failing(where)
    connect()
    time.advance(6000)
    expect(states.at(-1)).toBe('closed internal-error')
    expect(counters.defects).toBe(1)
    expect(scheduler.size).toBe(0)
  })

  test('in the handler of closed is counted and goes nowhere', () => {
    const { dtls, counters } = startedPeer({
      handler: {
        onState: () => {
          throw new Error('boom')
        },
        onRtp: () => {},
        onRtcp: () => {},
      },
    })
    dtls().options.onEnd('failed', '')
    expect(counters.defects).toBe(1)
  })
})
