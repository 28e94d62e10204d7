/**
 * Audio and video stay together in a real Chromium whatever is switched: the clocks of the publisher are carried over. How close they are on a
 * quiet machine is measured by `npm run bench:lip-sync`; here it is only said that they are not lost.
 */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, it } from 'vitest'
import { Broadcast } from '../../src/broadcast/broadcast.js'
import { launchChromium } from '../support/browser.js'
import { Lab, type LabPeer } from '../support/lab/lab.mjs'
import { waitFor } from '../support/wait-for.js'

/** Other clocks would be apart by their ages, or by the random beginnings of timestamps: by seconds at least. */
const TOGETHER_MS = 400
const PUBLISHER = {
  audio: true,
  video: { width: 640, height: 360 },
  encodings: [
    { rid: 'q', scaleResolutionDownBy: 2, maxBitrate: 150_000 },
    { rid: 'h', maxBitrate: 500_000 },
  ],
}

const broadcast = new Broadcast({ workers: 0, listenIps: '127.0.0.1' })
let browser: Browser
let lab: Lab

beforeAll(async () => {
  browser = await launchChromium()
  lab = await Lab.open(browser, broadcast)
})

afterAll(async () => {
  await lab?.close()
  await browser?.close()
  await broadcast.close()
})

interface Played {
  readonly estimatedPlayoutTimestamp?: number
  readonly frameHeight?: number
}

function received({ page }: LabPeer): Promise<{ audio?: Played; video?: Played }> {
  return page.evaluate(() =>
    (globalThis as unknown as { lab: { received(): Promise<{ audio?: Played; video?: Played }> } }).lab.received(),
  )
}

/** Waits until the picture has that height, and audio and video are together in ten samples in a row. */
async function together(viewer: LabPeer, what: string, height: number): Promise<void> {
  let inARow = 0
  await waitFor(
    what,
    async () => {
      const { audio, video } = await received(viewer)
      const skewMs = (audio?.estimatedPlayoutTimestamp ?? 0) - (video?.estimatedPlayoutTimestamp ?? Number.NaN)
      inARow = video?.frameHeight === height && Math.abs(skewMs) < TOGETHER_MS ? inARow + 1 : 0
      return inARow >= 10
    },
    60_000,
  )
}

it('plays audio and video together through layer switches and a new publisher', { timeout: 300_000 }, async () => {
  await lab.publish(PUBLISHER)
  const viewer = await lab.watch({ audio: true })
  await together(viewer, 'the best layer', 360)
  await viewer.session.preferLayer({ maxRid: 'q' })
  await together(viewer, 'the other layer', 180)
  await viewer.session.preferLayer(undefined)
  await together(viewer, 'the best layer again', 360)
  await lab.publish(PUBLISHER)
  await together(viewer, 'the new publisher', 360)
})
