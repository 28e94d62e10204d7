import type { NetworkInterfaceInfo } from 'node:os'
import { describe, expect, test } from 'vitest'
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

const ipsOf = (listenIps: string[], announceIps: string[] = []) =>
  hostCandidates(listenIps, announceIps, 4000, INTERFACES).map(({ ip }) => ip)

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
    expect(ipsOf(['0.0.0.0', '::'], ['203.0.113.9', '203.0.113.9'])).toEqual(['203.0.113.9'])
  })

  test('have the priorities of RFC 8445, best first, and a foundation each', () => {
    const candidates = hostCandidates(['0.0.0.0', '::'], [], 4000, INTERFACES)
    expect(candidates[0]).toEqual({
      foundation: '1',
      component: 1,
      protocol: 'udp',
      // 126 for a host candidate, 65535 for the best address, 1 for RTP: the number that browsers show for it, too.
      priority: 2130706431,
      ip: '192.0.2.2',
      port: 4000,
      type: 'host',
    })
    const priorities = candidates.map(({ priority }) => priority)
    expect(priorities).toEqual([...new Set(priorities)].sort((a, b) => b - a))
    expect(new Set(candidates.map(({ foundation }) => foundation)).size).toBe(candidates.length)
  })
})
