/** What an option has us write on a viewer's packets reaches Chromium: how long it holds video back, and when frames were captured. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Sfu } from '../../src/broadcast/sfu.js'
import { launchChromium } from '../support/browser.js'
import { waitFor } from '../support/wait-for.js'

const MIN_MS = 1000
const ABS_CAPTURE_TIME = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time'
/** From the epoch of NTP to that of Unix. */
const NTP_UNIX_MS = 2_208_988_800_000

const sfu = new Sfu({ workers: 0, listenIps: '127.0.0.1' })
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
  await sfu.close()
  web.close()
  web.closeAllConnections()
})

/** A page with a connection, for which a broadcast of the Sfu is waiting. */
async function join(name: string, role: 'publisher' | 'viewer'): Promise<Page> {
  const page = await (await browser.newContext({ permissions: ['camera'] })).newPage()
  await page.goto(`http://127.0.0.1:${(web.address() as AddressInfo).port}/`)
  const offer = await page.evaluate(
    async ([kind, uri]) => {
      const connection = new RTCPeerConnection()
      ;(window as unknown as { connection: RTCPeerConnection }).connection = connection
      if (kind === 'publisher') {
        const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 240 } })
        connection.addTransceiver(stream.getVideoTracks()[0] as MediaStreamTrack, { direction: 'sendonly' })
      } else {
        const transceiver = connection.addTransceiver('video', { direction: 'recvonly' }) as RTCRtpTransceiver & {
          getHeaderExtensionsToNegotiate(): { uri: string; direction: string }[]
          setHeaderExtensionsToNegotiate(extensions: { uri: string; direction: string }[]): void
        }
        const extensions = transceiver.getHeaderExtensionsToNegotiate()
        for (const extension of extensions) if (extension.uri === uri) extension.direction = 'recvonly'
        transceiver.setHeaderExtensionsToNegotiate(extensions)
        const video = document.querySelector('video') as HTMLVideoElement
        video.srcObject = new MediaStream([transceiver.receiver.track])
      }
      await connection.setLocalDescription()
      return connection.localDescription?.sdp ?? ''
    },
    [role, ABS_CAPTURE_TIME] as const,
  )
  const broadcast = sfu.broadcast(name)
  const { sdp } = await (role === 'publisher' ? broadcast.addPublisher(offer) : broadcast.addViewer(offer))
  await page.evaluate(async (answer) => {
    const { connection } = window as unknown as { connection: RTCPeerConnection }
    await connection.setRemoteDescription({ type: 'answer', sdp: answer })
  }, sdp)
  return page
}

interface Received {
  readonly framesDecoded: number
  readonly jitterBufferDelay: number
  readonly jitterBufferEmittedCount: number
}

function received(page: Page): Promise<Received> {
  return page.evaluate(async () => {
    const { connection } = window as unknown as { connection: RTCPeerConnection }
    const nothing: Received = { framesDecoded: 0, jitterBufferDelay: 0, jitterBufferEmittedCount: 0 }
    for (const report of (await connection.getStats()).values()) {
      if (report.type === 'inbound-rtp' && report.kind === 'video') return { ...nothing, ...report }
    }
    return nothing
  })
}

/** How long the frames of that many from now on are held back, on average. */
async function heldBackMs(page: Page, frames: number): Promise<number> {
  const before = await received(page)
  await waitFor('frames', async () => (await received(page)).framesDecoded >= before.framesDecoded + frames, 60_000)
  const after = await received(page)
  const emitted = after.jitterBufferEmittedCount - before.jitterBufferEmittedCount
  return ((after.jitterBufferDelay - before.jitterBufferDelay) * 1000) / emitted
}

it('has Chromium hold video back as long as it is told, and no longer where it is not', async () => {
  sfu.broadcast('smooth', { playoutDelay: { minMs: MIN_MS, maxMs: 4000 } })
  sfu.broadcast('plain')
  const held: number[] = []
  for (const name of ['plain', 'smooth']) {
    const publisher = await join(name, 'publisher')
    const viewer = await join(name, 'viewer')
    await waitFor('the first frames', async () => (await received(viewer)).framesDecoded > 60, 60_000)
    held.push(await heldBackMs(viewer, 60))
    await Promise.all([publisher, viewer].map((page) => page.context().close()))
  }
  const [plainMs = 0, smoothMs = 0] = held
  expect(smoothMs).toBeGreaterThan(MIN_MS * 0.8)
  expect(plainMs).toBeLessThan(MIN_MS * 0.6)
})

it('tells Chromium when a frame was captured', async () => {
  sfu.broadcast('timed', { absCaptureTime: true })
  await join('timed', 'publisher')
  const viewer = await join('timed', 'viewer')
  const source = () =>
    viewer.evaluate(() => {
      const { connection } = window as unknown as { connection: RTCPeerConnection }
      const [newest] = connection.getReceivers().flatMap((receiver) => receiver.getSynchronizationSources())
      const { captureTimestamp, senderCaptureTimeOffset } = (newest ?? {}) as {
        captureTimestamp?: number
        senderCaptureTimeOffset?: number
      }
      return { captureTimestamp, senderCaptureTimeOffset, now: Date.now() }
    })
  await waitFor('a time of capture', async () => (await source()).captureTimestamp !== undefined, 30_000)
  const { captureTimestamp = 0, senderCaptureTimeOffset, now } = await source()
  // All on this machine, so the clocks are the same, but for what the first report took to arrive.
  expect(Math.abs(now + NTP_UNIX_MS - captureTimestamp)).toBeLessThan(5000)
  expect(Math.abs(senderCaptureTimeOffset ?? Number.POSITIVE_INFINITY)).toBeLessThan(5000)
})
