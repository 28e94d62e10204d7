/** What answers say of where the media port is. */
import { afterEach, expect, it } from 'vitest'
import { Sfu } from '../../../src/broadcast/sfu.js'
import type { SfuOptions } from '../../../src/broadcast/sfu-options.js'
import { LightClient } from '../../support/light-client.js'

const closers: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** Protocol and address of each candidate in an answer, and in the fragment of an ICE restart. */
async function candidates(options: SfuOptions): Promise<{ answer: string[]; restart: string[] }> {
  const sfu = new Sfu({ workers: 0, listenIps: ['127.0.0.1'], ...options })
  closers.push(() => sfu.close())
  const viewer = await LightClient.create('viewer')
  closers.push(() => viewer.close())
  const { sdp, session } = await sfu.broadcast('main').addViewer(viewer.offer)
  const result = await session.trickle(viewer.fragment(true))
  const read = (text: string) =>
    [...text.matchAll(/^a=candidate:\S+ 1 (\S+) \d+ (\S+) \d+ typ host/gm)].map(
      ([, protocol, ip]) => `${protocol} ${ip}`,
    )
  return { answer: read(sdp), restart: read(result.restarted ? result.fragment : '') }
}

it('several announced addresses of both families are in the answer, in their order, UDP first', async () => {
  const { answer, restart } = await candidates({ announceIps: ['203.0.113.7', '2001:DB8::7', '198.51.100.7'] })
  const ips = ['203.0.113.7', '2001:db8::7', '198.51.100.7']
  expect(answer).toEqual([...ips.map((ip) => `udp ${ip}`), ...ips.map((ip) => `tcp ${ip}`)])
  expect(restart).toEqual(answer)
})

it('a public address for one of its own takes the place of that one', async () => {
  const mapped = { announceIps: { ip: '203.0.113.7', localIp: '127.0.0.1' }, iceTcp: false }
  expect((await candidates(mapped)).answer).toEqual(['udp 203.0.113.7'])
  const other = { announceIps: { ip: '203.0.113.7', localIp: '10.1.2.3' }, iceTcp: false }
  expect((await candidates(other)).answer).toEqual(['udp 127.0.0.1'])
})

it('a host name is looked up where that is wanted, and an option-invalid where it is not', async () => {
  const { answer } = await candidates({ announceIps: 'localhost', announceHosts: 'resolve', iceTcp: false })
  expect(answer.length).toBeGreaterThan(0)
  expect(['udp 127.0.0.1', 'udp ::1']).toEqual(expect.arrayContaining(answer))
  expect(() => new Sfu({ announceIps: 'localhost' })).toThrow(expect.objectContaining({ code: 'option-invalid' }))
})

it('an address that nobody can send to is refused when the port is opened', async () => {
  await expect(candidates({ announceIps: '0.0.0.0' })).rejects.toMatchObject({
    code: 'option-invalid',
    details: { option: 'announceIps' },
  })
})
