import { expect, it } from 'vitest'
import { fakeSfu } from '../../support/fake-sfu.js'
import { VIEWER_OFFER } from '../../support/offers.js'

const CREDENTIALS = 'a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n'
const RESTART = 'a=ice-ufrag:new1\r\na=ice-pwd:newnewnewnewnewnewnewnew\r\n'
const candidate = (port: number) => `a=candidate:1 1 udp 1 192.0.2.1 ${port} typ host\r\n`

async function joined() {
  const { sfu, engine } = fakeSfu()
  const { session } = await sfu.broadcast('a').addViewer(VIEWER_OFFER)
  const ports = () => engine.candidates.get(session.id)?.map(({ port }) => port)
  return { session, engine, ports }
}

it('hands candidates on, and stays the same ICE session', async () => {
  const { session, ports } = await joined()
  const before = session.iceSessionId
  expect(await session.trickle(`${CREDENTIALS}${candidate(1)}`)).toEqual({ restarted: false })
  expect(await session.trickle(`${CREDENTIALS}${candidate(2)}a=end-of-candidates\r\n`)).toEqual({ restarted: false })
  expect(ports()).toEqual([1, 2])
  expect(session.iceSessionId).toBe(before)
})

it('is another ICE session after each restart, with the new candidates only', async () => {
  const { session, ports } = await joined()
  const names = [session.iceSessionId]
  await session.trickle(`${CREDENTIALS}${candidate(1)}`)
  const result = await session.trickle(`${RESTART}${candidate(2)}`)
  expect(result).toMatchObject({ restarted: true, fragment: expect.stringContaining('a=ice-ufrag:fakeUfrag1\r\n') })
  expect(ports()).toEqual([2])
  names.push(session.iceSessionId)
  await session.trickle(RESTART.replaceAll('new', 'other'))
  names.push(session.iceSessionId)
  expect(new Set(names).size).toBe(3)
  for (const name of names) expect(name).toMatch(/^[\w-]{12}$/)
})

it.each([
  ['sdp-invalid', 'hello'],
  ['ice-mismatch', CREDENTIALS.replace('abcd', 'efgh')],
  ['request-invalid', 1 as never],
])('rejects with %s, and nothing has changed', async (code, fragment) => {
  const { session, ports } = await joined()
  const before = session.iceSessionId
  await expect(session.trickle(fragment)).rejects.toMatchObject({ code })
  expect(session).toMatchObject({ iceSessionId: before, state: 'connecting' })
  expect(ports()).toBeUndefined()
})

it('rejects once it has ended', async () => {
  const { session } = await joined()
  await session.close()
  await expect(session.trickle(CREDENTIALS)).rejects.toMatchObject({ code: 'session-not-found' })
})
