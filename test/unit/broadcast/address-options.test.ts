import { describe, expect, it } from 'vitest'
import { type AddressOptions, resolveAddressOptions } from '../../../src/broadcast/address-options.js'
import { DEFAULT_ICE_TCP } from '../../../src/engine/engine-config.js'

const refused = (options: unknown) => {
  try {
    resolveAddressOptions(options as AddressOptions)
  } catch (error) {
    return error
  }
  return 'taken'
}

describe('the options of addresses', () => {
  it('announce nothing, look up nothing and take TCP by default', () => {
    expect(resolveAddressOptions({})).toEqual({ announceIps: [], announceHosts: 'refuse', iceTcp: DEFAULT_ICE_TCP })
  })

  it('take one address or several, of both families, for all or for one of the own', () => {
    expect(resolveAddressOptions({ announceIps: '203.0.113.7' }).announceIps).toEqual([{ ip: '203.0.113.7' }])
    const announceIps = ['203.0.113.7', { ip: '2001:db8::7', localIp: 'fd00::2' }, { ip: '203.0.113.8' }]
    expect(resolveAddressOptions({ announceIps }).announceIps).toEqual([
      { ip: '203.0.113.7' },
      { ip: '2001:db8::7', localIp: 'fd00::2' },
      { ip: '203.0.113.8' },
    ])
  })

  it('take host names with announceHosts: "resolve" only', () => {
    expect(refused({ announceIps: 'sfu.example' })).toMatchObject({
      code: 'option-invalid',
      details: { option: 'announceIps' },
      message: expect.stringContaining('announceHosts'),
    })
    const announceIps = ['sfu.example', { ip: 'localhost', localIp: '10.0.0.2' }]
    expect(resolveAddressOptions({ announceIps, announceHosts: 'resolve' }).announceIps).toEqual([
      { ip: 'sfu.example' },
      { ip: 'localhost', localIp: '10.0.0.2' },
    ])
    for (const host of ['', '-a.example', 'a b', 'http://sfu.example', 'sfu..example', `${'a'.repeat(64)}.example`]) {
      expect(refused({ announceIps: host, announceHosts: 'resolve' })).toMatchObject({ code: 'option-invalid' })
    }
  })

  it.each([
    { announceIps: 7 },
    { announceIps: [null] },
    { announceIps: [{ localIp: '10.0.0.2' }] },
    { announceIps: { ip: '203.0.113.7', localIp: 'eth0' } },
    { announceHosts: 'yes' },
    { iceTcp: 'on' },
    { iceTcp: null },
    { iceTcp: [] },
    { iceTcp: { maxConnections: 0 } },
    { iceTcp: { checkTimeoutMs: 1 } },
    { iceTcp: { maxQueueBytes: Number.NaN } },
  ])('refuse %o', (options) => {
    expect(refused(options)).toMatchObject({ code: 'option-invalid' })
  })

  it('take bounds of ICE-TCP, and leave the others at their defaults', () => {
    expect(resolveAddressOptions({ iceTcp: { maxConnections: 7 } }).iceTcp).toEqual({
      ...DEFAULT_ICE_TCP,
      maxConnections: 7,
    })
    expect(resolveAddressOptions({ iceTcp: false }).iceTcp).toBeUndefined()
    expect(resolveAddressOptions({ iceTcp: true }).iceTcp).toBe(DEFAULT_ICE_TCP)
  })
})
