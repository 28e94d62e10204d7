/** The claim of the first page: the publisher uploads once, whatever the number of viewers. */
import { afterEach, expect, it } from 'vitest'
import { Broadcast } from '../../../src/broadcast/broadcast.js'
import { joinPublisher, joinViewer, TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { waitFor } from '../../support/wait-for.js'

const broadcast = new Broadcast(TEST_OPTIONS)
afterEach(() => broadcast.close())

it('costs 11x in total for 10 viewers, of which the publisher uploads 1x', async () => {
  const viewers = await Promise.all(Array.from({ length: 10 }, () => joinViewer(broadcast)))
  const publisher = await joinPublisher(broadcast, { audio: false, video: { bitrateBps: 1_000_000 } })
  await Promise.all(viewers.map((viewer) => viewer.whenReceived({ videoPackets: 300 }, { withinMs: 30_000 })))
  publisher.pause()
  await waitFor('all of it has arrived', async () => {
    const { totals } = await broadcast.stats()
    const arrived = viewers.map(({ received: { video } }) => video.packets + video.duplicates)
    return totals.rtpPacketsOut === arrived.reduce((sum, packets) => sum + packets, 0)
  })
  const { totals } = await broadcast.stats()
  const upload = totals.rtpBytesIn
  const total = totals.rtpBytesIn + totals.rtpBytesOut
  expect(upload).toBeGreaterThan(300 * 1000)
  expect(total / upload).toBeGreaterThan(11 * 0.95)
  expect(total / upload).toBeLessThan(11 * 1.05)
  await Promise.all([publisher, ...viewers].map((client) => client.close()))
})
