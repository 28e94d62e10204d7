/**
 * What a scrape of `/metrics` costs: `npm run bench:scrape -- [viewers] [video packets/s] [seconds] [scrapes/s]`.
 *
 * So many viewers watch; in every other window the metrics are scraped, far more often than anybody would. Prints how long scrapes take and
 * what viewers notice of them, and exits with 1 if it is too much. The server has a core of its own.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { stopAll } from './child.mjs'
import { quantile } from './clients/quantile.mjs'
import { watchLoad } from './quality/load-watch.mjs'
import { quietMachine } from './quality/quiet-machine.mjs'
import { observe, setStage } from './stage.mjs'

const [viewers = 1000, videoPacketsPerSecond = 20, seconds = 10, scrapesPerSecond = 2] = process.argv
  .slice(2)
  .map(Number)
const STREAM = { packetsPerSecond: videoPacketsPerSecond, framesPerSecond: 10, payloadBytes: 1100, pace: 0.4 }
const WINDOWS = 6
const MAX_SCRAPE_MS = 50
const MAX_ADDED_MS = 2
const SETTLE_MS = 5000
const PATIENCE_MS = 120_000

try {
  await main()
} finally {
  await stopAll()
}

async function main() {
  const stage = await setStage()
  await stage.publish(STREAM)
  await stage.join(viewers, 5)
  await sleep(SETTLE_MS)
  await quietMachine(20, PATIENCE_MS)

  const quiet = []
  const scraped = []
  for (let window = 0; window < WINDOWS; window++) {
    const scrapes = window % 2 === 1
    const result = await measured(stage, () => (scrapes ? scrapeFor(stage.origin) : sleep(seconds * 1000, [])))
    ;(scrapes ? scraped : quiet).push(result)
  }
  report(quiet, scraped)
}

/** Scrapes for the length of a window; how long each took. */
async function scrapeFor(origin) {
  const tookMs = []
  const endMs = performance.now() + seconds * 1000
  while (performance.now() < endMs) {
    const startMs = performance.now()
    const response = await fetch(`${origin}/metrics`, { headers: { accept: 'application/openmetrics-text' } })
    const text = await response.text()
    tookMs.push(performance.now() - startMs)
    if (!text.endsWith('# EOF\n')) throw new Error(`no exposition: ${response.status}`)
    await sleep(Math.max(0, 1000 / scrapesPerSecond - (performance.now() - startMs)))
  }
  return tookMs
}

async function measured(stage, meanwhile) {
  const load = watchLoad()
  const seen = await observe(stage, meanwhile)
  const { result: tookMs, before, after } = seen
  const expected = after.expected - before.expected
  return {
    tookMs,
    connected: after.connected,
    received: after.received - before.received,
    lost: (expected - (after.received - before.received)) / expected,
    latencyP50Ms: after.latencyMs.p50,
    latencyP99Ms: after.latencyMs.p99,
    latencyMaxMs: after.latencyMs.max,
    serverCpuPercent: seen.serverCpuPercent,
    clientCpuPercent: seen.clientCpuPercent,
    otherProgramsPercent: load().otherPercent,
  }
}

function report(quiet, scraped) {
  const median = (windows, field) =>
    quantile(
      windows.map((window) => window[field]),
      0.5,
    )
  const tookMs = scraped.flatMap((window) => window.tookMs)
  console.log(
    `| ${viewers} viewers, ${videoPacketsPerSecond} packets/s each | without | ${scrapesPerSecond} scrapes/s |`,
  )
  console.log('| --- | ---: | ---: |')
  for (const field of Object.keys(quiet[0]).filter((name) => name !== 'tookMs')) {
    console.log(`| ${field} | ${rounded(median(quiet, field))} | ${rounded(median(scraped, field))} |`)
  }
  const [p50, p95, max] = [0.5, 0.95, 1].map((share) => quantile(tookMs, share))
  console.log(`${tookMs.length} scrapes: p50 ${rounded(p50)} ms, p95 ${rounded(p95)} ms, longest ${rounded(max)} ms`)
  const added = median(scraped, 'latencyP99Ms') - median(quiet, 'latencyP99Ms')
  const kept = [
    [`a scrape takes ${rounded(p95)} ms (p95), ${MAX_SCRAPE_MS} ms are allowed`, p95 <= MAX_SCRAPE_MS],
    [
      `scrapes add ${rounded(added)} ms to the p99 of the latency, ${MAX_ADDED_MS} ms are allowed`,
      added <= MAX_ADDED_MS,
    ],
  ]
  for (const [text, holds] of kept) console.log(`${holds ? 'kept' : 'NOT KEPT'}: ${text}`)
  if (!kept.every(([, holds]) => holds)) process.exitCode = 1
}

function rounded(value) {
  return Number.isInteger(value) ? value : value?.toPrecision(3)
}
