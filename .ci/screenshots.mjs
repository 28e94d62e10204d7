/** `npm run docs:screenshots`: takes the pictures in docs/images of a server that really runs, with browsers that publish and watch. */
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { findOrInstallBrowser, NO_BROWSER } from './find-browser.mjs'
import { prepare } from './prepare.mjs'
import { root, say, stop } from './steps.mjs'

/** As long as the plots show two minutes. */
const RUN_MS = 90_000
const JOIN_EVERY_MS = 3000
const IMAGES = join(root, 'docs', 'images')

/** Who is there: how many layers each publisher sends, and the largest height that each viewer wants. */
const AUDIENCE = [
  { broadcast: 'main-stage', simulcast: 1, viewers: Array(10).fill(undefined) },
  { broadcast: 'workshop', simulcast: 3, viewers: [undefined, 180, 90] },
]

prepare()
// It needs the dependencies that were just made ready.
const { launchChromium } = await import('../test/support/lab/launch-chromium.mjs')
const executablePath = findOrInstallBrowser()
if (executablePath === undefined) stop(NO_BROWSER)
const server = spawn(process.execPath, ['dist/cli/main.js', 'serve', '--port', '0'], { cwd: root })
try {
  const url = await addressOf(server)
  const crowd = await launchChromium({ executablePath })
  const beginMs = Date.now()
  for (const { broadcast, simulcast } of AUDIENCE) await publish(await openPage(crowd, url), broadcast, simulcast)
  const page = await openPage(crowd, url)
  for (const { broadcast, viewers } of AUDIENCE) {
    for (const maxHeight of viewers) {
      await watch(page, broadcast, maxHeight)
      await sleep(JOIN_EVERY_MS)
    }
  }
  await sleep(RUN_MS - (Date.now() - beginMs))
  mkdirSync(IMAGES, { recursive: true })
  const looker = await launchChromium({ executablePath })
  await takePicture(looker, `${url}/dashboard`, { width: 1280, height: 1800 }, 'dashboard.png')
  await takePicture(looker, `${url}/dashboard#broadcast=workshop`, { width: 390, height: 1150 }, 'dashboard-phone.png')
  await looker.close()
  await crowd.close()
} finally {
  server.kill()
}

function addressOf(child) {
  return new Promise((resolve, reject) => {
    let printed = ''
    child.stdout.on('data', (data) => {
      printed += data
      const match = /http:\/\/[\w.:]+/.exec(printed)
      if (match) resolve(match[0])
    })
    child.once('exit', (code) => reject(new Error(`the server exited with ${code}`)))
  })
}

async function openPage(browser, url) {
  const context = await browser.newContext({ permissions: ['camera', 'microphone'] })
  const page = await context.newPage()
  // Any page of the server will do: its modules are what is wanted.
  await page.goto(url)
  return page
}

function publish(page, broadcast, simulcast) {
  const ask = async (arg) => {
    const client = await import('/client/index.js')
    const size = { width: 480, height: 270, frameRate: 10 }
    const stream = await navigator.mediaDevices.getUserMedia({ video: size, audio: true })
    client.publish(stream, `/whip/${arg.broadcast}`, { simulcast: arg.simulcast, maxBitrateBps: 900_000 })
  }
  return page.evaluate(ask, { broadcast, simulcast })
}

function watch(page, broadcast, maxHeight) {
  const ask = async (arg) => {
    const client = await import('/client/index.js')
    const video = document.createElement('video')
    video.width = 80
    document.body.append(video)
    client.watch(
      video,
      `/whep/${arg.broadcast}`,
      arg.maxHeight === undefined ? {} : { layer: { maxHeight: arg.maxHeight } },
    )
  }
  return page.evaluate(ask, { broadcast, maxHeight })
}

async function takePicture(browser, url, viewport, name) {
  const page = await browser.newPage({ viewport, colorScheme: 'light' })
  await page.goto(url)
  await page.waitForSelector('[data-plot="bitrate"] .stroke')
  // The health of sessions is looked at in turn.
  await sleep(5000)
  await page.screenshot({ path: join(IMAGES, name) })
  say(`docs/images/${name}`)
  await page.close()
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}
