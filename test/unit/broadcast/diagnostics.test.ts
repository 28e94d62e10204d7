import diagnosticsChannel from 'node:diagnostics_channel'
import { afterEach, expect, it } from 'vitest'
import { fakeSfu } from '../../support/fake-sfu.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../support/offers.js'

const CHANNELS = [
  'manycast:session:opened',
  'manycast:session:connected',
  'manycast:session:closed',
  'manycast:session:refused',
  'manycast:broadcast:added',
  'manycast:broadcast:removed',
  'manycast:broadcast:live',
  'manycast:broadcast:idle',
]

let published: [string, unknown][] = []
const subscriber = (message: unknown, name: string | symbol): void => void published.push([String(name), message])

afterEach(() => {
  for (const name of CHANNELS) diagnosticsChannel.unsubscribe(name, subscriber)
  published = []
})

it('what happens is published, in its order', async () => {
  for (const name of CHANNELS) diagnosticsChannel.subscribe(name, subscriber)
  const { sfu, engine } = fakeSfu()
  const { session } = await sfu.publish(PUBLISHER_OFFER, { broadcast: 'a' })
  engine.simulateState(session.id, 'connected')
  await expect(sfu.view('nonsense', { broadcast: 'a' })).rejects.toThrow()
  await session.kick()
  expect(published).toEqual([
    ['manycast:broadcast:added', { broadcast: 'a' }],
    ['manycast:session:opened', { session }],
    ['manycast:session:connected', { session }],
    ['manycast:broadcast:live', { broadcast: 'a', session }],
    [
      'manycast:session:refused',
      { broadcast: 'a', role: 'viewer', error: expect.objectContaining({ code: 'sdp-invalid' }) },
    ],
    ['manycast:broadcast:idle', { broadcast: 'a' }],
    ['manycast:session:closed', { session, reason: 'kicked' }],
    ['manycast:broadcast:removed', { broadcast: 'a' }],
  ])
})

it('refused offers are events of the Sfu, each once, also those that reach no broadcast', async () => {
  const { sfu } = fakeSfu({ maxEphemeralBroadcasts: 0 })
  const refused: unknown[] = []
  sfu.on('offer-refused', ({ code }, role, broadcast) => refused.push([code, role, broadcast]))
  await expect(sfu.publish(PUBLISHER_OFFER)).rejects.toThrow()
  await expect(sfu.view(VIEWER_OFFER, { broadcast: 'x' })).rejects.toThrow()
  await expect(sfu.view(VIEWER_OFFER, { broadcast: 'x', requireLive: true })).rejects.toThrow()
  await expect(sfu.broadcast('y').addViewer('nonsense')).rejects.toThrow()
  await expect(sfu.view(VIEWER_OFFER, { broadcast: 'y', requireLive: true })).rejects.toThrow()
  expect(refused).toEqual([
    ['request-invalid', 'publisher', undefined],
    ['limit-reached', 'viewer', 'x'],
    ['not-live', 'viewer', 'x'],
    ['sdp-invalid', 'viewer', 'y'],
    ['not-live', 'viewer', 'y'],
  ])
})
