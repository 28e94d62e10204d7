/** The dashboard of the command in a real Chromium: it shows who is there, moves, throws out and drains. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launchChromium } from '../support/browser.js'
import { type CliServer, startCli } from '../support/cli-server.js'
import { VIEWER_OFFER } from '../support/offers.js'
import { waitFor } from '../support/wait-for.js'

const KEY = 'an-admin-key-of-mine'

describe('the dashboard in Chromium', () => {
  let server: CliServer
  let browser: Browser
  const faults: string[] = []

  beforeAll(async () => {
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
  })

  beforeEach(async () => {
    server = await startCli(['--admin-key', KEY])
  })

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
    await server.stop('SIGKILL')
    expect(faults.splice(0)).toEqual([])
  })

  async function open(path: string, url = server.url): Promise<Page> {
    const context = await browser.newContext({ permissions: ['camera', 'microphone'] })
    const page = await context.newPage()
    page.on('pageerror', (error) => faults.push(`${path}: ${error.message}`))
    page.on('request', (request) => {
      const isOwn = request.url().startsWith(`${url}/`) || request.url().startsWith('blob:')
      if (!isOwn) faults.push(`${path} asks ${request.url()}`)
    })
    if (path.startsWith('/dashboard')) {
      page.on('console', (message) => {
        const isRefusal = /status of 401/.test(message.text())
        if (message.type() === 'error' && !isRefusal) faults.push(`${path}: ${message.text()}`)
      })
    }
    await page.goto(url + path)
    return page
  }

  async function publish(name: string): Promise<Page> {
    const page = await open(`/publish/${name}`)
    await page.click('#start')
    await waitFor('the publisher is live', () =>
      page.evaluate(() => ['connected', 'live'].includes(document.body.dataset.state ?? '')),
    )
    return page
  }

  const figure = (page: Page, name: string) => page.textContent(`[data-figure="${name}"]`)
  const lineOf = (page: Page, plot: string) =>
    page.evaluate((id) => document.querySelector(`[data-plot="${id}"] .stroke`)?.getAttribute('d') ?? '', plot)

  it('shows who publishes and watches, what they send and what that saves', async () => {
    await publish('main')
    await Promise.all([open('/watch/main'), open('/watch/main')])
    const page = await open('/dashboard')
    await waitFor('the viewers are counted', async () => (await figure(page, 'Viewers')) === '2', 60_000)
    expect(await figure(page, 'Publishers')).toBe('1')
    await waitFor('the bitrate is known', async () => /[kM]bit\/s/.test((await figure(page, 'Out')) ?? ''))
    await waitFor('the load is known', async () => /%/.test((await figure(page, 'CPU')) ?? ''))
    const plots = ['bitrate', 'viewers', 'joins', 'loss', 'rtt', 'layers', 'packets', 'cpu', 'loop']
    const names = () => page.$$eval('[data-plot]', (all) => all.map((plot) => (plot as HTMLElement).dataset.plot))
    // That of round trips comes with the first report of a viewer.
    await waitFor('all plots', async () => (await names()).length >= plots.length)
    expect(await names()).toEqual(plots)
    expect(await page.textContent('#broadcasts')).toContain('main')
    expect(await page.locator('#sessions tbody tr').count()).toBe(3)
    await waitFor('the codec is known', async () => (await page.textContent('#sessions'))?.includes('VP8') ?? false)
    await waitFor('savings are drawn', async () => (await page.locator('#bars rect').count()) === 4)
    expect(await page.locator('#fan-mesh .upload').count()).toBe(2)

    const before = await lineOf(page, 'bitrate')
    await waitFor('the plots move', async () => (await lineOf(page, 'bitrate')) !== before)
    // A reload shows the past.
    await page.reload()
    await waitFor('there are plots again', async () => (await lineOf(page, 'bitrate')) !== '')
    expect((await lineOf(page, 'bitrate')).match(/[ML]/g)?.length).toBeGreaterThan(2)
  })

  it('looks at one broadcast alone', async () => {
    await publish('one')
    await Promise.all([open('/watch/one'), open('/watch/other')])
    const page = await open('/dashboard')
    // A busy machine may have refused a viewer at first.
    await waitFor('all are there', async () => (await page.locator('#sessions tbody tr').count()) === 3, 60_000)
    expect(await page.locator('#broadcasts tbody tr').count()).toBe(2)
    await page.click('#broadcasts button:text-is("one")')
    await waitFor('it is the title', async () => (await page.textContent('#title')) === 'one')
    await waitFor('its sessions are listed', async () => (await page.locator('#sessions tbody tr').count()) === 2)
    expect(await page.locator('[data-plot="cpu"]').isHidden()).toBe(true)
    await page.click('#all')
    await waitFor('all are listed', async () => (await page.locator('#sessions tbody tr').count()) === 3)
  })

  it('throws a viewer out, who is told so', async () => {
    await publish('main')
    const viewer = await open('/watch/main')
    const page = await open('/dashboard')
    await waitFor('both are there', async () => (await page.locator('#sessions tbody tr').count()) === 2, 60_000)
    const button = page.getByRole('button', { name: 'Kick Viewer' })
    await button.click()
    // The first click only asks.
    expect(await button.textContent()).toBe('Sure?')
    expect(await page.locator('#sessions tbody tr').count()).toBe(2)
    await button.click()
    await waitFor('one session is left', async () => (await page.locator('#sessions tbody tr').count()) === 1)
    await waitFor('the viewer is not connected', () =>
      viewer.evaluate(() => !['connected', 'live'].includes(document.body.dataset.state ?? '')),
    )
  })

  it('drains the server', async () => {
    await publish('main')
    const page = await open('/dashboard')
    await page.click('#drain')
    expect(await page.textContent('#state')).not.toBe('Draining')
    await page.click('#drain')
    await waitFor('it says so', async () => (await page.textContent('#state')) === 'Draining')
    expect(await page.isDisabled('#drain')).toBe(true)
    const offer = { method: 'POST', headers: { 'content-type': 'application/sdp' }, body: VIEWER_OFFER }
    expect((await fetch(`${server.url}/whep/main`, offer)).status).toBe(503)
  })

  it('shows names and metadata as the text that they are', async () => {
    const admin = await open('/dashboard')
    const name = '<img src=x onerror=alert(1)>'
    await admin.route('**/dashboard/data*', async (route) => {
      const response = await route.fetch()
      const data = await response.json()
      const broadcast = { name, live: true, publishers: 1, viewers: 1 }
      const session = {
        id: '"><script>',
        role: 'publisher',
        as: name,
        broadcast: name,
        state: 'connected',
        createdAt: 0,
      }
      data.broadcasts = { total: 1, items: [broadcast] }
      data.sessions = { total: 1, items: [{ ...session, address: name, metadata: name, codec: name, layer: name }] }
      const node = { nodeId: name, url: name, region: name, viewers: 1, capacity: 2, utilization: 0, draining: false }
      data.cluster = { nodeId: 'x', directoryReachable: true, nodes: { total: 1, items: [node] } }
      await route.fulfill({ response, json: data })
    })
    await waitFor('it is shown', async () => (await admin.textContent('#broadcasts'))?.includes(name) ?? false)
    const texts = await admin.$$eval('#sessions td', (cells) => cells.map((cell) => cell.textContent))
    expect(texts.filter((text) => text?.includes(name)).length).toBeGreaterThanOrEqual(3)
    expect(await admin.locator('main img, main script').count()).toBe(0)
    await admin.click('#broadcasts button')
    await waitFor('it is the title', async () => (await admin.textContent('#title')) === name)
  })

  it('asks for the key where the page does not come from this machine, and keeps it for the tab', async () => {
    // Under another host name nobody is on this machine, whatever the address.
    const { port } = new URL(server.url)
    const other = await launchChromium({ more: ['--host-resolver-rules=MAP admin.example 127.0.0.1'] })
    try {
      const page = await (await other.newContext()).newPage()
      const asked: string[] = []
      page.on('request', (request) => asked.push(request.url()))
      await page.goto(`http://admin.example:${port}/dashboard`)
      await waitFor('it asks for the key', () => page.isVisible('#access'))
      expect(await page.isHidden('#shown')).toBe(true)
      await page.fill('#key', 'another-key-of-mine')
      await page.click('#access button')
      await waitFor('it says that the key is wrong', async () =>
        ((await page.textContent('#error')) ?? '').includes('does not take this key'),
      )
      await page.fill('#key', KEY)
      await page.click('#access button')
      await waitFor('it opens', () => page.isVisible('#shown'))
      expect(await page.isHidden('#error')).toBe(true)
      await page.reload()
      await waitFor('it opens again', () => page.isVisible('#shown'))
      expect(asked.filter((url) => url.includes(KEY))).toEqual([])
    } finally {
      await other.close()
    }
  })
})
