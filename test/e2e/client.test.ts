/** `manycast/client` in a real Chromium, against the command: ICE restarts, a server that dies and comes back, layers, tokens. */
import { createSocket } from 'node:dgram'
import { SignJWT } from 'jose'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ClientError, Publisher, PublishOptions, Viewer, WatchOptions } from '../../src/client/index.js'
import { launchChromium } from '../support/browser.js'
import { type CliServer, startCli } from '../support/cli-server.js'
import { waitFor } from '../support/wait-for.js'

/** What the pages of these tests have. */
interface TestPage {
  client: typeof import('../../src/client/index.js')
  session: Publisher | Viewer
  states: string[]
  /** The longest time without a new frame, since it was last set to 0. */
  longestGapMs: number
  frames: number
  freshToken(): Promise<string>
}

let browser: Browser
let server: CliServer | undefined
const errors: string[] = []

beforeAll(async () => {
  browser = await launchChromium()
})

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()))
  await server?.stop()
  server = undefined
  expect(errors.splice(0)).toEqual([])
})

afterAll(() => browser?.close())

/** The client and an empty video element, in a page of the server's that has no script of its own. */
async function open(url: string): Promise<Page> {
  const context = await browser.newContext({ permissions: ['camera'] })
  const page = await context.newPage()
  page.on('pageerror', (error) => errors.push(error.message))
  await page.goto(`${url}/no-such-page`)
  // As text: Vitest would rewrite the import.
  await page.evaluate("import('/client/index.js').then((client) => { window.client = client })")
  await page.evaluate(() => {
    document.body.innerHTML = '<video></video>'
    Object.assign(window, { states: [], frames: 0, longestGapMs: 0 })
  })
  return page
}

/** Publishes the fake camera. */
async function publish(url: string, options: PublishOptions = {}): Promise<Page> {
  const page = await open(url)
  await page.evaluate(async (given) => {
    const own = window as unknown as TestPage
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360, frameRate: 30 } })
    own.session = own.client.publish(stream, '/whip/x', given)
    own.session.on('state', (state) => own.states.push(state))
    await own.session.whenConnected()
  }, options)
  return page
}

/** Watches, and looks at when frames come. */
async function watch(url: string, options: WatchOptions = {}): Promise<Page> {
  const page = await open(url)
  await page.evaluate((given) => {
    const own = window as unknown as TestPage
    const video = document.querySelector('video') as HTMLVideoElement
    own.session = own.client.watch(video, '/whep/x', given)
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
  }, options)
  await seesFrames(page)
  return page
}

const framesOf = (page: Page) => page.evaluate(() => (window as unknown as TestPage).frames)
const statesOf = (page: Page) => page.evaluate(() => (window as unknown as TestPage).states)

/** Waits for a second or so of video. */
async function seesFrames(page: Page, count = 30): Promise<void> {
  const before = await framesOf(page)
  await waitFor('frames', async () => (await framesOf(page)) >= before + count, 30_000)
}

describe('an ICE restart', () => {
  it('keeps the session, and the video goes on', async () => {
    server = await startCli()
    const publisher = await publish(server.url)
    const viewer = await watch(server.url)
    const offers: string[] = []
    for (const page of [publisher, viewer]) {
      page.on('request', (request) => request.method() === 'POST' && offers.push(request.url()))
    }
    const ufrags = (page: Page) =>
      page.evaluate(() => {
        const { connection } = (window as unknown as TestPage).session
        return [connection?.localDescription, connection?.remoteDescription].map(
          (description) => /a=ice-ufrag:(\S+)/.exec(description?.sdp ?? '')?.[1],
        )
      })
    const before = [...(await ufrags(viewer)), ...(await ufrags(publisher))]
    await viewer.evaluate(() => {
      ;(window as unknown as TestPage).longestGapMs = 0
    })
    for (const page of [viewer, publisher]) {
      await page.evaluate(() => (window as unknown as TestPage).session.restartIce())
      await seesFrames(viewer, 60)
    }
    const after = [...(await ufrags(viewer)), ...(await ufrags(publisher))]
    for (const [index, ufrag] of after.entries()) expect(ufrag).not.toBe(before[index])
    expect(offers).toEqual([])
    expect([await statesOf(publisher), await statesOf(viewer)]).toEqual([['connected'], ['connected']])
    const gapMs = await viewer.evaluate(() => (window as unknown as TestPage).longestGapMs)
    console.log(`ICE restarts of viewer and publisher: at most ${Math.round(gapMs)} ms without a new frame`)
    expect(gapMs).toBeLessThan(2000)
  })
})

