/** A real Chromium publishes simulcast, changes the size of its picture and is replaced; another one plays what was recorded, to its end. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchChromium } from '../support/browser.js'
import { type CliServer, startCli } from '../support/cli-server.js'
import { ClientPages, type ClientWindow } from '../support/client-pages.js'
import { mediaFiles, readRecording } from '../support/read-recording.js'
import { waitFor } from '../support/wait-for.js'

let browser: Browser
let server: CliServer
let dir: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'manycast-e2e-'))
  server = await startCli(['--record', dir])
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  await server?.stop()
  await rm(dir, { recursive: true })
})

interface Listed {
  readonly id: string
  readonly state: string
  readonly files: readonly { readonly durationMs: number; readonly complete: boolean }[]
}

async function listed(): Promise<Listed | undefined> {
  const [recording] = (await (await fetch(`${server.url}/api/recordings`)).json()) as Listed[]
  return recording
}

async function recordedMs(): Promise<number> {
  return (await listed())?.files.reduce((sum, { durationMs }) => sum + durationMs, 0) ?? 0
}

async function whenRecorded(what: string, ms: number): Promise<void> {
  const before = await recordedMs()
  await waitFor(what, async () => (await recordedMs()) > before + ms, 60_000)
}

async function publish(pages: ClientPages, width: number, height: number): Promise<Page> {
  const page = await pages.open(server.url)
  await page.context().grantPermissions(['camera', 'microphone'])
  await page.evaluate(
    async (size) => {
      const own = window as unknown as ClientWindow & { stream: MediaStream }
      own.stream = await navigator.mediaDevices.getUserMedia({ video: { ...size, frameRate: 30 }, audio: true })
      own.session = own.client.publish(own.stream, '/whip/x', { simulcast: 3 })
      await own.session.whenConnected()
    },
    { width, height },
  )
  return page
}

it('plays from start to end', { timeout: 240_000 }, async () => {
  const pages = new ClientPages(browser)
  const first = await publish(pages, 1280, 720)
  await whenRecorded('the first publisher', 6000)
  const watching = await pages.open(server.url)
  await watching.goto(`${server.url}/watch/x`)
  await watching.getByText('Recording', { exact: true }).waitFor({ state: 'visible' })
  await watching.goto(server.url)
  await watching.locator('#recording-list li').getByText('Recording', { exact: true }).waitFor({ state: 'visible' })
  await watching.close()
  await first.evaluate(async () => {
    const { stream } = window as unknown as { stream: MediaStream }
    await stream.getVideoTracks()[0]?.applyConstraints({ width: 640, height: 360 })
  })
  await whenRecorded('another size', 4000)
  const second = await publish(pages, 640, 480)
  await whenRecorded('another publisher', 5000)
  for (const page of [first, second]) await page.close()
  await waitFor('the end of the recording', async () => (await listed())?.state === 'ended', 60_000)

  const recording = (await listed()) as Listed
  const files = await Promise.all((await mediaFiles(dir)).map(readRecording))
  const frames = files.reduce((sum, { video }) => sum + (video?.packets.length ?? 0), 0)
  const page = await pages.open(server.url)
  await page.goto(server.url)
  await page.getByRole('link', { name: 'Play the recording of x' }).click()
  await page.waitForURL(`${server.url}/play/${recording.id}`)
  await page.waitForFunction(() => document.querySelector('video')?.src !== '')
  await page.evaluate(() => {
    const video = document.querySelector('video') as HTMLVideoElement
    const seen = { sizes: [] as string[], frames: 0, errors: [] as string[] }
    Object.assign(window, { seen })
    const onFrame = (): void => {
      seen.frames++
      const size = `${video.videoWidth}x${video.videoHeight}`
      if (seen.sizes.at(-1) !== size) seen.sizes.push(size)
      video.requestVideoFrameCallback(onFrame)
    }
    video.requestVideoFrameCallback(onFrame)
    video.addEventListener('error', () => seen.errors.push(video.error?.message ?? ''))
    video.muted = true
    video.playbackRate = 1
    return video.play()
  })
  await page.waitForFunction(() => document.body.dataset.state === 'closed', undefined, { timeout: 120_000 })
  const seen = await page.evaluate(() => {
    const { seen } = window as unknown as { seen: { sizes: string[]; frames: number; errors: string[] } }
    const video = document.querySelector('video') as HTMLVideoElement
    return { ...seen, endS: video.currentTime, durationS: video.duration }
  })
  expect(seen.errors).toEqual([])
  expect(seen.endS).toBeCloseTo(seen.durationS, 1)
  // Both publishers, in several sizes.
  expect(new Set(seen.sizes).size).toBeGreaterThanOrEqual(2)
  expect(seen.sizes.some((size) => size.endsWith('x480') || size.endsWith('x240') || size.endsWith('x120'))).toBe(true)
  // A busy machine may draw fewer of them.
  expect(seen.frames).toBeGreaterThan(frames / 4)
  expect(recording.files.every(({ complete }) => complete)).toBe(true)
  expect(pages.errors).toEqual([])
})
