import { describe, expect, it } from 'vitest'
import { AddressTable } from '../../../src/broadcast/address-table.js'
import { DEFAULT_ADDRESS_LIMITS } from '../../../src/broadcast/session-limits.js'
import { addressKey } from '../../../src/util/address-key.js'

describe('the key of an address', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['::ffff:cb00:7109', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['::2', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['127.0.0.1', undefined],
    ['127.9.9.9', undefined],
    ['::1', undefined],
    ['::ffff:127.0.0.1', undefined],
  ])('%s is %s', (address, key) => {
    expect(addressKey(address)).toBe(key)
  })
})

describe('the table of addresses', () => {
  const table = (maxAddresses?: number) =>
    new AddressTable({ ...DEFAULT_ADDRESS_LIMITS, maxJoinsPerSecond: 1 }, maxAddresses)
  const at = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`

  it('has one tally per address', () => {
    const addresses = table()
    expect(addresses.tally(at(1), 0)).toBe(addresses.tally(at(1), 5))
    expect(addresses.tally(at(2), 0)).not.toBe(addresses.tally(at(1), 0))
    expect(addresses.tally('2001:db8::1', 0)).toBe(addresses.tally('2001:db8::2', 0))
    expect(addresses.tally('127.0.0.1', 0)).toBeUndefined()
  })

  it('forgets those that say nothing any more when others come', () => {
    const addresses = table()
    const busy = addresses.tally(at(0), 0)
    busy?.enter(undefined)
    for (let i = 1; i < 1000; i++) addresses.tally(at(i), 0)?.join(0)
    expect(addresses.size).toBe(1000)
    for (let i = 1000; i < 1500; i++) addresses.tally(at(i), 10_000)?.join(10_000)
    expect(addresses.size).toBeLessThan(510)
    expect(addresses.tally(at(0), 10_000)).toBe(busy)
  })

  it('remembers how fast an address came', () => {
    const addresses = table()
    for (let i = 0; i < 5; i++) addresses.tally(at(0), 0)?.join(0)
    for (let i = 1; i < 100; i++) addresses.tally(at(i), 1)?.join(1)
    expect(() => addresses.tally(at(0), 2)?.join(2)).toThrow(expect.objectContaining({ code: 'rate-limited' }))
  })

  it('does not grow beyond its bound, however many come', () => {
    const addresses = table(100)
    const busy = Array.from({ length: 50 }, (_, i) => addresses.tally(at(i), 0))
    for (const tally of busy) tally?.enter(undefined)
    for (let i = 1000; i < 5000; i++) {
      addresses.tally(at(i), 0)?.join(0)
      expect(addresses.size).toBeLessThanOrEqual(100)
    }
    expect(busy.map((_, i) => addresses.tally(at(i), 0))).toEqual(busy)
  })
})
