/** Files of every codec in every container, played by the command and decoded by Chromium. */
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { framesShown, isPicture, launchChromium, pixels } from '../support/browser.js'
import { type CliServer, startCli } from '../support/cli-server.js'
import { waitFor } from '../support/wait-for.js'

/** H265 is not among them: Chromium decodes it by hardware only (`test/integration/sources/play-files.test.ts` has it). */
const FILES = [
  'vp8.webm',
  'vp9.webm',
  'av1.webm',
  'vp8.mkv',
  'vp9.mkv',
  'av1.mkv',
  'h264.mkv',
  'vp9.mp4',
  'av1.mp4',
  'h264.mp4',
  'vp9-fragmented.mp4',
  'av1-fragmented.mp4',
  'h264-fragmented.mp4',
  'h264.mov',
  'h264-aac.mp4',
  'vp8.ivf',
  'vp9.ivf',
  'av1.ivf',
  'film.h264',
]

let server: CliServer
let browser: Browser

const nameOf = (file: string) => file.replace('.', '-')

beforeAll(async () => {
  const folder = fileURLToPath(new URL('../fixtures/media', import.meta.url))
  const plays = [...FILES, 'opus.ogg'].flatMap((file) => ['--play', `${nameOf(file)}=${folder}/${file}`])
  server = await startCli([...plays, '--loop'])
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  expect(await server?.stop()).toBe(0)
})

async function watch(file: string): Promise<Page> {
  const page = await browser.newPage()
  await page.addInitScript(() => {
    const seen = window as unknown as { connections: RTCPeerConnection[]; RTCPeerConnection: typeof RTCPeerConnection }
    const { RTCPeerConnection: Original } = seen
    seen.connections = []
    seen.RTCPeerConnection = class extends Original {
      constructor(configuration?: RTCConfiguration) {
        super(configuration)
        seen.connections.push(this)
      }
    }
  })
  await page.goto(`${server.url}/watch/${nameOf(file)}`)
  return page
}

/** The sum of a number over all that the page receives of a kind. */
function received(page: Page, kind: string, figure: string): Promise<number> {
  return page.evaluate(
    async ([wantedKind, name]) => {
      const { connections } = window as unknown as { connections: RTCPeerConnection[] }
      let sum = 0
      for (const connection of connections) {
        for (const stats of (await connection.getStats()).values()) {
          if (stats.type === 'inbound-rtp' && stats.kind === wantedKind) sum += stats[name as string] ?? 0
        }
      }
      return sum
    },
    [kind, figure],
  )
}

it.each(FILES)('%s', async (file) => {
  const page = await watch(file)
  // Two rounds of the file.
  await waitFor(`${file} is shown`, async () => (await framesShown(page)) >= 60)
  const picture = await pixels(page)
  expect(isPicture(picture)).toBe(true)
  expect(await page.evaluate(() => document.querySelector('video')?.videoWidth)).toBe(160)
  await waitFor(`${file} moves`, async () => (await pixels(page)).join() !== picture.join())
  const hasAudio = /\.(webm|mkv|mp4)$/.test(file) && file !== 'h264-aac.mp4'
  if (hasAudio) {
    await waitFor(`${file} sounds`, async () => (await received(page, 'audio', 'totalAudioEnergy')) > 0.001)
  }
  await page.close()
})

it('opus.ogg', async () => {
  const page = await watch('opus.ogg')
  await waitFor('opus.ogg comes', async () => (await received(page, 'audio', 'packetsReceived')) > 100)
  const concealed = await received(page, 'audio', 'concealedSamples')
  const samples = await received(page, 'audio', 'totalSamplesReceived')
  expect(samples - concealed).toBeGreaterThan(48_000)
  await page.close()
})
