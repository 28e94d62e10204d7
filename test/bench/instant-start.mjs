/**
 * How soon a viewer that joins sees a picture, and how far behind the others it stays: `npm run bench:instant-start -- --help`. Publisher
 * and viewers are real Chromiums; the publisher shows a film whose frames carry numbers, and makes a keyframe every ten seconds or when it is asked.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { findOrInstallBrowser } from '../../.ci/find-browser.mjs'
import { Broadcast } from '../../dist/index.js'
import { writeCameraFile } from '../support/lab/camera-file.mjs'
import { Lab } from '../support/lab/lab.mjs'
import { launchChromium } from '../support/lab/launch-chromium.mjs'
import { waitFor } from '../support/lab/wait-for.mjs'
import { quantile } from './clients/quantile.mjs'
import { lagMs } from './quality/frame-lag.mjs'
import { watchLoad } from './quality/load-watch.mjs'
import { quietMachine } from './quality/quiet-machine.mjs'

const HELP = `Usage: npm run bench:instant-start -- [options]

  --joins 20        viewers that join, one after the other, at random times
  --stay 7          seconds that each of them stays
  --interval 10000  milliseconds between two keyframes, at the most
  --sfu '{}'        further options of the Broadcast, as JSON
  --control '{}'    measures twice, the second time with these options: such that a viewer waits for a fresh keyframe
  --quiet 25        waits before each join until other programs take less than so many percent of a core
  --patience 30     for so many seconds, and goes on then all the same
  --json file       writes every join there
`
const FILM = { width: 640, height: 360, frames: 60, fps: 30 }
const ENCODING = { maxBitrate: 1_200_000 }
const READY_MS = 60_000
const SETTLE_MS = 6000
/** How far behind a viewer is, is looked at so long after its first frame, for so long. */
const LAG_AT_MS = [1000, 2000, 5000]
const LAG_WINDOW_MS = 1500

const { values } = parseArgs({
  options: {
    joins: { type: 'string', default: '20' },
    stay: { type: 'string', default: '7' },
    interval: { type: 'string', default: '10000' },
    sfu: { type: 'string', default: '{}' },
    control: { type: 'string' },
    quiet: { type: 'string', default: '25' },
    patience: { type: 'string', default: '30' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(HELP)
  process.exit()
}

const folder = mkdtempSync(join(tmpdir(), 'manycast-bench-'))
const cameraFile = join(folder, 'camera.y4m')
writeCameraFile(cameraFile, FILM)
const browser = await launchChromium({ executablePath: findOrInstallBrowser(), cameraFile })
try {
  const results = { measured: await measure(JSON.parse(values.sfu)) }
  if (values.control !== undefined) results.control = await measure(JSON.parse(values.control))
  report(results)
  if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`)
} finally {
  await browser.close()
  rmSync(folder, { recursive: true })
}

/** All joins with these options of the broadcast. */
async function measure(options) {
  const broadcast = new Broadcast({ listenIps: '127.0.0.1', keyframeIntervalMs: Number(values.interval), ...options })
  const lab = await Lab.open(browser, broadcast)
  try {
    const video = { width: FILM.width, height: FILM.height }
    const publisher = await lab.publish({ audio: true, video, encodings: [ENCODING] })
    const reference = await lab.watch({ audio: true, readIndex: true })
    await waitFor('a picture', async () => (await take(reference)).decodedMs !== undefined, READY_MS)
    await sleep(SETTLE_MS)
    const before = await keyframesOf(publisher)
    const startMs = Date.now()
    const joins = []
    for (let i = 0; i < Number(values.joins); i++) joins.push(await oneJoin(lab, publisher, reference))
    const after = await keyframesOf(publisher)
    return { joins, keyframeRequests: after.requests - before.requests, seconds: (Date.now() - startMs) / 1000 }
  } finally {
    await lab.close()
    await broadcast.close()
  }
}

async function oneJoin(lab, publisher, reference) {
  await quietMachine(Number(values.quiet), Number(values.patience) * 1000)
  await sleep(Math.random() * Number(values.interval))
  const load = watchLoad()
  const { keyframes, requests } = await keyframesOf(publisher)
  await take(reference)
  const viewer = await lab.watch({ audio: true, readIndex: true })
  await waitFor(
    'a picture',
    async () => (await viewer.page.evaluate(() => globalThis.lab.received())).video?.framesDecoded > 0,
    READY_MS,
  )
  await sleep(Number(values.stay) * 1000)
  const now = await keyframesOf(publisher)
  const egress = (await viewer.session.stats())?.egress
  const [{ connectedMs, decodedMs, frames }, others] = [await take(viewer), (await take(reference)).frames]
  await lab.leave(viewer)
  const shownMs = frames[0]?.atMs
  const lags = LAG_AT_MS.map((ms) => [
    `lag${ms / 1000}sMs`,
    lagMs(frames, others, shownMs + ms, shownMs + ms + LAG_WINDOW_MS),
  ])
  return {
    toDecodedMs: decodedMs - connectedMs,
    toShownMs: shownMs - connectedMs,
    ...Object.fromEntries(lags),
    keyframes: now.keyframes - keyframes,
    keyframeRequests: now.requests - requests,
    instantStart: egress?.tracks.find(({ kind }) => kind === 'video')?.instantStart,
    otherProgramsPercent: load().otherPercent,
  }
}

function take({ page }) {
  return page.evaluate(() => globalThis.lab.take())
}

async function keyframesOf({ session }) {
  const layer = (await session.stats()).ingest.layers.find(({ kind }) => kind === 'video')
  return { keyframes: layer.keyframesReceived, requests: layer.keyframeRequestsSent }
}

function report(results) {
  const fields = ['toDecodedMs', 'toShownMs', ...LAG_AT_MS.map((ms) => `lag${ms / 1000}sMs`), 'otherProgramsPercent']
  console.log(`| ${['p50 / p90 / worst', ...Object.keys(results)].join(' | ')} |`)
  console.log(`| ${['---', ...Object.keys(results).map(() => '---:')].join(' | ')} |`)
  for (const field of fields) {
    const cells = Object.values(results).map(({ joins }) => {
      const known = joins.map((one) => one[field]).filter((value) => value !== undefined)
      return [0.5, 0.9, 1].map((q) => quantile(known, q)?.toFixed(0)).join(' / ')
    })
    console.log(`| ${[field, ...cells].join(' | ')} |`)
  }
  const counts = Object.values(results).map(({ joins, keyframeRequests, seconds }) => {
    const hits = joins.filter(({ instantStart }) => instantStart?.hits > 0).length
    return `${joins.length} joins, ${hits} from the cache, ${keyframeRequests} keyframe requests in ${seconds.toFixed(0)} s`
  })
  console.log(`| ${['counted', ...counts].join(' | ')} |`)
  console.log(JSON.stringify(results))
}
