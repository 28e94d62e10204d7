/** Over real sockets: what is said with an offer holds from the first packet on. */
import { afterEach, expect, it } from 'vitest'
import { Broadcast } from '../../../src/broadcast/broadcast.js'
import { joinPublisher, joinViewer, TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { waitFor } from '../../support/wait-for.js'

const broadcast = new Broadcast(TEST_OPTIONS)
afterEach(() => broadcast.close())

it('a viewer that joins paused, or for another publisher, gets nothing until it says otherwise', async () => {
  const publisher = await joinPublisher(broadcast, { audio: false })
  const plain = await joinViewer(broadcast)
  const paused = await joinViewer(broadcast, { paused: { video: true } })
  const elsewhere = await joinViewer(broadcast, { publishers: ['slides'] })
  await waitFor('all are connected', () => broadcast.viewers.length === 3)
  await plain.whenReceived({ videoPackets: 50 }, { since: plain.received, withinMs: 15_000 })
  expect([paused, elsewhere].map(({ received }) => received.video.packets)).toEqual([0, 0])
  const [, pausedSession, elsewhereSession] = broadcast.viewers
  await pausedSession?.resume('video')
  await elsewhereSession?.selectPublishers(undefined)
  await Promise.all([paused, elsewhere].map((viewer) => viewer.whenReceived({ frames: 10 }, { withinMs: 15_000 })))
  await Promise.all([publisher, plain, paused, elsewhere].map((client) => client.close()))
})
