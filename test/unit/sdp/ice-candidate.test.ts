import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatIceCandidate, parseIceCandidate } from '../../../src/sdp/ice-candidate.js'
import type { IceCandidate } from '../../../src/sdp/types.js'

const HOST =
  '842163049 1 udp 1677729535 203.0.113.5 46154 typ srflx raddr 10.0.0.1 rport 46154 generation 0 network-cost 999'

describe('ICE candidates', () => {
  it('are read with their extensions passed over', () => {
    expect(parseIceCandidate(HOST)).toEqual({
      foundation: '842163049',
      component: 1,
      protocol: 'udp',
      priority: 1677729535,
      ip: '203.0.113.5',
      port: 46154,
      type: 'srflx',
    })
  })

  it('are read with the name of the attribute before them, as RTCIceCandidate writes it', () => {
    expect(parseIceCandidate(`candidate:${HOST}`)).toEqual(parseIceCandidate(HOST))
    expect(parseIceCandidate(`a=candidate:${HOST}`)).toEqual(parseIceCandidate(HOST))
  })

  it('of TCP have their tcptype', () => {
    expect(parseIceCandidate('1 1 TCP 1 192.0.2.1 9 typ host tcptype active')).toMatchObject({
      protocol: 'tcp',
      tcpType: 'active',
    })
  })

  it.each([
    ['an mDNS name', '1 1 udp 1 4d5b18db-caac-465e-b195-86f90a168c53.local 57221 typ host'],
    ['a host name', '1 1 udp 1 example.org 57221 typ host'],
    ['component 2', '1 2 udp 1 192.0.2.1 57221 typ host'],
    ['an unknown transport', '1 1 sctp 1 192.0.2.1 57221 typ host'],
    ['an unknown type', '1 1 udp 1 192.0.2.1 57221 typ guest'],
    ['a port too high', '1 1 udp 1 192.0.2.1 65536 typ host'],
    ['port 0', '1 1 udp 1 192.0.2.1 0 typ host'],
    ['a scoped address', '1 1 udp 1 fe80::1%eth0 5000 typ host'],
    ['a priority too high', '1 1 udp 4294967296 192.0.2.1 5000 typ host'],
    ['TCP without tcptype', '1 1 tcp 1 192.0.2.1 5000 typ host'],
    ['a foundation with a bracket', '<1> 1 udp 1 192.0.2.1 5000 typ host'],
    ['nothing', ''],
  ])('that cannot be used are undefined: %s', (_, text) => {
    expect(parseIceCandidate(text)).toBeUndefined()
  })

  it('that are cut off are undefined', () => {
    const text = '1 1 udp 1 192.0.2.1 5000 typ host'
    for (let length = 0; length < text.length; length++)
      expect(parseIceCandidate(text.slice(0, length))).toBeUndefined()
  })

  it('come back as they were written', () => {
    const candidate: fc.Arbitrary<IceCandidate> = fc
      .record({
        foundation: fc.stringMatching(/^[A-Za-z0-9+/]{1,32}$/),
        component: fc.constant(1),
        priority: fc.integer({ min: 0, max: 0xffff_ffff }),
        ip: fc.oneof(fc.ipV4(), fc.ipV6()),
        port: fc.integer({ min: 1, max: 65_535 }),
        type: fc.constantFrom('host', 'srflx', 'prflx', 'relay'),
        tcpType: fc.constantFrom(undefined, 'active', 'passive', 'so'),
      })
      .map(({ tcpType, ...rest }) =>
        tcpType === undefined ? { ...rest, protocol: 'udp' } : { ...rest, protocol: 'tcp', tcpType },
      )
    fc.assert(
      fc.property(candidate, (one) => {
        expect(parseIceCandidate(formatIceCandidate(one))).toEqual(one)
      }),
    )
  })

  it('made of random text are read or undefined', () => {
    const words = fc.array(fc.oneof(fc.string(), fc.constantFrom(...HOST.split(' '))), { maxLength: 12 })
    fc.assert(
      fc.property(words, (list) => {
        const candidate = parseIceCandidate(list.join(' '))
        if (candidate) expect(candidate.component).toBe(1)
      }),
    )
  })
})
