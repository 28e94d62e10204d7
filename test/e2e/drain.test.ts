/** Two servers and `manycast/client` in a real Chromium: clients go from one to the other without a break when it drains, and at once when it dies. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { launchChromium } from '../support/browser.js'
import { type CliServer, startCli } from '../support/cli-server.js'
import {
  ClientPages,
  type ClientWindow,
  forgetGaps,
  longestGapMs,
  seesFrames,
  statesOf,
} from '../support/client-pages.js'
import { waitFor } from '../support/wait-for.js'

/** What the issue asks for. */
const MAX_FREEZE_MS = 2000
const MAX_RETURN_MS = 5000

let browser: Browser
let pages: ClientPages
const servers: CliServer[] = []

beforeAll(async () => {
  browser = await launchChromium()
  pages = new ClientPages(browser)
})

afterEach(async () => {
  await pages.closeAll()
  for (const server of servers.splice(0)) server.process.kill('SIGKILL')
  expect(pages.errors.splice(0)).toEqual([])
})

afterAll(() => browser?.close())

async function start(...args: string[]): Promise<CliServer> {
  const server = await startCli(args)
  servers.push(server)
  return server
}

const urlsOf = (protocol: 'whip' | 'whep', ...of: CliServer[]) => of.map(({ url }) => `${url}/${protocol}/x`)

/** Whether the page was ever without a picture, by what the element shows. */
async function watchForBlack(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const video = document.querySelector('video') as HTMLVideoElement
    const canvas = new OffscreenCanvas(16, 9)
    const context = canvas.getContext('2d', { willReadFrequently: true })
    let black = 0
    const look = () => {
      context?.clearRect(0, 0, 16, 9)
      context?.drawImage(video, 0, 0, 16, 9)
      const pixels = context?.getImageData(0, 0, 16, 9).data ?? []
      if (video.readyState < 2 || !pixels.some((value, index) => index % 4 !== 3 && value > 32)) black++
      Object.assign(window, { black })
      requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })
  return () => page.evaluate(() => (window as unknown as { black: number }).black)
}

it('a server that drains loses nobody: publisher and viewers go on elsewhere without a break', async () => {
  const [first, second] = [await start('--drain-timeout', '10'), await start()]
  await pages.publish(first.url, { serverEvents: true }, urlsOf('whip', first, second))
  const viewers: Page[] = []
  for (let i = 0; i < 3; i++) {
    viewers.push(await pages.watch(first.url, { serverEvents: true }, urlsOf('whep', first, second)))
  }
  const looks = await Promise.all(viewers.map(watchForBlack))
  for (const viewer of viewers) await forgetGaps(viewer)
  const startedMs = Date.now()
  expect(await first.stop('SIGTERM')).toBe(0)
  const tookMs = Date.now() - startedMs
  for (const viewer of viewers) await seesFrames(viewer, 60)
  const gaps = await Promise.all(viewers.map(longestGapMs))
  const black = await Promise.all(looks.map((look) => look()))
  console.log(
    `drained in ${tookMs} ms; longest gaps ${gaps.map(Math.round).join(', ')} ms; looks without a picture ${black}`,
  )
  expect(tookMs).toBeLessThan(10_000)
  expect(Math.max(...gaps)).toBeLessThan(MAX_FREEZE_MS)
  for (const viewer of viewers) expect(await statesOf(viewer)).toEqual(['connected'])
})

it('clients that do not listen are ended one after the other, and come back elsewhere', async () => {
  const [first, second] = [await start('--drain-timeout', '2'), await start()]
  await pages.publish(second.url)
  await pages.publish(first.url, {}, urlsOf('whip', first))
  const viewer = await pages.watch(first.url, {}, urlsOf('whep', first, second))
  await forgetGaps(viewer)
  expect(await first.stop('SIGTERM')).toBe(0)
  await seesFrames(viewer, 30)
  const gapMs = await longestGapMs(viewer)
  console.log(`without events: longest gap ${Math.round(gapMs)} ms`)
  expect(gapMs).toBeLessThan(MAX_FREEZE_MS)
})

it('a server that is killed is left for another one, by publisher and viewers', async () => {
  const [first, second] = [await start(), await start()]
  const publisher = await pages.publish(first.url, {}, urlsOf('whip', first, second))
  const viewer = await pages.watch(first.url, {}, urlsOf('whep', first, second))
  await forgetGaps(viewer)
  first.process.kill('SIGKILL')
  await waitFor('another server', () =>
    publisher.evaluate(() => (window as unknown as ClientWindow).states.length >= 3),
  )
  await seesFrames(viewer, 30)
  const gapMs = await longestGapMs(viewer)
  console.log(`killed: longest gap ${Math.round(gapMs)} ms, the publisher's return included`)
  expect(gapMs).toBeLessThan(MAX_RETURN_MS)
})
