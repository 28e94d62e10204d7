/** A browser, driven by puppeteer-core, as a client. */
import { existsSync } from 'node:fs'
import puppeteer from 'puppeteer-core'

/** The first of `paths` that exists. */
export function firstExisting(...paths) {
  return paths.find((path) => path !== undefined && existsSync(path))
}

/**
 * Opens the page in a browser.
 *
 * @param {import('puppeteer-core').LaunchOptions} options
 * @param {string} pageUrl
 * @param {'publish' | 'publishByEyevinn'} publishing how the page publishes
 */
export async function openBrowser(options, pageUrl, publishing = 'publish') {
  const browser = await puppeteer.launch({ headless: true, ...options })
  const version = await browser.version()
  const open = async () => {
    const page = await browser.newPage()
    if (process.env.DEBUG) page.on('console', (message) => console.error(message.text()))
    await page.goto(pageUrl)
    await page.waitForFunction(() => globalThis.interop !== undefined)
    return page
  }
  return {
    version,
    async publish(url) {
      const page = await open()
      await page.evaluate((name, to) => globalThis.interop[name](to), publishing, url)
      return async () => {
        await page.evaluate(() => globalThis.interop.stop())
        await page.close()
      }
    },
    async view(url, forMs) {
      const page = await open()
      try {
        return await page.evaluate((from, ms) => globalThis.interop.view(from, ms), url, forMs)
      } finally {
        await page.close()
      }
    },
    close: () => browser.close(),
  }
}
