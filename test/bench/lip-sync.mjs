/**
 * How far apart a viewer in a real Chromium plays audio and video, after it has joined, after two switches between simulcast layers, and after
 * the publisher was replaced by another one: `npm run bench:lip-sync -- [runs] [seconds of each part] [patience]`. Prints a table and JSON.
 *
 * Chromium does not move audio and video closer together than some 30 ms, so two pages that are connected directly are measured, too.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { findOrInstallBrowser } from '../../.ci/find-browser.mjs'
import { Broadcast } from '../../dist/index.js'
import { Lab, SIMULCAST } from '../support/lab/lab.mjs'
import { launchChromium } from '../support/lab/launch-chromium.mjs'
import { waitFor } from '../support/lab/wait-for.mjs'
import { watchLoad } from './quality/load-watch.mjs'
import { quietMachine } from './quality/quiet-machine.mjs'
import { MAX_SKEW_MS, skewFigures } from './quality/skew-figures.mjs'

const runs = Number(process.argv[2] ?? 3)
const seconds = Number(process.argv[3] ?? 20)
const SAMPLE_MS = 100
const READY_MS = 60_000
const PUBLISHER = { audio: true, video: { width: 1280, height: 720 }, encodings: SIMULCAST }

const browser = await launchChromium({ executablePath: findOrInstallBrowser() })
const all = []
try {
  for (let i = 0; i < runs; i++) {
    await quietMachine(25, Number(process.argv[4] ?? 120) * 1000)
    all.push(await measure())
  }
} finally {
  await browser.close()
}
const text = (ms) => (ms === undefined ? 'never' : ms.toFixed(0))
console.log(
  `| run | after | within ${MAX_SKEW_MS} ms from, ms | first known, ms | median, ms | worst, ms | peak, ms | within, % | known |`,
)
console.log('| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |')
for (const [i, { parts }] of all.entries()) {
  for (const [what, { convergedMs, firstMs, p50Ms, worstMs, peakMs, within, samples, of }] of Object.entries(parts)) {
    const cells = [i + 1, what, ...[convergedMs, firstMs, p50Ms, worstMs, peakMs].map(text)]
    console.log(`| ${[...cells, (within * 100).toFixed(0), `${samples} of ${of}`].join(' | ')} |`)
  }
}
console.log(JSON.stringify(all))

/** One viewer, from its first frame to the end. */
async function measure() {
  const broadcast = new Broadcast({ listenIps: '127.0.0.1' })
  const lab = await Lab.open(browser, broadcast)
  const load = watchLoad()
  try {
    const publisher = await lab.publish(PUBLISHER)
    await waitFor('all layers flow', () => allFlow(publisher.session), READY_MS)
    const viewer = await lab.watch({ audio: true })
    await viewer.page.evaluate((ms) => globalThis.lab.startSampling(ms), SAMPLE_MS)
    const parts = [
      ['joining', () => waitFor('the best layer', async () => (await ridOf(viewer.session)) === 'f', READY_MS)],
      ['going down', () => viewer.session.preferLayer({ maxRid: 'q' })],
      ['going up', () => viewer.session.preferLayer(undefined)],
      ['another publisher', () => lab.publish(PUBLISHER)],
    ]
    const marks = []
    for (const [what, begin] of parts) {
      await begin()
      marks.push({ what, fromMs: Date.now() })
      await sleep(seconds * 1000)
    }
    const endMs = Date.now()
    const { samples } = await viewer.page.evaluate(() => globalThis.lab.take())
    const figures = marks.map(({ what, fromMs }, i) => [
      what,
      skewFigures(samples, fromMs, marks[i + 1]?.fromMs ?? endMs),
    ])
    await lab.everybodyLeaves()
    return { parts: { ...Object.fromEntries(figures), 'no server at all': await measureDirectly(lab) }, load: load() }
  } finally {
    await lab.close()
    await broadcast.close()
  }
}

async function measureDirectly(lab) {
  const { publisher, viewer } = await lab.connectDirectly({ audio: true, video: { width: 1280, height: 720 } })
  await viewer.evaluate((ms) => globalThis.lab.startSampling(ms), SAMPLE_MS)
  const fromMs = Date.now()
  await sleep(seconds * 1000)
  const { samples } = await viewer.evaluate(() => globalThis.lab.take())
  await Promise.all([publisher.context().close(), viewer.context().close()])
  return skewFigures(samples, fromMs, Date.now())
}

async function allFlow(session) {
  const layers = ((await session.stats())?.ingest?.layers ?? []).filter(({ kind }) => kind === 'video')
  return layers.length === SIMULCAST.length && layers.every(({ bitrateBps }) => bitrateBps > 50_000)
}

async function ridOf(session) {
  return (await session.stats())?.egress?.tracks.find(({ kind }) => kind === 'video')?.rid
}
