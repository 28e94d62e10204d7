import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { check, createPeer, createWorld, dtlsRecord, rtcp, rtp } from '../transport-fixtures.js'

describe('the mux', () => {
  test('counts every kind of input that has no peer', () => {
    const { arrive, counters, sender } = createWorld()
    arrive(rtp())
    arrive(rtcp())
    arrive(dtlsRecord())
    arrive(check())
    arrive(check().subarray(0, 40))
    arrive(Buffer.alloc(0))
    arrive(Buffer.from('GET / HTTP/1.1'))
    arrive(Buffer.alloc(1400))
    expect(counters).toMatchObject({
      datagramsIn: 8,
      srtpUnknownAddress: 2,
      dtlsUnknownAddress: 1,
      stunUnknownUfrag: 1,
      stunMalformed: 2,
      unclassified: 2,
    })
    expect(sender.take()).toEqual([])
  })

  test('the same address on another socket, or the same port of another address, is somebody else', () => {
    const { arrive, counters, mux, ...world } = createWorld()
    const { connect, heard } = createPeer({ arrive, counters, mux, ...world })
    connect('192.0.2.1 5000')
    heard()
    mux.receive(rtp(), '192.0.2.1', 5000, 1)
    arrive(rtp(), '192.0.2.2 5000')
    arrive(rtp(), '192.0.2.1 5001')
    expect(heard()).toEqual([])
    expect(counters.srtpUnknownAddress).toBe(3)
  })

  test('RTCP that lies among other datagrams reaches its peer, and whatever else is there is taken as it is', () => {
    const world = createWorld()
    const { connect, heard } = createPeer(world)
    connect('192.0.2.1 5000')
    heard()
    const report = (datagram: Buffer, port = 5000): void => {
      const shared = Buffer.concat([Buffer.alloc(7, 0xff), datagram, Buffer.alloc(9, 0xff)])
      world.mux.receiveReport(shared, 7, 7 + datagram.length, '192.0.2.1', port, 0)
      // Its memory is used for the next one.
      shared.fill(0xee)
    }
    world.arrive(rtcp())
    world.arrive(rtp())
    const usual = heard()
    const { datagramsIn, bytesIn } = world.counters
    report(rtcp())
    report(rtp())
    expect(heard()).toEqual(usual)
    report(rtcp(), 5001)
    report(Buffer.alloc(3))
    expect(heard()).toEqual([])
    expect(world.counters).toMatchObject({ srtpUnknownAddress: 1, unclassified: 1, datagramsIn: datagramsIn + 4 })
    expect(world.counters.bytesIn).toBe(bytesIn + 2 * rtcp().length + rtp().length + 3)
  })

  test('a check from port 0, to which nothing can be sent, is dropped', () => {
    const { arrive, counters, sender, ...world } = createWorld()
    createPeer({ arrive, counters, sender, ...world }).transport.start()
    arrive(check(), '192.0.2.1 0')
    expect(sender.take()).toEqual([])
    expect(counters.unclassified).toBe(1)
  })

  test('random datagrams never throw, are never answered, and do not disturb a connected peer', () => {
    const world = createWorld()
    const { connect, heard, dtls, transport } = createPeer(world)
    connect('192.0.2.1 5000')
    heard()
    const first = fc.constantFrom(0, 1, 2, 20, 22, 64, 128, 144, 191, 255)
    const random = fc
      .tuple(first, fc.uint8Array({ maxLength: 120 }))
      .map(([byte, rest]) => Buffer.from([byte, ...rest]))
    const seeds = [check(), check({ useCandidate: true, role: undefined }), dtlsRecord(), rtp(), rtcp()]
    const mutated = fc
      .tuple(fc.constantFrom(...seeds), fc.nat(200), fc.integer({ min: 1, max: 255 }), fc.nat(200))
      .map(([seed, at, mask, cut]) => {
        const bytes = Buffer.from(seed.subarray(0, Math.max(1, seed.length - (cut % 7))))
        // Not in the last eight bytes: a fingerprint that turned into an unknown attribute leaves an authentic check without one.
        const target = at % Math.max(1, bytes.length - 8)
        bytes[target] = (bytes[target] as number) ^ mask
        return bytes
      })
    const strangers = fc.constantFrom('192.0.2.66 5000', '192.0.2.66 6000', '2001:db8::66 5000')
    fc.assert(
      fc.property(fc.oneof(random, mutated), strangers, (datagram, from) => {
        world.arrive(datagram, from)
        expect(world.sender.take()).toEqual([])
      }),
      { numRuns: 3000 },
    )
    expect(world.mux.addressCount).toBe(1)
    expect(world.counters.defects).toBe(0)
    expect(dtls().received).toEqual([])
    expect(heard()).toEqual([])
    expect(transport.state).toBe('connected')
  })
})
