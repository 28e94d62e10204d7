/**
 * What clients see when their server drains: `npm run bench:drain -- --help`. Two `manycast serve`, a publisher in Chromium, viewers in Chromium with
 * `manycast/client`, and light viewers that do as that client does (events, make before break) but count packets instead of pictures.
 */
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { findOrInstallBrowser } from '../../.ci/find-browser.mjs'
import { launchChromium } from '../support/lab/launch-chromium.mjs'
import { MovingViewer } from './clients/moving-viewer.mjs'
import { quantile } from './clients/quantile.mjs'

const HELP = `Usage: npm run bench:drain -- [options]

  --browser 40      viewers in Chromium, four to a page
  --light 160       light viewers
  --deadline 10     seconds until the deadline
  --settle 5        seconds before and behind
`
const VIEWERS_OF_A_PAGE = 4
const PARALLEL = 8

const { values } = parseArgs({
  options: {
    browser: { type: 'string', default: '40' },
    light: { type: 'string', default: '160' },
    deadline: { type: 'string', default: '10' },
    settle: { type: 'string', default: '5' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(HELP)
  process.exit()
}
process.env.CHROME_PATH ??= findOrInstallBrowser()

/** Starts the command; resolves with its URL and the way to end it. */
function startServer(...args) {
  const child = spawn(process.execPath, ['dist/cli/main.js', 'serve', '--port', '0', '--overload', 'off', ...args])
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const end = (signal) => {
    child.kill(signal)
    return exited
  }
  return new Promise((resolve, reject) => {
    let printed = ''
    child.stdout.on('data', (chunk) => {
      printed += chunk
      const [url] = /http:\/\/[\w.]+:\d+/.exec(printed) ?? []
      if (url) resolve({ url, end })
    })
    child.once('exit', (code) => reject(new Error(`the server exited with ${code}`)))
  })
}

/** A page with the client, and nothing else. */
async function openPage(browser, url) {
  const context = await browser.newContext({ permissions: ['camera'], bypassCSP: true })
  const page = await context.newPage()
  await page.goto(`${url}/no-such-page`)
  await page.evaluate("import('/client/index.js').then((client) => { window.client = client })")
  return page
}

async function publish(page, urls) {
  await page.evaluate(async (endpoints) => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 180, frameRate: 15 } })
    window.session = window.client.publish(stream, endpoints, { serverEvents: true, maxBitrateBps: 150_000 })
    await window.session.whenConnected()
  }, urls)
}

/** `count` viewers in one page, each with the longest time between two pictures. */
async function watch(page, urls, count) {
  await page.evaluate(
    async ([endpoints, viewers]) => {
      document.body.innerHTML = '<video muted width=80></video>'.repeat(viewers)
      window.gapsMs = Array(viewers).fill(0)
      window.sessions = [...document.querySelectorAll('video')].map((video, index) => {
        let lastMs
        const look = () => {
          if (lastMs !== undefined) {
            window.gapsMs[index] = Math.max(window.gapsMs[index], performance.now() - lastMs)
          }
        }
        setInterval(look, 50)
        const onFrame = () => {
          look()
          lastMs = performance.now()
          video.requestVideoFrameCallback(onFrame)
        }
        video.requestVideoFrameCallback(onFrame)
        return window.client.watch(video, endpoints, { serverEvents: true, audio: false })
      })
      await Promise.all(window.sessions.map((session) => session.whenConnected()))
    },
    [urls, count],
  )
}

async function inParallel(items, work) {
  const left = [...items]
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: PARALLEL }, worker))
}

const deadline = Number(values.deadline)
const settleMs = Number(values.settle) * 1000
const first = await startServer('--drain-timeout', String(deadline))
const second = await startServer()
const endpoints = (protocol) => [first, second].map(({ url }) => `${url}/${protocol}/x`)

const browser = await launchChromium()
await publish(await openPage(browser, first.url), endpoints('whip'))
const pageCount = Math.ceil(Number(values.browser) / VIEWERS_OF_A_PAGE)
const pages = []
for (let i = 0; i < pageCount; i++) {
  const page = await openPage(browser, first.url)
  await watch(page, endpoints('whep'), Math.min(VIEWERS_OF_A_PAGE, Number(values.browser) - i * VIEWERS_OF_A_PAGE))
  pages.push(page)
}
const light = Array.from({ length: Number(values.light) }, () => new MovingViewer(endpoints('whep')))
await inParallel(light, (viewer) => viewer.start())
await sleep(settleMs)

const before = await Promise.all(
  pages.map((page) => page.evaluate(() => window.gapsMs.splice(0, Infinity, ...window.gapsMs.map(() => 0)))),
)
for (const viewer of light) viewer.forgetGaps()
const startedMs = performance.now()
const exitCode = await first.end('SIGTERM')
const drainedMs = performance.now() - startedMs
await sleep(settleMs)

const browserGaps = (await Promise.all(pages.map((page) => page.evaluate(() => window.gapsMs)))).flat()
const states = (
  await Promise.all(pages.map((page) => page.evaluate(() => window.sessions.map(({ state }) => state))))
).flat()
const lightGaps = light.map((viewer) => viewer.longestGapMs)
const figures = (gaps) =>
  gaps.length === 0 ? 'none' : `p50 ${Math.round(quantile(gaps, 0.5))} ms, worst ${Math.round(Math.max(...gaps))} ms`
console.log(`${browserGaps.length} viewers in Chromium, ${lightGaps.length} light ones; deadline ${deadline} s`)
console.log(`drained in ${(drainedMs / 1000).toFixed(1)} s, exit code ${exitCode}`)
console.log(
  `longest time between two pictures, Chromium: ${figures(browserGaps)} (before it: ${figures(before.flat())})`,
)
console.log(`longest time between two packets, light viewers: ${figures(lightGaps)}`)
console.log(
  `connected afterwards: ${states.filter((state) => state === 'connected').length} and ${light.filter((viewer) => viewer.isElsewhere).length}`,
)

await browser.close()
await Promise.all(light.map((viewer) => viewer.close()))
await second.end('SIGINT')
process.exit(0)
