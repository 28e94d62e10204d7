/** One run: a fresh server, a fresh client, a publisher, N viewers, a steady window. */
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Child } from './child.mjs'
import { busyMs } from './machine-load.mjs'
import { startServer } from './servers/start-server.mjs'
import { usageOfPid } from './servers/usage.mjs'

const IDLE_MS = 1500
const WARMUP_MS = 1500
const REQUEST_TIMEOUT_MS = 10_000
const JOIN_TIMEOUT_MS = 120_000
const CLIENT = fileURLToPath(new URL('./clients/load-client.mjs', import.meta.url))

/**
 * @typedef {object} Measurement
 * @property {number} connected viewers
 * @property {string} srtpProfile what the viewers and the server agreed on
 * @property {number} cpuUsPerPacket the server's CPU, all threads, per packet that a viewer received in the window
 * @property {number} cpuPercent of one core, in the window
 * @property {number} joinsPerSecond
 * @property {number} joinCpuMs the server's CPU while the viewers joined, per viewer; the stream that it forwards meanwhile is in it
 * @property {number} rssPerViewerKb
 * @property {number} rssMb at the end
 * @property {number | undefined} latencyP50Ms
 * @property {number | undefined} latencyP99Ms
 * @property {number | undefined} firstKeyframeP50Ms from a viewer's POST to the first packet of a keyframe
 * @property {number | undefined} firstKeyframeP99Ms
 * @property {number} delivered received packets as a share of packets sent times viewers
 * @property {number} lost gaps in the sequence numbers
 * @property {number} late packets behind a later one, or twice
 * @property {number} silent viewers that got no packet at all
 * @property {number} withoutKeyframe viewers that never got one
 * @property {number} authFailures
 * @property {number} keyframeRequests that reached the publisher, joins included
 * @property {number} packetsPerSecond that viewers received
 * @property {number} otherCpuPercent of one core, taken by other processes in the window; the less, the better the figures
 * @property {number} clientCpuPercent of one core, in the window; near 100 the client is what is measured
 */

/**
 * @param {string} name
 * @param {import('./servers/index.mjs').ServerEntry} entry
 * @param {number} viewers
 * @param {import('./bench-options.mjs').BenchOptions} options
 * @returns {Promise<Measurement>}
 */
export async function measureServer(name, entry, viewers, options) {
  const { server, origin } = await startServer(name, entry, options)
  const client = new Child('load client', 'client', [process.execPath, CLIENT], { ipc: true })
  const usage = async () => (entry.ipc ? server.request('usage', {}, REQUEST_TIMEOUT_MS) : usageOfPid(server.pid))
  try {
    await client.ready()
    const { srtp, stream, parallel, sampleEvery } = options
    await client.request('publish', { url: origin + entry.whip, srtp, stream }, JOIN_TIMEOUT_MS)
    await sleep(IDLE_MS)

    const idle = await usage()
    const storm = { url: origin + entry.whep, srtp, count: viewers, parallel, sampleEvery }
    const { wallMs } = await client.request('join', storm, JOIN_TIMEOUT_MS)
    const joined = await usage()
    await sleep(WARMUP_MS)

    const busyBeforeMs = busyMs()
    const [usedBefore, before] = await Promise.all([usage(), client.request('open', {}, REQUEST_TIMEOUT_MS)])
    await sleep(options.seconds * 1000)
    const [usedAfter, after] = await Promise.all([usage(), client.request('close', {}, REQUEST_TIMEOUT_MS)])
    const usedMs = (usedAfter.cpuUs - usedBefore.cpuUs + after.cpuUs - before.cpuUs) / 1000
    const otherMs = Math.max(0, busyMs() - busyBeforeMs - usedMs)
    await client.request('leave', {}, REQUEST_TIMEOUT_MS).catch(() => {})

    if (after.failed > 0)
      console.error(`${name}: ${after.failed} of ${viewers} joins failed, first: ${after.firstFailure}`)
    const windowMs = after.atMs - before.atMs
    const received = after.received - before.received
    return {
      connected: after.connected,
      srtpProfile: after.srtpProfiles.join(' '),
      cpuUsPerPacket: (usedAfter.cpuUs - usedBefore.cpuUs) / received,
      cpuPercent: (usedAfter.cpuUs - usedBefore.cpuUs) / windowMs / 10,
      joinsPerSecond: (after.connected / wallMs) * 1000,
      joinCpuMs: (joined.cpuUs - idle.cpuUs) / 1000 / viewers,
      rssPerViewerKb: (usedAfter.rssBytes - idle.rssBytes) / 1024 / viewers,
      rssMb: usedAfter.rssBytes / 1024 ** 2,
      latencyP50Ms: after.latencyMs.p50,
      latencyP99Ms: after.latencyMs.p99,
      firstKeyframeP50Ms: after.firstKeyframeMs.p50,
      firstKeyframeP99Ms: after.firstKeyframeMs.p99,
      delivered: received / ((after.sent - before.sent) * viewers),
      lost: after.expected - before.expected - received,
      late: after.late - before.late,
      silent: after.silent,
      withoutKeyframe: after.withoutKeyframe,
      authFailures: after.authFailures,
      keyframeRequests: after.keyframeRequests,
      packetsPerSecond: (received / windowMs) * 1000,
      clientCpuPercent: (after.cpuUs - before.cpuUs) / windowMs / 10,
      otherCpuPercent: (otherMs / windowMs) * 100,
    }
  } finally {
    await Promise.all([client.stop(), server.stop()])
  }
}
