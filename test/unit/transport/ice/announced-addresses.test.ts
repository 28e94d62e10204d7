import { describe, expect, test } from 'vitest'
import { type ResolveHost, resolveAnnounced } from '../../../../src/transport/ice/announced-addresses.js'

const asked: string[] = []
const resolve: ResolveHost = async (host) => {
  asked.push(host)
  if (host === 'sfu.example') return [{ address: '203.0.113.9' }, { address: '2001:db8::9' }]
  if (host === 'inside.example') return [{ address: '0.0.0.0' }]
  if (host === 'empty.example') return []
  throw new Error(`getaddrinfo ENOTFOUND ${host}`)
}
const refusal = (ip: string, hosts: 'refuse' | 'resolve') =>
  resolveAnnounced([{ ip }], hosts, resolve).then(
    () => 'taken',
    (error: unknown) => error,
  )

describe('announced addresses', () => {
  test('of both families are taken as they are, in canonical text', async () => {
    const announced = [{ ip: '203.0.113.9' }, { ip: '2001:DB8::0:9', localIp: 'fd00::2' }]
    expect(await resolveAnnounced(announced, 'refuse', resolve)).toEqual([
      { ip: '203.0.113.9' },
      { ip: '2001:db8::9', localIp: 'fd00::2' },
    ])
    expect(asked).toEqual([])
  })

  test('may be host names where those are resolved: all of their addresses, at their place', async () => {
    const announced = [{ ip: '198.51.100.1' }, { ip: 'sfu.example', localIp: '10.0.0.2' }]
    expect(await resolveAnnounced(announced, 'resolve', resolve)).toEqual([
      { ip: '198.51.100.1' },
      { ip: '203.0.113.9', localIp: '10.0.0.2' },
      { ip: '2001:db8::9', localIp: '10.0.0.2' },
    ])
  })

  test('that are host names are refused, and not looked up, by default', async () => {
    asked.length = 0
    expect(await refusal('sfu.example', 'refuse')).toMatchObject({
      code: 'option-invalid',
      details: { option: 'announceIps' },
      message: expect.stringContaining('announceHosts'),
    })
    expect(asked).toEqual([])
  })

  test.each(['unknown.example', 'empty.example'])(
    'that have no address, such as %s, are host-unresolved',
    async (host) => {
      expect(await refusal(host, 'resolve')).toMatchObject({ code: 'host-unresolved', details: { host } })
    },
  )

  test.each(['0.0.0.0', '::', '224.0.0.1', 'ff02::1', 'fe80::1', '::ffff:203.0.113.9', 'inside.example'])(
    'to which nobody can send, such as %s, are refused',
    async (ip) => {
      expect(await refusal(ip, 'resolve')).toMatchObject({ code: 'option-invalid' })
    },
  )
})
