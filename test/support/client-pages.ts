/** `manycast/client` in pages of a real Chromium, and what comes of it. */
import type { Browser, Page } from 'playwright-core'
import type { Publisher, PublishOptions, Viewer, WatchOptions } from '../../src/client/index.js'
import { waitFor } from './wait-for.js'

/** What the window of such a page has. */
export interface ClientWindow {
  client: typeof import('../../src/client/index.js')
  session: Publisher | Viewer
  states: string[]
  frames: number
  /** The longest time without a new frame, since it was last set to 0. */
  longestGapMs: number
}

/** Opens pages of the server at an URL; all publish and watch the broadcast `x`. */
export class ClientPages {
  /** What the pages have thrown, and nobody has caught. */
  readonly errors: string[] = []
  readonly #browser: Browser

  constructor(browser: Browser) {
    this.#browser = browser
  }

  /** The client and an empty video element, in a page that has no script of its own, and may talk to any server. */
  async open(url: string): Promise<Page> {
    const context = await this.#browser.newContext({ permissions: ['camera'], bypassCSP: true })
    const page = await context.newPage()
    page.on('pageerror', (error) => this.errors.push(error.message))
    await page.goto(`${url}/no-such-page`)
    // As text: Vitest would rewrite the import.
    await page.evaluate("import('/client/index.js').then((client) => { window.client = client })")
    await page.evaluate(() => {
      document.body.innerHTML = '<video></video>'
      Object.assign(window, { states: [], frames: 0, longestGapMs: 0 })
    })
    return page
  }

  /** Publishes the fake camera. @param urls other endpoints than that of the page's server. */
  async publish(url: string, options: PublishOptions = {}, urls: readonly string[] = ['/whip/x']): Promise<Page> {
    const page = await this.open(url)
    await page.evaluate(
      async ([given, urls]) => {
        const own = window as unknown as ClientWindow
        const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360, frameRate: 30 } })
        own.session = own.client.publish(stream, urls, given)
        own.session.on('state', (state) => own.states.push(state))
        await own.session.whenConnected()
      },
      [options, urls] as const,
    )
    return page
  }

  /** Watches, and looks at when frames come. @param urls other endpoints than that of the page's server. */
  async watch(url: string, options: WatchOptions = {}, urls: readonly string[] = ['/whep/x']): Promise<Page> {
    const page = await this.open(url)
    await page.evaluate(
      ([given, urls]) => {
        const own = window as unknown as ClientWindow
        const video = document.querySelector('video') as HTMLVideoElement
        own.session = own.client.watch(video, urls, given)
        own.session.on('state', (state) => own.states.push(state))
        let lastMs = performance.now()
        // A timer as well: what has not ended yet is a gap, too.
        const look = () => {
          own.longestGapMs = Math.max(own.longestGapMs, performance.now() - lastMs)
        }
        setInterval(look, 50)
        const onFrame = () => {
          look()
          lastMs = performance.now()
          own.frames++
          video.requestVideoFrameCallback(onFrame)
        }
        video.requestVideoFrameCallback(onFrame)
      },
      [options, urls] as const,
    )
    await seesFrames(page)
    return page
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.#browser.contexts().map((context) => context.close()))
  }
}

export const framesOf = (page: Page) => page.evaluate(() => (window as unknown as ClientWindow).frames)
export const statesOf = (page: Page) => page.evaluate(() => (window as unknown as ClientWindow).states)
export const longestGapMs = (page: Page) => page.evaluate(() => (window as unknown as ClientWindow).longestGapMs)

/** Forgets gaps so far. */
export const forgetGaps = (page: Page) =>
  page.evaluate(() => {
    ;(window as unknown as ClientWindow).longestGapMs = 0
  })

/** Waits for a second or so of video. */
export async function seesFrames(page: Page, count = 30): Promise<void> {
  const before = await framesOf(page)
  await waitFor('frames', async () => (await framesOf(page)) >= before + count, 30_000)
}
