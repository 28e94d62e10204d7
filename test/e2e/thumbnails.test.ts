/** The example that reads frames: what a Chromium publishes is a picture that a Chromium shows. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchChromium } from '../support/browser.js'
import { type CliServer, startCli } from '../support/cli-server.js'
import { waitFor } from '../support/wait-for.js'

let server: CliServer
let browser: Browser

beforeAll(async () => {
  server = await startCli([], 'examples/thumbnails/server.mjs')
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  expect(await server?.stop('SIGINT')).toBe(0)
})

it('serves a picture of the camera', async () => {
  const page = await browser.newPage()
  await page.goto(server.url)
  await page.click('#publish')
  const picture = () =>
    page.evaluate(() => {
      const image = document.querySelector('img') as HTMLImageElement
      const canvas = document.createElement('canvas')
      canvas.width = 8
      canvas.height = 8
      const context = canvas.getContext('2d') as CanvasRenderingContext2D
      if (image.naturalWidth > 0) context.drawImage(image, 0, 0, 8, 8)
      const colors = new Set<string>()
      const bytes = [...context.getImageData(0, 0, 8, 8).data]
      for (let i = 0; i < bytes.length; i += 4) colors.add(bytes.slice(i, i + 3).join())
      return { width: image.naturalWidth, height: image.naturalHeight, colors: colors.size }
    })
  await waitFor('a picture', async () => (await picture()).width > 0)
  const { width, height, colors } = await picture()
  // The encoder may have begun with fewer pixels.
  expect(width / height).toBeCloseTo(640 / 360, 1)
  expect(colors).toBeGreaterThan(3)
  expect((await fetch(`${server.url}/thumbnails/nobody.webp`)).status).toBe(404)
})
