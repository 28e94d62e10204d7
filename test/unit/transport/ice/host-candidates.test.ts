import type { NetworkInterfaceInfo } from 'node:os'
import { describe, expect, test } from 'vitest'
import type { AnnouncedAddress } from '../../../../src/transport/ice/announced-addresses.js'
import { hostCandidates } from '../../../../src/transport/ice/host-candidates.js'

function info(address: string, internal = false): NetworkInterfaceInfo {
  const common = { address, netmask: '', mac: '', internal, cidr: null }
  return address.includes(':') ? { ...common, family: 'IPv6', scopeid: 0 } : { ...common, family: 'IPv4' }
}

const INTERFACES = {
  lo: [info('127.0.0.1', true), info('::1', true)],
  eth0: [info('192.0.2.2'), info('2001:db8::2'), info('fe80::2')],
  eth1: [info('10.0.0.2'), info('169.254.7.7')],
}

const candidates = (listenIps: string[], announced: AnnouncedAddress[] = [], tcp = false) =>
  hostCandidates({ listenIps, announced, port: 4000, tcp }, INTERFACES)

const ipsOf = (listenIps: string[], announced: AnnouncedAddress[] = []) =>
  candidates(listenIps, announced).map(({ ip }) => ip)

describe('host candidates', () => {
  test('of wildcards are all addresses of the family, loopback last, link-local not at all', () => {
    expect(ipsOf(['0.0.0.0', '::'])).toEqual(['192.0.2.2', '10.0.0.2', '2001:db8::2', '127.0.0.1', '::1'])
    expect(ipsOf(['0.0.0.0'])).toEqual(['192.0.2.2', '10.0.0.2', '127.0.0.1'])
    expect(ipsOf(['::'])).toEqual(['2001:db8::2', '::1'])
  })

  test('of literal listen addresses are these', () => {
    expect(ipsOf(['10.0.0.2', '::1'])).toEqual(['10.0.0.2', '::1'])
  })

  test('are exactly the announced addresses if there are any', () => {
    expect(ipsOf(['0.0.0.0', '::'], [{ ip: '203.0.113.9' }, { ip: '203.0.113.9' }])).toEqual(['203.0.113.9'])
    expect(ipsOf(['0.0.0.0'], [{ ip: '203.0.113.9' }, { ip: '2001:db8:9::9' }])).toEqual([
      '203.0.113.9',
      '2001:db8:9::9',
    ])
  })

  test('are announced one by one where each own address has its public one', () => {
    const announced = [
      { ip: '203.0.113.2', localIp: '10.0.0.2' },
      { ip: '2001:db8:9::9', localIp: '2001:DB8:0::2' },
      { ip: '203.0.113.77', localIp: '10.7.7.7' },
    ]
    // Nothing stands for 192.0.2.2, and the machine has no 10.7.7.7.
    const expected = ['192.0.2.2', '203.0.113.2', '2001:db8:9::9', '127.0.0.1', '::1']
    expect(ipsOf(['0.0.0.0', '::'], announced)).toEqual(expected)
    expect(ipsOf(['10.0.0.2'], announced)).toEqual(['203.0.113.2'])
  })

  test('are those that stand for all first, and then those that stand for one', () => {
    const announced = [{ ip: '203.0.113.2', localIp: '10.0.0.2' }, { ip: '203.0.113.9' }]
    expect(ipsOf(['0.0.0.0', '::'], announced)).toEqual(['203.0.113.9', '203.0.113.2'])
  })

  test('of TCP are passive, come behind those of UDP, and have a lower priority than any of them', () => {
    const all = candidates(['0.0.0.0', '::'], [], true)
    const udp = all.slice(0, all.length / 2)
    const tcp = all.slice(all.length / 2)
    expect(udp).toEqual(candidates(['0.0.0.0', '::']))
    expect(tcp.map(({ ip }) => ip)).toEqual(udp.map(({ ip }) => ip))
    expect(tcp[0]).toEqual({
      foundation: '6',
      component: 1,
      protocol: 'tcp',
      // 90 for TCP, 4 for passive in the upper three bits of 16 (RFC 6544, section 4.2).
      priority: 90 * 2 ** 24 + (4 * 2 ** 13 + 8191) * 2 ** 8 + 255,
      ip: '192.0.2.2',
      port: 4000,
      type: 'host',
      tcpType: 'passive',
    })
    const priorities = all.map(({ priority }) => priority)
    expect(priorities).toEqual([...new Set(priorities)].sort((a, b) => b - a))
    expect(new Set(all.map(({ foundation }) => foundation)).size).toBe(all.length)
  })

  test('have the priorities of RFC 8445, best first, and a foundation each', () => {
    const all = candidates(['0.0.0.0', '::'])
    expect(all[0]).toEqual({
      foundation: '1',
      component: 1,
      protocol: 'udp',
      // 126 for a host candidate, 65535 for the best address, 1 for RTP: the number that browsers show for it, too.
      priority: 2130706431,
      ip: '192.0.2.2',
      port: 4000,
      type: 'host',
    })
    const priorities = all.map(({ priority }) => priority)
    expect(priorities).toEqual([...new Set(priorities)].sort((a, b) => b - a))
    expect(new Set(all.map(({ foundation }) => foundation)).size).toBe(all.length)
  })
})
