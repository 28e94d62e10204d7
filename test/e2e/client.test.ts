/** `manycast/client` in a real Chromium, against the command: ICE restarts, a server that dies and comes back, layers, tokens. */
import { createSocket } from 'node:dgram'
import { SignJWT } from 'jose'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ClientError, Viewer, WatchOptions } from '../../src/client/index.js'
import { launchChromium } from '../support/browser.js'
import { type CliServer, startCli } from '../support/cli-server.js'
import {
  ClientPages,
  type ClientWindow,
  forgetGaps,
  framesOf,
  longestGapMs,
  seesFrames,
  statesOf,
} from '../support/client-pages.js'
import { waitFor } from '../support/wait-for.js'

type TestPage = ClientWindow & { freshToken(): Promise<string> }

let browser: Browser
let pages: ClientPages
let server: CliServer | undefined

beforeAll(async () => {
  browser = await launchChromium()
  pages = new ClientPages(browser)
})

afterEach(async () => {
  await pages.closeAll()
  await server?.stop()
  server = undefined
  expect(pages.errors.splice(0)).toEqual([])
})

afterAll(() => browser?.close())

describe('an ICE restart', () => {
  it('keeps the session, and the video goes on', async () => {
    server = await startCli()
    const publisher = await pages.publish(server.url)
    const viewer = await pages.watch(server.url)
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
    await forgetGaps(viewer)
    for (const page of [viewer, publisher]) {
      await page.evaluate(() => (window as unknown as TestPage).session.restartIce())
      await seesFrames(viewer, 60)
    }
    const after = [...(await ufrags(viewer)), ...(await ufrags(publisher))]
    for (const [index, ufrag] of after.entries()) expect(ufrag).not.toBe(before[index])
    expect(offers).toEqual([])
    expect([await statesOf(publisher), await statesOf(viewer)]).toEqual([['connected'], ['connected']])
    const gapMs = await longestGapMs(viewer)
    console.log(`ICE restarts of viewer and publisher: at most ${Math.round(gapMs)} ms without a new frame`)
    expect(gapMs).toBeLessThan(2000)
  })
})

describe('a server that ends and is started again', () => {
  it.each([
    ['SIGKILL', 500],
    ['SIGKILL', 8000],
    ['SIGINT', 500],
  ] as const)('by %s has everybody back after %d ms, without a reload', async (signal, downMs) => {
    const udpPort = await freeUdpPort()
    server = await startCli(['--udp-port', String(udpPort)])
    const { url } = server
    const publisher = await pages.publish(url)
    const viewers = [await pages.watch(url), await pages.watch(url)]
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
    await pages.publish(server.url, { simulcast: 2, maxBitrateBps: 800_000 })
    const viewer = await pages.watch(server.url)
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
    await pages.publish(server.url, { simulcast: 2, maxBitrateBps: 800_000 })
    const viewer = await pages.watch(server.url, { layer: { rid: 'h' } })
    await seesFrames(viewer, 90)
    expect(await viewer.evaluate(() => document.querySelector('video')?.videoHeight)).toBe(180)
  })
})

describe('autoplay', () => {
  it('is without sound until the user clicks, where the browser wants it so', async () => {
    const strict = await launchChromium({ more: ['--autoplay-policy=document-user-activation-required'] })
    try {
      server = await startCli()
      await pages.publish(server.url)
      const viewer = await strict.newPage()
      const blocked: string[] = []
      await viewer.exposeFunction('tell', (what: string) => blocked.push(what))
      // What is evaluated in a page counts as a click, so nothing may be before it plays.
      await viewer.addInitScript({
        content: `addEventListener('load', async () => {
          const { watch } = await import('/client/index.js')
          document.body.innerHTML = '<video></video>'
          window.session = watch(document.querySelector('video'), '/whep/x')
          session.on('autoplay-blocked', tell)
          document.onclick = () => session.unmute()
        })`,
      })
      await viewer.goto(`${server.url}/no-such-page`)
      await waitFor('the browser blocks the sound', () => blocked.length > 0)
      const playing = () =>
        viewer.evaluate(() => {
          const { muted, paused } = document.querySelector('video') as HTMLVideoElement
          return { muted, paused }
        })
      expect([blocked, await playing()]).toEqual([['sound'], { muted: true, paused: false }])
      await viewer.click('video')
      await waitFor('it plays with sound', async () => !(await playing()).muted)
      expect([blocked, await playing()]).toEqual([['sound'], { muted: false, paused: false }])
    } finally {
      await strict.close()
    }
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
    const publisher = await pages.publish(server.url, { token: await sign({ publish: 'x' }) })
    const viewer = await pages.open(server.url)
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
