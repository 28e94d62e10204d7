/** Two servers of ours in one process: media go from one to the other by an offer of either, through plain function calls. */
import { afterEach, describe, expect, test } from 'vitest'
import { Broadcast } from '../../../src/broadcast/broadcast.js'
import { joinPublisher, joinViewer, TEST_OPTIONS } from '../../support/broadcast-scene.js'
import { waitFor } from '../../support/wait-for.js'

const closers: (() => Promise<unknown> | unknown)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

function scene() {
  const origin = new Broadcast(TEST_OPTIONS)
  const edge = new Broadcast(TEST_OPTIONS)
  closers.push(
    () => origin.close(),
    () => edge.close(),
  )
  return { origin, edge }
}

async function publish(broadcast: Broadcast) {
  const publisher = await joinPublisher(broadcast)
  closers.push(() => publisher.close())
}

async function watch(broadcast: Broadcast) {
  const viewer = await joinViewer(broadcast)
  closers.push(() => viewer.close())
  return viewer
}

const MEDIA = { keyframes: 1, frames: 30, audioPackets: 50 }
const WAIT = { withinMs: 15_000 }

describe('a server that makes the offer', () => {
  test('pulls: a viewer of ours gets what is published to the other server', async () => {
    const { origin, edge } = scene()
    await publish(origin)
    const offer = await edge.offerPublisher()
    await offer.accept((await origin.addViewer(offer.sdp)).sdp)
    const viewer = await watch(edge)
    await viewer.whenReceived(MEDIA, WAIT)
    expect(edge.publishers).toEqual([offer.session])
    expect((await offer.session.stats())?.transport?.rttMs).toBeLessThan(1000)
    await origin.close()
    await waitFor('the pulling session has ended', () => offer.session.closeReason === 'peer-closed')
  })

  test('pushes: a viewer of the other server gets what is published to us', async () => {
    const { origin, edge } = scene()
    await publish(origin)
    const offer = await origin.offerViewer()
    await offer.accept(await edge.addPublisher({ type: 'offer', sdp: offer.sdp }))
    const viewer = await watch(edge)
    await viewer.whenReceived(MEDIA, WAIT)
    expect(origin.viewers).toEqual([offer.session])
  })
})
