/** A simulcast publisher, and a viewer whose network becomes narrow and wide again: it goes down and up between the layers. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Broadcast } from '../../src/broadcast/broadcast.js'
import { launchChromium } from '../support/browser.js'
import { ImpairingRelay } from '../support/impairing-relay.js'
import { waitFor } from '../support/wait-for.js'

const broadcast = new Broadcast({ workers: 0, listenIps: '127.0.0.1' })
let browser: Browser
let web: Server

beforeAll(async () => {
  web = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html')
    response.end('<!doctype html><video autoplay muted playsinline></video>')
  })
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  await broadcast.close()
  web.close()
  web.closeAllConnections()
})

async function openPage(): Promise<Page> {
  const page = await (await browser.newContext({ permissions: ['camera'] })).newPage()
  await page.goto(`http://127.0.0.1:${(web.address() as AddressInfo).port}/`)
  return page
}

/** Runs in the page: makes the offer and keeps the connection at hand. */
async function offerOf(page: Page, role: 'publisher' | 'viewer'): Promise<string> {
  return page.evaluate(async (kind) => {
    const connection = new RTCPeerConnection()
    ;(window as unknown as { connection: RTCPeerConnection }).connection = connection
    if (kind === 'publisher') {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 } })
      connection.addTransceiver(stream.getVideoTracks()[0] as MediaStreamTrack, {
        direction: 'sendonly',
        streams: [stream],
        sendEncodings: [
          { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150_000 },
          { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500_000 },
          { rid: 'f', maxBitrate: 1_500_000 },
        ],
      })
    } else {
      const { receiver } = connection.addTransceiver('video', { direction: 'recvonly' })
      ;(document.querySelector('video') as HTMLVideoElement).srcObject = new MediaStream([receiver.track])
    }
    await connection.setLocalDescription()
    return connection.localDescription?.sdp ?? ''
  }, role)
}

async function accept(page: Page, sdp: string): Promise<void> {
  await page.evaluate(async (answer) => {
    const { connection } = window as unknown as { connection: RTCPeerConnection }
    await connection.setRemoteDescription({ type: 'answer', sdp: answer })
  }, sdp)
}

interface Received {
  readonly frameHeight: number
  readonly framesDecoded: number
  readonly totalFreezesDuration: number
}

function received(page: Page): Promise<Received> {
  return page.evaluate(async () => {
    const { connection } = window as unknown as { connection: RTCPeerConnection }
    const stats: Received = { frameHeight: 0, framesDecoded: 0, totalFreezesDuration: 0 }
    for (const report of (await connection.getStats()).values()) {
      if (report.type === 'inbound-rtp' && report.kind === 'video') return { ...stats, ...report }
    }
    return stats
  })
}

it('sends a viewer what its network carries, down and up again', { timeout: 240_000 }, async () => {
  const publisher = await openPage()
  await accept(publisher, (await broadcast.addPublisher(await offerOf(publisher, 'publisher'))).sdp)
  await waitFor(
    'all three layers arrive',
    async () => {
      const { sessions } = await broadcast.stats()
      const layers = sessions[0]?.ingest?.layers ?? []
      return layers.length === 3 && layers.every(({ bitrateBps }) => bitrateBps > 50_000)
    },
    40_000,
  )

  const viewer = await openPage()
  const { sdp } = await broadcast.addViewer(await offerOf(viewer, 'viewer'))
  const relay = await ImpairingRelay.open(Number(/udp \d+ 127\.0\.0\.1 (\d+)/.exec(sdp)?.[1]))
  await accept(viewer, relay.rewrite(sdp))
  await waitFor('the best layer', async () => (await received(viewer)).frameHeight === 720, 60_000)

  relay.bandwidthBps = 400_000
  await waitFor('a smaller layer', async () => (await received(viewer)).frameHeight < 720, 30_000)
  const narrow = await received(viewer)
  await waitFor(
    'frames on the narrow link',
    async () => (await received(viewer)).framesDecoded > narrow.framesDecoded + 50,
  )
  expect((await received(viewer)).frameHeight).toBeLessThan(720)

  relay.bandwidthBps = Number.POSITIVE_INFINITY
  await waitFor('the best layer again', async () => (await received(viewer)).frameHeight === 720, 90_000)
  relay.close()
})
