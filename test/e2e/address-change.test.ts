/**
 * A browser whose address changes, as that of a phone which leaves the house: publisher and viewer stay in their sessions.
 *
 * Needs network namespaces, that is Linux and root; skipped elsewhere.
 */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium } from '../support/browser.js'
import { type CliServer, startCli } from '../support/cli-server.js'
import { ClientPages, forgetGaps, longestGapMs, seesFrames, statesOf } from '../support/client-pages.js'
import { twoHosts } from '../support/two-hosts.js'

const URL_OF_SERVER = 'http://10.9.0.1:8080'
const hosts = twoHosts()

describe.skipIf(hosts === undefined)('an address that changes', () => {
  let browser: Browser | undefined
  let server: CliServer | undefined

  beforeAll(async () => {
    if (!hosts) return
    hosts.moveClient(2)
    const args = ['--port', '8080', '--host', '10.9.0.1', '--listen-ip', '10.9.0.1']
    server = await startCli(args, undefined, hosts.onServer)
    browser = await launchChromium({
      runner: hosts.onClient,
      // For the camera.
      more: [`--unsafely-treat-insecure-origin-as-secure=${URL_OF_SERVER}`],
    })
  })

  afterAll(async () => {
    await browser?.close()
    await server?.stop()
    hosts?.remove()
  })

  it('leaves everybody in the same session, with video', async () => {
    const pages = new ClientPages(browser as Browser)
    const publisher = await pages.publish(URL_OF_SERVER)
    const viewer = await pages.watch(URL_OF_SERVER)
    const offers: string[] = []
    for (const page of [publisher, viewer]) {
      page.on('request', (request) => request.method() === 'POST' && offers.push(request.url()))
    }
    const gapsMs: number[] = []
    for (const host of [3, 4, 5]) {
      await forgetGaps(viewer)
      hosts?.moveClient(host)
      // More than what is still under way.
      await seesFrames(viewer, 120)
      gapsMs.push(Math.round(await longestGapMs(viewer)))
    }
    console.log(`the address of publisher and viewer changes: ${gapsMs.join(', ')} ms without a new frame`)
    expect(offers).toEqual([])
    for (const page of [publisher, viewer]) {
      const states = await statesOf(page)
      expect(states.filter((state) => state !== 'reconnecting' && state !== 'connected')).toEqual([])
    }
    expect(pages.errors).toEqual([])
  })
})
