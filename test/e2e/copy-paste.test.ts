/** The classic demo by hand: offers are copied out of pages, posted by curl's like, and the answers pasted back. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { framesShown, isPicture, launchChromium, pixels } from '../support/browser.js'
import { type CliServer, startCli } from '../support/cli-server.js'
import { waitFor } from '../support/wait-for.js'

let server: CliServer
let browser: Browser

beforeAll(async () => {
  server = await startCli([], 'examples/copy-paste/server.mjs')
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  expect(await server?.stop('SIGINT')).toBe(0)
})

/** Plays the person: button, copy, post, paste, start. */
async function exchange(button: '#publish' | '#watch'): Promise<Page> {
  const page = await browser.newPage()
  await page.goto(server.url)
  await page.click(button)
  await waitFor('an offer to copy', async () => (await page.inputValue('#offer')) !== '')
  const response = await fetch(`${server.url}/sdp`, { method: 'POST', body: await page.inputValue('#offer') })
  expect(response.status).toBe(200)
  await page.fill('#answer', await response.text())
  await page.click('#start')
  return page
}

it('carries the test picture from one page to two others', async () => {
  await exchange('#publish')
  const viewers = [await exchange('#watch'), await exchange('#watch')]
  for (const viewer of viewers) {
    await waitFor('frames', async () => (await framesShown(viewer)) >= 10)
    const picture = await pixels(viewer)
    expect(isPicture(picture)).toBe(true)
    await waitFor('pixels change', async () => (await pixels(viewer)).join() !== picture.join())
  }
})