describe('a server that ends and is started again', () => {
  it.each([
    ['SIGKILL', 500],
    ['SIGKILL', 8000],
    ['SIGTERM', 500],
  ] as const)('by %s has everybody back after %d ms, without a reload', async (signal, downMs) => {
    const udpPort = await freeUdpPort()
    server = await startCli(['--udp-port', String(udpPort)])
    const { url } = server
    const publisher = await publish(url)
    const viewers = [await watch(url), await watch(url)]
    await server.stop(signal)
    await new Promise((resolve) => setTimeout(resolve, downMs))
    const frames = await Promise.all(viewers.map(framesOf))
    server = await startCli(['--port', new URL(url).port, '--udp-port', String(udpPort)])
    const startMs = performance.now()
    const backMs = await Promise.all(
      viewers.map(async (viewer, index) => {
        await waitFor('video again', async () => (await framesOf(viewer)) > (frames[index] as number) + 5, 60_000)
        return performance.now() - startMs
      }),
    )
    console.log(
      `server back ${downMs} ms after ${signal}: video again ${backMs.map(Math.round).join(' and ')} ms later`,
    )
    for (const page of [publisher, ...viewers]) {
      expect(await statesOf(page)).toEqual(['connected', 'reconnecting', 'connected'])
    }
  })
})

describe('layers', () => {
  it('are chosen by the page', async () => {
    server = await startCli()
    await publish(server.url, { simulcast: 2, maxBitrateBps: 800_000 })
    const viewer = await watch(server.url)
    const height = () => viewer.evaluate(() => document.querySelector('video')?.videoHeight)
    const select = (choice: object) =>
      viewer.evaluate((given) => ((window as unknown as TestPage).session as Viewer).selectLayer(given), choice)
    await waitFor('the best layer', async () => (await height()) === 360, 40_000)
    await select({ rid: 'h' })
    await waitFor('the smaller layer', async () => (await height()) === 180)
    await select({})
    await waitFor('the best layer again', async () => (await height()) === 360, 40_000)
    await select({ maxHeight: 200 })
    await waitFor('the layer of that height', async () => (await height()) === 180)
    const refusal = await viewer.evaluate(() =>
      ((window as unknown as TestPage).session as Viewer)
        .selectLayer({ rid: 'none' })
        .catch(({ code, status }: ClientError) => ({ code, status })),
    )
    expect(refusal).toEqual({ code: 'request-invalid', status: 422 })
    expect(await statesOf(viewer)).toEqual(['connected'])
  })

  it('may be chosen from the start', async () => {
    server = await startCli()
    await publish(server.url, { simulcast: 2, maxBitrateBps: 800_000 })
    const viewer = await watch(server.url, { layer: { rid: 'h' } })
    await seesFrames(viewer, 90)
    expect(await viewer.evaluate(() => document.querySelector('video')?.videoHeight)).toBe(180)
  })
})

describe('tokens', () => {
  const secret = 'a secret of at least thirty-two bytes'
  const sign = (claims: object) =>
    new SignJWT({ manycast: claims })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('10s')
      .sign(new TextEncoder().encode(secret))

  it('are asked for before each request, and what is refused is told', async () => {
    server = await startCli(['--token-secret', secret])
    const publisher = await publish(server.url, { token: await sign({ publish: 'x' }) })
    const viewer = await open(server.url)
    let asked = 0
    await viewer.exposeFunction('freshToken', () => {
      asked++
      return sign({ view: 'x' })
    })
    const outcome = await viewer.evaluate(async () => {
      const own = window as unknown as TestPage
      const video = document.querySelector('video') as HTMLVideoElement
      const attempt = async (options: WatchOptions) => {
        own.session = own.client.watch(video, '/whep/x', options)
        return own.session.whenConnected().then(
          () => own.session.state,
          ({ code, status }: ClientError) => `${code} ${status}`,
        )
      }
      return [
        await attempt({}),
        await attempt({ token: 'nonsense' }),
        await attempt({ token: () => Promise.reject(new Error('signed out')), reconnect: false }),
        await attempt({ token: () => own.freshToken() }),
      ]
    })
    expect(outcome).toEqual(['unauthorized 401', 'unauthorized 401', 'token-failed undefined', 'connected'])
    await viewer.evaluate(() => (window as unknown as TestPage).session.restartIce())
    expect(asked).toBeGreaterThanOrEqual(2)
    expect(await statesOf(publisher)).toEqual(['connected'])
  })
})

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(() => resolve()))
  return port
}
