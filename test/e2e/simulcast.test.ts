/** A simulcast publisher, and a viewer whose network becomes narrow and wide again: it goes down and up between the layers. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Broadcast } from '../../src/broadcast/broadcast.js'
import { launchChromium } from '../support/browser.js'
import { Lab, type LabPeer, SIMULCAST } from '../support/lab/lab.mjs'
import { waitFor } from '../support/wait-for.js'

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

interface Received {
  readonly frameHeight: number
  readonly framesDecoded: number
  readonly totalFreezesDuration: number
}

async function received({ page }: LabPeer): Promise<Received> {
  const { video } = await page.evaluate(() =>
    (globalThis as unknown as { lab: { received(): Promise<{ video?: Received }> } }).lab.received(),
  )
  return { frameHeight: 0, framesDecoded: 0, totalFreezesDuration: 0, ...video }
}

/** Waits for a picture of such a height, and for two seconds or so of it. */
async function sees(viewer: LabPeer, what: string, isWanted: (height: number) => boolean, withinMs: number) {
  await waitFor(what, async () => isWanted((await received(viewer)).frameHeight), withinMs)
  const { framesDecoded } = await received(viewer)
  await waitFor(`frames of ${what}`, async () => (await received(viewer)).framesDecoded > framesDecoded + 40, 20_000)
}

it('sends a viewer what its network carries, down and up again', { timeout: 240_000 }, async () => {
  const publisher = await lab.publish({ encodings: SIMULCAST })
  await waitFor(
    'all three layers arrive',
    async () => {
      const layers = (await publisher.session.stats())?.ingest?.layers ?? []
      return layers.length === 3 && layers.every(({ bitrateBps }) => bitrateBps > 50_000)
    },
    40_000,
  )

  const impaired = { toBrowser: { delayMs: 10, queueBytes: 32_000 }, toServer: { delayMs: 10 } }
  const viewer = await lab.watch({ impaired })
  await sees(viewer, 'the best layer', (height) => height === 720, 60_000)
  const before = await received(viewer)

  await viewer.relay?.change({ bandwidthBps: 400_000 })
  await sees(viewer, 'a smaller layer', (height) => height < 720, 30_000)
  expect((await received(viewer)).frameHeight).toBeLessThan(720)

  await viewer.relay?.change({ bandwidthBps: Number.POSITIVE_INFINITY })
  await sees(viewer, 'the best layer again', (height) => height === 720, 90_000)
  // The picture goes on meanwhile, but for the moment in which the queue was full.
  const frozenS = (await received(viewer)).totalFreezesDuration - before.totalFreezesDuration
  expect(frozenS).toBeLessThan(6)
})
