/** A real Chromium publishes and watches over TCP (RFC 6544) in a network that carries no UDP packet, and over UDP in any other. */
import type { Browser, Page } from 'playwright-core'
import { afterEach, expect, it } from 'vitest'
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

const closers: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function open(browser: Browser, server: CliServer, path: string): Promise<Page> {
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

/** A publisher and two viewers that show what it sends; resolves with how each one is connected. */
async function broadcast(network?: UdpBlockedNetwork) {
  const server = await startCli([], undefined, network?.prefix)
  closers.push(async () => expect(await server.stop()).toBe(0))
  const browser = await launchChromium({ runner: (path) => network?.wrapper(path) ?? path })
  closers.push(() => browser.close())
  const publisher = await open(browser, server, '/publish/office')
  await publisher.click('#start')
  await waitFor('the publisher sends', async () => {
    const state = await publisher.evaluate(() => document.body.dataset.state)
    return state === 'connected' || state === 'live'
  })
  const viewers = [await open(browser, server, '/watch/office'), await open(browser, server, '/watch/office')]
  for (const viewer of viewers) {
    await waitFor('frames are shown', async () => (await framesShown(viewer)) >= 30)
    const picture = await pixels(viewer)
    expect(isPicture(picture)).toBe(true)
    await waitFor('pixels change', async () => (await pixels(viewer)).join() !== picture.join())
  }
  return Promise.all([publisher, ...viewers].map(selectedPair))
}

it.skipIf(!canBlockUdp())('without UDP: a publisher and two viewers, all over TCP', async () => {
  const network = await openUdpBlockedNetwork()
  closers.push(() => network.close())
  for (const pair of await broadcast(network)) {
    expect(pair).toMatchObject({ protocol: 'tcp', tcpType: 'active', remote: 'tcp' })
    expect(pair.frames).toBeGreaterThanOrEqual(30)
  }
})

it('with UDP: all over UDP, though TCP is there', async () => {
  for (const pair of await broadcast()) expect(pair).toMatchObject({ protocol: 'udp', remote: 'udp' })
})
