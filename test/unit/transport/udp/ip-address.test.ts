import { BlockList } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  canonicalUnicastIp,
  formatAddress,
  formatIp,
  parseIp,
  writeIp,
} from '../../../../src/transport/udp/ip-address.js'

describe('IP addresses', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('%s is written as %s', (text, canonical) => {
    expect(formatIp(parseIp(text) as Buffer)).toBe(canonical)
  })

  test('16 random bytes survive being text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }).map(Buffer.from), (bytes) => {
        expect(parseIp(formatIp(bytes))).toEqual(bytes)
      }),
    )
  })

  test('any spelling of an address is the same bytes for us as for Node', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const list = new BlockList()
        list.addAddress(formatIp(parseIp(text) as Buffer), 'ipv6')
        expect(list.check(text, 'ipv6')).toBe(true)
      }),
    )
  })

  test.each(['', 'localhost', '1.2.3', '1.2.3.4.5', '::1%lo', 'fe80::1%eth0', ':::', 'x.local'])(
    '%j is none',
    (text) => {
      expect(parseIp(text)).toBeUndefined()
    },
  )

  test.each([
    '0.0.0.0',
    '0.1.2.3',
    '224.0.0.251',
    '240.0.0.1',
    '255.255.255.255',
    '169.254.1.1',
    '::',
    'ff02::fb',
    'fe80::1',
    '::ffff:192.0.2.1',
    '::192.0.2.1',
    'host.local',
  ])('%s is nothing to send checks to', (text) => {
    expect(canonicalUnicastIp(text)).toBeUndefined()
  })

  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['10.1.2.3', '10.1.2.3'],
    ['::1', '::1'],
    ['FD00::2', 'fd00::2'],
  ])('%s may be checked, as %s', (text, canonical) => {
    expect(canonicalUnicastIp(text)).toBe(canonical)
  })

  test('a zone does not keep an address from being written', () => {
    const buffer = Buffer.alloc(16)
    writeIp('fe80::1%eth0', buffer, 0)
    expect(buffer).toEqual(parseIp('fe80::1'))
  })

  test('only IPv6 gets brackets', () => {
    expect(formatAddress('192.0.2.1', 80)).toBe('192.0.2.1:80')
    expect(formatAddress('::1', 80)).toBe('[::1]:80')
  })
})
