/** Over real sockets: what is said with an offer holds from the first packet on. */
import { afterEach, expect, it } from 'vitest'
import { Broadcast } from '../../../src/broadcast/broadcast.js'
import { joinPublisher, joinViewer, streamVideo, TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { waitFor } from '../../support/wait-for.js'

const broadcast = new Broadcast(TEST_OPTIONS)
afterEach(() => broadcast.close())

it('a viewer that joins paused, or for another publisher, gets nothing until it says otherwise', async () => {
  const publisher = await joinPublisher(broadcast, { audio: false })
  const stop = streamVideo(publisher)
  const plain = await joinViewer(broadcast)
  const paused = await joinViewer(broadcast, { paused: { video: true } })
  const elsewhere = await joinViewer(broadcast, { publishers: ['slides'] })
  await waitFor('all are connected', () => broadcast.viewers.length === 3)
  const seen = plain.video.length
  await waitFor('the plain viewer gets video', () => plain.video.length >= seen + 50)
  expect([paused.video.length, elsewhere.video.length]).toEqual([0, 0])
  const [, pausedSession, elsewhereSession] = broadcast.viewers
  await pausedSession?.resume('video')
  await elsewhereSession?.selectPublishers(undefined)
  await waitFor('both get video', () => paused.video.length >= 20 && elsewhere.video.length >= 20)
  stop()
  await Promise.all([publisher, plain, paused, elsewhere].map((client) => client.close()))
})
