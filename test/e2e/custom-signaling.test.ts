/** The example of signaling of one's own in a browser: server-sent events one way, POSTs the other. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { framesShown, isPicture, launchChromium, pixels } from '../support/browser.js'
import { type CliServer, startCli } from '../support/cli-server.js'
import { waitFor } from '../support/wait-for.js'

let server: CliServer
let browser: Browser

beforeAll(async () => {
  server = await startCli([], 'examples/custom-signaling/server.mjs')
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  expect(await server?.stop('SIGINT')).toBe(0)
})

async function open(button: '#publish' | '#watch'): Promise<Page> {
  const page = await browser.newPage()
  await page.goto(server.url)
  await page.click(button)
  return page
}

it('carries the test picture to a page that was there first, and tells who watches', async () => {
  const viewer = await open('#watch')
  await viewer.waitForSelector('[data-state="connected"]')
  const publisher = await open('#publish')
  await waitFor('frames', async () => (await framesShown(viewer)) >= 10)
  const picture = await pixels(viewer)
  expect(isPicture(picture)).toBe(true)
  await waitFor('pixels change', async () => (await pixels(viewer)).join() !== picture.join())
  await waitFor('the count', async () => (await publisher.textContent('#viewers')) === '1')
  await viewer.close()
  await waitFor('the count to fall', async () => (await publisher.textContent('#viewers')) === '0')
})
