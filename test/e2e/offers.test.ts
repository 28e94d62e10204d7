/** Offers of ours with simulcast: all layers of a Chromium's video go over two servers, pulled and pushed; and Chromium as the side that answers. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Broadcast } from '../../src/broadcast/broadcast.js'
import type { Session } from '../../src/broadcast/session.js'
import { launchChromium } from '../support/browser.js'
import { Lab, SIMULCAST } from '../support/lab/lab.mjs'
import { waitFor } from '../support/wait-for.js'

/** Layers that nobody watches are sent, too, so that they can be counted. */
const OPTIONS = { workers: 0, listenIps: '127.0.0.1', layerPauseAfterMs: 0 }
const [origin, edge, far] = [new Broadcast(OPTIONS), new Broadcast(OPTIONS), new Broadcast(OPTIONS)]
let browser: Browser
let lab: Lab

beforeAll(async () => {
  browser = await launchChromium()
  lab = await Lab.open(browser, origin)
})

afterAll(async () => {
  await lab?.close()
  await browser?.close()
  await Promise.all([origin, edge, far].map((broadcast) => broadcast.close()))
})

/** The rids of the layers that come, best last. */
async function layersOf(session: Session): Promise<string[]> {
  const layers = (await session.stats())?.ingest?.layers ?? []
  const videos = layers.filter(({ kind, bitrateBps }) => kind === 'video' && bitrateBps > 20_000)
  return videos.sort((a, b) => a.bitrateBps - b.bitrateBps).map(({ rid = '' }) => rid)
}

it('all layers are pulled from one server and pushed to the next, named by their rank', {
  timeout: 240_000,
}, async () => {
  const publisher = await lab.publish({ encodings: SIMULCAST })
  await waitFor('three layers at the origin', async () => (await layersOf(publisher.session)).length === 3, 60_000)
  const pull = await edge.offerPublisher({ layers: 3 })
  await pull.accept(await origin.addViewer(pull.sdp))
  const push = await edge.offerViewer({ layers: 3 })
  const { sdp, session: pushed } = await far.addPublisher(push.sdp)
  await push.accept(sdp)
  for (const [where, session] of [
    ['at the edge', pull.session],
    ['at the far end', pushed],
  ] as const) {
    await waitFor(`all layers ${where}`, async () => (await layersOf(session)).join() === '0,1,2', 60_000)
  }
  await Promise.all([pull.session.close(), publisher.session.close()])
})

/** Runs in the page: answers the offer with a picture and a tone to send, or with nothing but eyes and ears. */
async function answerInPage(page: Page, sdp: string): Promise<string> {
  return page.evaluate(async (offer) => {
    const connection = new RTCPeerConnection()
    const video = document.createElement('video')
    document.body.append(video)
    video.muted = true
    video.autoplay = true
    connection.ontrack = ({ track }) => {
      const stream = (video.srcObject as MediaStream | null) ?? new MediaStream()
      stream.addTrack(track)
      video.srcObject = stream
    }
    await connection.setRemoteDescription({ type: 'offer', sdp: offer })
    if (!offer.includes('a=sendonly')) {
      const media = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 }, audio: true })
      for (const transceiver of connection.getTransceivers()) {
        transceiver.direction = 'sendonly'
        const { kind } = transceiver.receiver.track
        await transceiver.sender.replaceTrack(media.getTracks().find((track) => track.kind === kind) ?? null)
      }
    }
    await connection.setLocalDescription()
    // The answer is given before there are candidates: the browser's checks tell where it is.
    return connection.localDescription?.sdp ?? ''
  }, sdp)
}

it('Chromium answers: it sends layers to us, and shows what we send', { timeout: 240_000 }, async () => {
  const { page } = await lab.publish()
  const studio = new Broadcast(OPTIONS)
  try {
    const pull = await studio.offerPublisher({ layers: 3 })
    await pull.accept(await answerInPage(page, pull.sdp))
    await waitFor('its layers', async () => (await layersOf(pull.session)).length >= 2, 60_000)
    const push = await studio.offerViewer()
    await push.accept(await answerInPage(page, push.sdp))
    await waitFor('the picture is shown', () => framesOfLast(page), 60_000)
    expect(studio.viewers).toEqual([push.session])
  } finally {
    await studio.close()
  }
})

function framesOfLast(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const shown = [...document.querySelectorAll('video')].at(-1)
    return (shown?.getVideoPlaybackQuality().totalVideoFrames ?? 0) > 30
  })
}
