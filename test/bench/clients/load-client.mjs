/** The client process: one publisher and any number of viewers, told over IPC what to do. */
import { announceReady, answerRequests } from '../ipc.mjs'
import { Publisher } from './publisher.mjs'
import { quantile } from './quantile.mjs'
import { Viewer } from './viewer.mjs'

/** @type {Publisher | undefined} */
let publisher
/** @type {Viewer[]} */
const viewers = []
/** Latencies of sampled packets since the window began; undefined while nobody measures. */
let latenciesMs
/** How much each differs from that of the sampled packet before it, to the same viewer. */
let variationsMs
const timeline = { failed: 0, firstFailure: undefined }

async function publish({ url, srtp, stream }) {
  publisher = new Publisher(stream)
  await publisher.start(url, srtp)
}

/** Joins `count` viewers, `parallel` at a time. Those that fail are counted and gone. `network` is as for `Viewer`. */
async function join({ url, srtp, count, parallel, sampleEvery, network }) {
  const startMs = performance.now()
  let left = count
  const worker = async () => {
    while (left > 0) {
      left--
      const viewer = new Viewer(sampleEvery, latencyNotes(), network)
      try {
        await viewer.join(url, srtp)
        viewers.push(viewer)
      } catch (error) {
        timeline.failed++
        timeline.firstFailure ??= String(error)
        await viewer.close()
      }
    }
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  return { wallMs: performance.now() - startMs }
}

function latencyNotes() {
  let before
  return (ms) => {
    latenciesMs?.push(ms)
    if (before !== undefined) variationsMs?.push(Math.abs(ms - before))
    before = ms
  }
}

const sum = (field) => viewers.reduce((total, viewer) => total + viewer[field], 0)

function counters() {
  const { user, system } = process.cpuUsage()
  return {
    atMs: performance.now(),
    cpuUs: user + system,
    sent: publisher?.sent,
    keyframes: publisher?.keyframes,
    keyframeRequests: publisher?.keyframeRequests,
    connected: viewers.length,
    srtpProfiles: [...new Set(viewers.map((viewer) => viewer.srtpProfile))],
    failed: timeline.failed,
    firstFailure: timeline.firstFailure,
    silent: viewers.filter((viewer) => viewer.received === 0).length,
    withoutKeyframe: viewers.filter((viewer) => viewer.firstKeyframeMs === undefined).length,
    received: sum('received'),
    expected: sum('expected'),
    late: sum('late'),
    /** Of each viewer, in the order in which they joined. */
    ofEach: viewers.map(({ received, expected }) => ({ received, expected })),
    repaired: sum('repaired'),
    decrypted: sum('decrypted'),
    authFailures: sum('authFailures') + sum('rtcpAuthFailures'),
  }
}

/** Begins the steady window. */
function open() {
  latenciesMs = []
  variationsMs = []
  return counters()
}

/** Ends it. */
function close() {
  const end = counters()
  const firstKeyframes = viewers.map((viewer) => viewer.firstKeyframeMs).filter((ms) => ms !== undefined)
  const result = {
    ...end,
    latencyMs: {
      p50: quantile(latenciesMs, 0.5),
      p99: quantile(latenciesMs, 0.99),
      max: quantile(latenciesMs, 1),
      samples: latenciesMs.length,
    },
    variationMs: { p50: quantile(variationsMs, 0.5), p99: quantile(variationsMs, 0.99) },
    firstKeyframeMs: { p50: quantile(firstKeyframes, 0.5), p99: quantile(firstKeyframes, 0.99) },
  }
  latenciesMs = undefined
  variationsMs = undefined
  return result
}

async function leave() {
  await Promise.all(viewers.splice(0).map((viewer) => viewer.close()))
  await publisher?.close()
}

answerRequests({ publish, join, counters, open, close, leave })
process.once('SIGTERM', () => process.exit(0))
announceReady()
