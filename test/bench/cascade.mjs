/**
 * What each node of a chain of relays adds: delay, loss, and keyframe requests to the publisher. `npm run bench:cascade -- --help`. Each node is a
 * process of its own with one thread; publisher and viewers are in this one, so that packets carry the time of one clock.
 */
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Child, stopAll } from './child.mjs'
import { Publisher } from './clients/publisher.mjs'
import { quantile } from './clients/quantile.mjs'
import { Viewer } from './clients/viewer.mjs'
import { busyMs } from './machine-load.mjs'

const HELP = `Usage: npm run bench:cascade -- [options]

  --hops 4      relays, one behind the other
  --seconds 20  how long is measured
  --joins 10    viewers that join the first node, and then as many the last, one after the other
  --rate 120    packets a second
  --sfu '{}'    further options of each Sfu, as JSON
  --json file   writes the results there
`
const STREAM = { framesPerSecond: 30, payloadBytes: 1100, pace: 0.8 }
const SETTLE_MS = 3000
const STAY_MS = 600
const NODE = fileURLToPath(new URL('./servers/cascade-node.mjs', import.meta.url))

const { values } = parseArgs({
  options: {
    hops: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '20' },
    joins: { type: 'string', default: '10' },
    rate: { type: 'string', default: '120' },
    sfu: { type: 'string', default: '{}' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  process.stdout.write(HELP)
  process.exit()
}
const [hops, seconds, joins, packetsPerSecond] = [values.hops, values.seconds, values.joins, values.rate].map(Number)

const publisher = new Publisher({ ...STREAM, packetsPerSecond })
try {
  const results = await measure()
  report(results)
  if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`)
} finally {
  await publisher.close()
  await stopAll()
}

async function measure() {
  const urls = [await startNode()]
  await publisher.start(urls[0].replace('whep', 'whip'), 'both')
  for (let hop = 1; hop <= hops; hop++) urls.push(await startNode('--pull', urls.at(-1)))

  const places = urls.map(() => ({ latenciesMs: [], viewer: undefined }))
  for (const [hop, place] of places.entries()) {
    place.viewer = new Viewer(1, (ms) => place.latenciesMs.push(ms))
    await place.viewer.join(urls[hop], 'both')
  }
  await sleep(SETTLE_MS)
  const before = places.map(({ viewer }) => ({ received: viewer.received, expected: viewer.expected }))
  for (const place of places) place.latenciesMs.length = 0
  const [busyBefore, startMs, requestsBefore] = [busyMs(), performance.now(), publisher.keyframeRequests]
  await sleep(seconds * 1000)
  const machineCores = (busyMs() - busyBefore) / (performance.now() - startMs)
  const requestsWhileSteady = publisher.keyframeRequests - requestsBefore
  const nodes = places.map(({ viewer, latenciesMs }, hop) => ({
    hop,
    packets: viewer.received - before[hop].received,
    lost: viewer.expected - before[hop].expected - (viewer.received - before[hop].received),
    p50Ms: quantile(latenciesMs, 0.5),
    p95Ms: quantile(latenciesMs, 0.95),
    p99Ms: quantile(latenciesMs, 0.99),
  }))
  await Promise.all(places.map(({ viewer }) => viewer.close()))
  return {
    hops,
    packetsPerSecond,
    seconds,
    machineCores,
    nodes,
    addedPerHopP50Ms: (nodes.at(-1).p50Ms - nodes[0].p50Ms) / hops,
    requestsWhileSteady,
    joins: { viewers: joins, first: await joining(urls[0]), last: await joining(urls.at(-1)) },
  }
}

/** Viewers come and go, one after the other: what they wait for their first keyframe, and what it costs the publisher. */
async function joining(url) {
  const before = publisher.keyframeRequests
  const waitsMs = []
  for (let i = 0; i < joins; i++) {
    const viewer = new Viewer(1000, () => {})
    await viewer.join(url, 'both')
    await sleep(STAY_MS)
    if (viewer.firstKeyframeMs !== undefined) waitsMs.push(viewer.firstKeyframeMs)
    await viewer.close()
  }
  return {
    keyframeRequests: publisher.keyframeRequests - before,
    started: waitsMs.length,
    p50Ms: quantile(waitsMs, 0.5),
  }
}

async function startNode(...args) {
  const child = new Child(`node ${args[1] ?? ''}`, 'server', [process.execPath, NODE, '--sfu', values.sfu, ...args], {
    ipc: true,
  })
  const { port } = await child.ready()
  return `http://127.0.0.1:${port}/whep/live`
}

function report({ nodes, addedPerHopP50Ms, machineCores, requestsWhileSteady, joins: { viewers, first, last } }) {
  const ms = (value) => (value === undefined ? '-' : value.toFixed(2)).padStart(8)
  const lines = nodes.map(({ hop, packets, lost, p50Ms, p95Ms, p99Ms }) => {
    return `  ${String(hop).padStart(4)}${String(packets).padStart(9)}${String(lost).padStart(6)}${ms(p50Ms)}${ms(p95Ms)}${ms(p99Ms)}`
  })
  const join = (name, { keyframeRequests, started, p50Ms }) =>
    `  ${name}: ${started} of ${viewers} started within ${STAY_MS} ms, p50 ${ms(p50Ms).trim()} ms; ${keyframeRequests} keyframe requests to the publisher`
  console.log(
    [
      `A chain of ${hops} relays, ${packetsPerSecond} packets/s for ${seconds} s; all cores together did ${machineCores.toFixed(2)} cores' work`,
      '  hops  packets  lost  p50 ms  p95 ms  p99 ms',
      ...lines,
      `  added per hop, p50: ${ms(addedPerHopP50Ms).trim()} ms`,
      `  keyframe requests to the publisher while nobody joins: ${requestsWhileSteady}`,
      'Viewers that join, one after the other',
      join('at the first node', first),
      join('at the last node', last),
    ].join('\n'),
  )
}
