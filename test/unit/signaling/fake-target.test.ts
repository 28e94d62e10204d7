import { expect, it } from 'vitest'
import { fakeTarget } from '../../../src/testing/index.js'

it('keeps the calls and the open sessions', async () => {
  const target = fakeTarget()
  const { session, type } = await target.publish(
    { type: 'offer', sdp: 'v=0\r\n' },
    { broadcast: 'a', metadata: { user: 1 } },
  )
  expect(type).toBe('answer')
  expect(target.session(session.id)).toBe(session)
  expect(session).toMatchObject({ role: 'publisher', broadcast: 'a', state: 'connecting', metadata: { user: 1 } })
  expect(target.calls[0]).toMatchObject({ method: 'publish', sdp: 'v=0\r\n' })
  await session.close('peer-closed')
  await session.close('closed')
  expect(session).toMatchObject({ state: 'closed', closeReason: 'peer-closed' })
  expect(target.session(session.id)).toBeUndefined()
  expect(target.sessions).toEqual([])
})

it('fails as often as it was told, and rejects what is no SDP', async () => {
  const target = fakeTarget()
  target.failNext(new Error('first'))
  await expect(target.view('v=0\r\n')).rejects.toThrow('first')
  await expect(target.view('v=0\r\n')).resolves.toMatchObject({ type: 'answer' })
  await expect(target.view('hello')).rejects.toMatchObject({ code: 'sdp-invalid' })
})
