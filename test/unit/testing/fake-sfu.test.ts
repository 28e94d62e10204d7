/** The Sfu without media, as an application uses it. */
import { expect, it } from 'vitest'
import { fakeSfu } from '../../../src/testing/index.js'
import { PUBLISHER_OFFER, VIEWER_OFFER } from '../../support/offers.js'

it('answers for real, and connects when the test says so', async () => {
  const { sfu, media } = fakeSfu()
  const broadcast = sfu.broadcast('main')
  const { sdp, session } = await broadcast.addPublisher(PUBLISHER_OFFER)
  expect(sdp).toContain('a=recvonly')
  expect([session.state, broadcast.live]).toEqual(['connecting', false])
  media.connect(session)
  expect([session.state, broadcast.live]).toEqual(['connected', true])
  media.disconnect(session)
  expect(session.state).toBe('disconnected')
  media.end(session)
  media.connect(session)
  expect([session.state, session.closeReason, broadcast.live]).toEqual(['closed', 'peer-closed', false])
})

it('keeps the limits of the Sfu, on virtual time', async () => {
  const { sfu, media, clock } = fakeSfu({ idleTimeoutMs: 60_000, limits: { maxViewers: 1 } })
  const broadcast = sfu.broadcast('main')
  const { session } = await broadcast.addPublisher(PUBLISHER_OFFER)
  media.connect(session)
  await broadcast.addViewer(VIEWER_OFFER)
  await expect(broadcast.addViewer(VIEWER_OFFER)).rejects.toMatchObject({ code: 'limit-reached' })
  media.end(session)
  clock.advance(59_999)
  expect(sfu.broadcasts()).toEqual([broadcast])
  clock.advance(1)
  expect(sfu.broadcasts()).toEqual([])
})

it('lets publishers speak and send, and viewers get other layers', async () => {
  const { sfu, media, clock } = fakeSfu({ limits: { maxPublishedBps: 100_000 } })
  const broadcast = sfu.broadcast('main')
  const { session: publisher } = await broadcast.addPublisher(PUBLISHER_OFFER)
  const { session: viewer } = await broadcast.addViewer(VIEWER_OFFER)
  media.connect(publisher)
  media.connect(viewer)
  const speakers: unknown[] = []
  broadcast.on('active-speaker', (session) => speakers.push(session?.id))
  media.speak(publisher, true)
  media.speak(publisher, false)
  expect(speakers).toEqual([publisher.id, undefined])
  const layers: unknown[] = []
  viewer.on('layer', (layer) => layers.push(layer))
  const layer = { mid: '1', publisher: 'main', reason: 'bandwidth' }
  media.forward(viewer, layer as never)
  expect(layers).toEqual([layer])
  for (let i = 0; i < 5 && publisher.state !== 'closed'; i++) {
    media.send(publisher, 1_000_000)
    clock.advance(5000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(publisher.closeReason).toBe('limit-exceeded')
})
