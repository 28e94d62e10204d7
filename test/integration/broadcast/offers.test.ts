/** Two servers of ours in one process: media go from one to the other by an offer of either, through plain function calls. */

import { afterEach, describe, expect, test } from 'vitest'
import { MediaStreamTrack } from 'werift'
import { Broadcast } from '../../../src/broadcast/broadcast.js'
import { createPeerConnection } from '../../../src/testing/peer-connection.js'
import { SyntheticAudio, SyntheticVideo } from '../../../src/testing/synthetic-video.js'
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

  test('pulls over several servers, whichever link was there first', async () => {
    const { origin, edge } = scene()
    const far = new Broadcast(TEST_OPTIONS)
    closers.push(() => far.close())
    const pull = async (to: Broadcast, from: Broadcast) => {
      const offer = await to.offerPublisher()
      await offer.accept(await from.addViewer(offer.sdp))
    }
    await pull(far, edge)
    await pull(edge, origin)
    const viewer = await watch(far)
    await publish(origin)
    await viewer.whenReceived(MEDIA, WAIT)
    expect(viewer.received.video.lost).toBe(0)
  })
})

describe('another implementation that answers', () => {
  async function answering(broadcast: Broadcast, offer: { sdp: string; accept(answer: string): Promise<void> }) {
    const connection = await createPeerConnection()
    closers.push(() => connection.close())
    const received = { audio: 0, video: 0 }
    connection.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe(() => received[track.kind === 'video' ? 'video' : 'audio']++)
    })
    await connection.setRemoteDescription({ type: 'offer', sdp: offer.sdp })
    const tracks = connection.getTransceivers().map((transceiver) => {
      const track = new MediaStreamTrack({ kind: transceiver.kind })
      if (offer.sdp.includes('a=sendonly')) return track
      transceiver.setDirection('sendonly')
      void transceiver.sender.replaceTrack(track)
      return track
    })
    await connection.setLocalDescription(await connection.createAnswer())
    await offer.accept(connection.localDescription?.sdp ?? '')
    await waitFor('both are connected', () => {
      return (
        connection.connectionState === 'connected' && broadcast.sessions().some(({ state }) => state === 'connected')
      )
    })
    return { received, tracks }
  }

  test('sends to us: a viewer of ours gets it', async () => {
    const { edge } = scene()
    const offer = await edge.offerPublisher()
    const { tracks } = await answering(edge, offer)
    const viewer = await watch(edge)
    const start = { ssrc: 1, seq: 1000, timestamp: 90_000 }
    const audio = new SyntheticAudio({ ...start, payloadType: 111 })
    const video = new SyntheticVideo({ ...start, payloadType: 96 })
    const timer = setInterval(() => {
      video.keyframeWanted = video.framesSent % 20 === 0
      audio.frame(20, (packet) => tracks[0]?.writeRtp(packet))
      video.frame(33, (packet) => tracks[1]?.writeRtp(packet))
    }, 20)
    closers.push(() => clearInterval(timer))
    await viewer.whenReceived({ keyframes: 1, frames: 20, audioPackets: 20 }, WAIT)
    expect((await offer.session.stats())?.transport?.dropped.srtpAuthentication).toBe(0)
  })

  test('receives from us what is published here', async () => {
    const { origin } = scene()
    await publish(origin)
    const { received } = await answering(origin, await origin.offerViewer())
    await waitFor('it has received audio and video', () => received.audio > 50 && received.video > 50)
  })
})
