/**
 * What ten viewers notice of an eleventh whose network is bad: `npm run bench:bad-neighbour -- [rounds] [seconds of each window] [patience]`.
 *
 * The ten stay all the time. In turn there is no other viewer, one with a good network, and one behind a link of 500 kbps that loses 5 % of
 * the packets; the stream has 2.2 Mbps. Every packet of the ten is timed, from just before the publisher encrypts it to when the socket hands it
 * over. Prints a table and JSON.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Child, stopAll } from './child.mjs'
import { quantile } from './clients/quantile.mjs'
import { watchLoad } from './quality/load-watch.mjs'
import { quietMachine } from './quality/quiet-machine.mjs'
import { SERVERS } from './servers/index.mjs'

const rounds = Number(process.argv[2] ?? 6)
const seconds = Number(process.argv[3] ?? 8)
const VIEWERS = 10
const STREAM = { packetsPerSecond: 250, framesPerSecond: 30, payloadBytes: 1100, pace: 0.4 }
/** The other viewer has begun, its estimate has found its level, or the last one has gone. */
const SETTLE_MS = 5000
const TIMEOUT_MS = 30_000
const PATIENCE_MS = Number(process.argv[4] ?? 300) * 1000
const DELAY = { delayMs: 40 }
const OTHERS = {
  nobody: undefined,
  good: { toBrowser: DELAY, toServer: DELAY },
  bad: {
    toBrowser: { ...DELAY, bandwidthBps: 500_000, queueBytes: 40_000, lossRate: 0.05 },
    toServer: { ...DELAY, lossRate: 0.05 },
  },
}
const CLIENT = [process.execPath, fileURLToPath(new URL('./clients/load-client.mjs', import.meta.url))]

try {
  await main()
} finally {
  await stopAll()
}

async function main() {
  const { argv, whip, whep } = SERVERS.manycast
  const server = new Child('manycast', 'server', argv({ workers: '1' }), { ipc: true })
  const origin = `http://127.0.0.1:${(await server.ready()).port}`
  const client = new Child('ten viewers', 'client', CLIENT, { ipc: true })
  const other = new Child('the other viewer', 'client', CLIENT, { ipc: true })
  await Promise.all([client.ready(), other.ready()])
  await client.request('publish', { url: origin + whip, srtp: 'both', stream: STREAM }, TIMEOUT_MS)
  const join = { url: origin + whep, srtp: 'both', parallel: 1, sampleEvery: 1 }
  await client.request('join', { ...join, count: VIEWERS, network: { hasFeedback: true } }, TIMEOUT_MS)

  const windows = Object.fromEntries(Object.keys(OTHERS).map((who) => [who, []]))
  for (let round = 0; round < rounds; round++) {
    await quietMachine(15, PATIENCE_MS)
    for (const [who, impaired] of Object.entries(OTHERS)) {
      if (impaired)
        await other.request('join', { ...join, count: 1, network: { hasFeedback: true, impaired } }, TIMEOUT_MS)
      await sleep(SETTLE_MS)
      const load = watchLoad()
      const [before, otherBefore] = await Promise.all(
        [client, other].map((child) => child.request('open', {}, TIMEOUT_MS)),
      )
      await sleep(seconds * 1000)
      const [after, otherAfter] = await Promise.all(
        [client, other].map((child) => child.request('close', {}, TIMEOUT_MS)),
      )
      windows[who].push({
        latencyP50Ms: after.latencyMs.p50,
        latencyP99Ms: after.latencyMs.p99,
        variationP99Ms: after.variationMs.p99,
        received: after.received - before.received,
        lost: after.expected - before.expected - (after.received - before.received),
        keyframeRequests: after.keyframeRequests - before.keyframeRequests,
        otherReceived: otherAfter.received - otherBefore.received,
        otherProgramsPercent: load().otherPercent,
      })
      if (impaired) await other.request('leave', {}, TIMEOUT_MS)
    }
  }
  report(windows)
}

function report(windows) {
  const fields = Object.keys(windows.nobody[0])
  const median = (who, field) =>
    quantile(
      windows[who].map((window) => window[field]),
      0.5,
    )
  const spread = (who, field) => {
    const values = windows[who].map((window) => window[field])
    return `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`
  }
  console.log('| median of the windows (least to most) | nobody else | a good one | a bad one |')
  console.log('| --- | ---: | ---: | ---: |')
  for (const field of fields) {
    const cells = Object.keys(windows).map((who) => `${median(who, field).toFixed(2)} (${spread(who, field)})`)
    console.log(`| ${[field, ...cells].join(' | ')} |`)
  }
  // Windows of one round are next to each other in time, so what the machine does is much the same in them.
  for (const field of ['latencyP50Ms', 'latencyP99Ms', 'variationP99Ms']) {
    const differences = (one, two) => windows[one].map((window, i) => window[field] - windows[two][i][field])
    const cell = (one, two) => quantile(differences(one, two), 0.5).toFixed(2)
    console.log(
      `${field}, median of the differences in a round: bad - nobody ${cell('bad', 'nobody')}, bad - good ${cell('bad', 'good')}, good - nobody ${cell('good', 'nobody')}`,
    )
  }
  console.log(JSON.stringify(windows))
}
