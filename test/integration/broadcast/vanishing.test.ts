/** Peers that go without a word, and peers that never come. */
import { afterEach, expect, it } from 'vitest'
import { Broadcast } from '../../../src/broadcast/broadcast.js'
import { joinViewer, TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { VIEWER_OFFER } from '../../support/offers.js'
import { waitFor } from '../../support/wait-for.js'

let broadcast: Broadcast
afterEach(() => broadcast.close())

it('frees a session that never connects', async () => {
  broadcast = new Broadcast({ ...TEST_OPTIONS, connectTimeoutMs: 200 })
  const { session } = await broadcast.addViewer(VIEWER_OFFER)
  await waitFor('the session ends', () => session.state === 'closed')
  expect(session.closeReason).toBe('connect-timeout')
  expect((await broadcast.stats()).sessions).toEqual([])
})

it('frees a viewer that vanishes, by way of disconnected', async () => {
  broadcast = new Broadcast({ ...TEST_OPTIONS, disconnectedAfterMs: 300, consentTimeoutMs: 900 })
  const viewer = await joinViewer(broadcast)
  await waitFor('it has joined', () => broadcast.viewers.length === 1)
  const session = broadcast.viewers[0]
  const states: string[] = []
  session?.on('state', (state) => states.push(state))
  viewer.vanish()
  await waitFor('the session ends', () => session?.state === 'closed')
  expect(states.slice(-2)).toEqual(['disconnected', 'closed'])
  expect(session?.closeReason).toBe('consent-timeout')
  await viewer.close()
})
