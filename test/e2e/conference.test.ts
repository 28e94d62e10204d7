/** Several publishers in one broadcast: three browsers see and hear each other. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchChromium } from '../support/browser.js'
import { type CliServer, startCli } from '../support/cli-server.js'
import { waitFor } from '../support/wait-for.js'

let server: CliServer
let browser: Browser

beforeAll(async () => {
  server = await startCli([], 'examples/conference/server.mjs')
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  expect(await server?.stop('SIGINT')).toBe(0)
})

async function join(): Promise<Page> {
  const context = await browser.newContext({ permissions: ['camera', 'microphone'] })
  const page = await context.newPage()
  await page.goto(server.url)
  await page.click('#join')
  await waitFor('joined', async () => (await page.textContent('#state')) === 'Joined')
  return page
}

/** Frames shown of each of the others who are there. */
function others(page: Page): Promise<number[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('video')]
      .filter((video) => video.id !== 'self' && !video.hidden)
      .map((video) => video.getVideoPlaybackQuality().totalVideoFrames),
  )
}

async function sees(page: Page, count: number, what: string): Promise<void> {
  await waitFor(`${what} sees ${count} others`, async () => {
    const frames = await others(page)
    return frames.length === count && frames.every((shown) => shown >= 10)
  })
}

it('lets three people see each other, and go on when one leaves and comes back', async () => {
  const [first, second, third] = [await join(), await join(), await join()]
  for (const [i, page] of [first, second, third].entries()) await sees(page, 2, `person ${i}`)
  await third.context().close()
  await sees(first, 1, 'the first')
  await sees(second, 1, 'the second')
  const again = await join()
  await sees(again, 2, 'the one who came back')
  await sees(first, 2, 'the first')
})
