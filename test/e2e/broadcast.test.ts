/** The main job, as people do it: the command's own pages in a real Chromium with a fake camera. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { framesShown, isPicture, launchChromium, pixels } from '../support/browser.js'
import { type CliServer, startCli } from '../support/cli-server.js'
import { waitFor } from '../support/wait-for.js'

describe('manycast serve in Chromium', () => {
  let server: CliServer
  let browser: Browser
  const errors: string[] = []

  beforeAll(async () => {
    server = await startCli()
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    expect(await server?.stop()).toBe(0)
  })

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
    expect(errors.splice(0)).toEqual([])
  })

  async function open(path: string): Promise<Page> {
    const context = await browser.newContext({ permissions: ['camera', 'microphone'] })
    const page = await context.newPage()
    await page.addInitScript(() => {
      const counted = window as unknown as { connections: number; RTCPeerConnection: typeof RTCPeerConnection }
      const { RTCPeerConnection: Original } = counted
      counted.connections = 0
      counted.RTCPeerConnection = class extends Original {
        constructor(configuration?: RTCConfiguration) {
          super(configuration)
          counted.connections++
        }
      }
    })
    page.on('pageerror', (error) => errors.push(`${path}: ${error.message}`))
    await page.goto(server.url + path)
    return page
  }

  const stateOf = (page: Page) => page.evaluate(() => document.body.dataset.state)

  async function publish(name: string): Promise<Page> {
    const page = await open(`/publish/${name}`)
    await startPublishing(page)
    return page
  }

  async function startPublishing(page: Page): Promise<void> {
    await page.click('#start')
    await waitFor('the publisher is live', async () => ['connected', 'live'].includes((await stateOf(page)) ?? ''))
  }

  /** Waits until the page shows a moving picture. */
  async function seesVideo(page: Page, what: string): Promise<void> {
    const before = await framesShown(page)
    await waitFor(`${what} decodes frames`, async () => (await framesShown(page)) >= before + 10)
    const picture = await pixels(page)
    expect(isPicture(picture)).toBe(true)
    await waitFor(`${what} sees pixels change`, async () => (await pixels(page)).join() !== picture.join())
  }

  async function status(name: string): Promise<{ live: boolean; viewers: number }> {
    const list = (await (await fetch(`${server.url}/api/broadcasts`)).json()) as
      | { name: string; live: boolean; viewers: number }[]
      | { broadcasts: { name: string; live: boolean; viewers: number }[] }
    const broadcasts = Array.isArray(list) ? list : list.broadcasts
    return broadcasts.find((broadcast) => broadcast.name === name) ?? { live: false, viewers: 0 }
  }

  it('shows a camera to five viewers', async () => {
    await publish('five')
    const viewers = await Promise.all(Array.from({ length: 5 }, () => open('/watch/five')))
    await Promise.all(viewers.map((page, i) => seesVideo(page, `viewer ${i}`)))
    expect(await status('five')).toMatchObject({ live: true, viewers: 5 })
  })

  it('lets a viewer come first', async () => {
    const viewer = await open('/watch/early')
    await waitFor('the viewer waits', async () => (await stateOf(viewer)) === 'waiting')
    await publish('early')
    await seesVideo(viewer, 'the early viewer')
  })

  it('goes on for viewers when the publisher reloads its page', async () => {
    const publisher = await publish('reload')
    const viewer = await open('/watch/reload')
    await seesVideo(viewer, 'the viewer')
    await publisher.reload()
    await startPublishing(publisher)
    await seesVideo(viewer, 'the viewer after the reload')
    // Nothing was negotiated anew.
    expect(await viewer.evaluate(() => (window as unknown as { connections: number }).connections)).toBe(1)
    expect((await status('reload')).viewers).toBe(1)
  })

  it('has viewers wait when the publisher leaves, and watch again when it is back', async () => {
    const publisher = await publish('leave')
    const viewer = await open('/watch/leave')
    await seesVideo(viewer, 'the viewer')
    await publisher.close()
    await waitFor('the broadcast is idle', async () => !(await status('leave')).live)
    await waitFor('the viewer waits', async () => (await stateOf(viewer)) === 'waiting')
    await publish('leave')
    await seesVideo(viewer, 'the viewer after the publisher is back')
  })

  it('notices at once when a viewer leaves, and the others go on', async () => {
    await publish('viewers')
    const [leaving, staying] = await Promise.all([open('/watch/viewers'), open('/watch/viewers')])
    await Promise.all([seesVideo(leaving, 'the first viewer'), seesVideo(staying, 'the second viewer')])
    await leaving.close()
    await waitFor('one viewer is left', async () => (await status('viewers')).viewers === 1, 5000)
    await seesVideo(staying, 'the viewer that stayed')
  })

  it('lists the live broadcast on the landing page', async () => {
    await publish('listed')
    const page = await open('/')
    await waitFor('the list shows it', async () => (await page.textContent('#list'))?.includes('listed') ?? false)
  })
})
