import { describe, expect, it } from 'vitest'
import { nodeHttp } from '../../../src/signaling/index.js'
import { forwardedAddress, resolveTrustProxy, type TrustProxy } from '../../../src/signaling/trust-proxy.js'

const PROXY = '10.1.2.3'

function address(trust: TrustProxy | undefined, forwardedFor: string | null, remote = PROXY): string {
  return forwardedAddress(remote, forwardedFor, resolveTrustProxy(trust))
}

describe('the address of a client', () => {
  it('is that of the connection as long as no proxy is trusted', () => {
    expect(address(undefined, '203.0.113.9')).toBe(PROXY)
    expect(address(false, '203.0.113.9')).toBe(PROXY)
    expect(address(0, '203.0.113.9')).toBe(PROXY)
    expect(address([], '203.0.113.9')).toBe(PROXY)
  })

  it('is what the proxy in front says, and not what the client wrote before it', () => {
    expect(address(true, '1.1.1.1, 203.0.113.9')).toBe('203.0.113.9')
    expect(address(1, '1.1.1.1,203.0.113.9')).toBe('203.0.113.9')
    expect(address(2, '1.1.1.1, 203.0.113.9, 10.0.0.8')).toBe('203.0.113.9')
  })

  it('is the last of the chain that no trusted proxy has', () => {
    const trusted = ['10.0.0.0/8', '2001:db8::/32', '192.0.2.7']
    expect(address(trusted, '1.1.1.1, 203.0.113.9, 192.0.2.7, 10.9.9.9')).toBe('203.0.113.9')
    expect(address(trusted, '203.0.113.9', '198.51.100.1')).toBe('198.51.100.1')
    expect(address(trusted, '203.0.113.9', '2001:db8::5')).toBe('203.0.113.9')
  })

  it('is the first of the chain if all of it is trusted', () => {
    expect(address(5, '203.0.113.9')).toBe('203.0.113.9')
    expect(address(['0.0.0.0/0'], '203.0.113.9, 203.0.113.8')).toBe('203.0.113.9')
  })

  it.each([null, '', 'unknown', '_hidden', '203.0.113.9, garbage', '<script>'])(
    'is the proxy where it says %j',
    (said) => {
      expect(address(true, said)).toBe(PROXY)
    },
  )

  it.each([
    ['203.0.113.9:4711', '203.0.113.9'],
    ['[2001:DB8::9]:4711', '2001:db8::9'],
    ['[2001:db8::9]', '2001:db8::9'],
    ['2001:db8::9', '2001:db8::9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('has no port, no brackets and no IPv4 in IPv6: %j', (said, expected) => {
    expect(address(true, said)).toBe(expected)
    if (!said.endsWith(':4711') && !said.startsWith('[')) expect(address(false, null, said)).toBe(expected)
  })

  it.each(['yes', -1, 1.5, 33, ['proxy'], ['10.0.0.0/33'], ['10.0.0.0/'], [''], [7]])(
    'cannot be had by trusting %j',
    (trust) => {
      expect(() => nodeHttp(async () => new Response(), { trustProxy: trust as never })).toThrow(
        expect.objectContaining({ code: 'option-invalid', details: { option: 'trustProxy' } }),
      )
    },
  )
})
