/** Where UDP is blocked: a real Chromium, in a network that carries no UDP packet, publishes and watches over TCP (RFC 6544). */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { framesShown, isPicture, launchChromium, pixels } from '../support/browser.js'
import { type CliServer, startCli } from '../support/cli-server.js'
import { canBlockUdp, openUdpBlockedNetwork, type UdpBlockedNetwork } from '../support/udp-blocked.js'
import { waitFor } from '../support/wait-for.js'

interface Watched {
  connections: RTCPeerConnection[]
}

/** What the page's newest connection says of the way that its packets take. */
function selectedPair(page: Page): Promise<{ protocol: string; tcpType: string; remote: string; frames: number }> {
  return page.evaluate(async () => {
    const { connections } = window as unknown as Watched
    const stats = await (connections.at(-1) as RTCPeerConnection).getStats()
    const all = [...stats.values()]
    const transport = all.find(({ type }) => type === 'transport')
    const pair = stats.get(transport?.selectedCandidatePairId)
    const local = stats.get(pair?.localCandidateId)
    const video = all.find(({ type, kind }) => /^(in|out)bound-rtp$/.test(type) && kind === 'video')
    return {
      protocol: local?.protocol,
      tcpType: local?.tcpType,
      remote: stats.get(pair?.remoteCandidateId)?.protocol,
      frames: video?.framesDecoded ?? video?.framesEncoded ?? 0,
    }
  })
}

describe.skipIf(!canBlockUdp())('without UDP', () => {
  let network: UdpBlockedNetwork
  let server: CliServer
  let browser: Browser

  beforeAll(async () => {
    network = await openUdpBlockedNetwork()
    server = await startCli([], undefined, network.prefix)
    browser = await launchChromium({ wrap: (program) => network.wrapper(program) })
  })

  afterAll(async () => {
    await browser?.close()
    expect(await server?.stop()).toBe(0)
    network?.close()
  })

  async function open(path: string): Promise<Page> {
    const context = await browser.newContext({ permissions: ['camera', 'microphone'] })
    const page = await context.newPage()
    await page.addInitScript(() => {
      const watched = window as unknown as Watched & { RTCPeerConnection: typeof RTCPeerConnection }
      const { RTCPeerConnection: Original } = watched
      watched.connections = []
      watched.RTCPeerConnection = class extends Original {
        constructor(configuration?: RTCConfiguration) {
          super(configuration)
          watched.connections.push(this)
        }
      }
    })
    await page.goto(server.url + path)
    return page
  }

  it('Chromium publishes and two others watch, all over TCP', async () => {
    const publisher = await open('/publish/office')
    await publisher.click('#start')
    await waitFor('the publisher sends', async () => {
      const state = await publisher.evaluate(() => document.body.dataset.state)
      return state === 'connected' || state === 'live'
    })
    const viewers = [await open('/watch/office'), await open('/watch/office')]
    for (const viewer of viewers) {
      await waitFor('frames are shown', async () => (await framesShown(viewer)) >= 30)
      const picture = await pixels(viewer)
      expect(isPicture(picture)).toBe(true)
      await waitFor('pixels change', async () => (await pixels(viewer)).join() !== picture.join())
    }
    for (const page of [publisher, ...viewers]) {
      const pair = await selectedPair(page)
      expect(pair).toMatchObject({ protocol: 'tcp', tcpType: 'active', remote: 'tcp' })
      expect(pair.frames).toBeGreaterThanOrEqual(30)
    }
  })
})
