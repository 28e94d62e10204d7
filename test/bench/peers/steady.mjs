/** One steady run of a server: a fresh process, a publisher, viewers, a window. */
import { setTimeout as sleep } from 'node:timers/promises'
import { measureServer } from '../measure-server.mjs'
import { startServer } from '../servers/start-server.mjs'
import { startPublisher, startViewers } from './rig-load.mjs'

const IDLE_MS = 1000
const ASK_TIMEOUT_MS = 5000

/**
 * With the rig's load client.
 *
 * @param {import('./contestants.mjs').Contestant} contestant
 * @param {import('./plan.mjs').Point} point
 * @param {import('./peers-options.mjs').PeersOptions} options
 * @param {{ seconds?: number, warmupSeconds?: number, during?: (url: string, pid: number) => Promise<import('./figures.mjs').Figures> }} [more] another
 *   window, and what happens in it, whose figures are added
 * @returns {Promise<import('./figures.mjs').Figures & { native?: unknown }>}
 */
export async function measureSteady({ title, entry }, { kind, viewers, pps }, options, more = {}) {
  const { rig, srtp, stream, workers, parallel, sampleEvery, twccMs } = options
  const { seconds = options.seconds, warmupSeconds = options.warmupSeconds, during } = more
  const { server, origin } = await startServer(title, entry, { workers })
  let publisher
  let client
  try {
    const pace = kind === 'bursts' ? 0 : stream.pace
    publisher = await startPublisher(rig.load, { url: origin + entry.whip, srtp, stream: { ...stream, pps, pace } })
    await sleep(IDLE_MS)
    const url = origin + entry.whep
    const { pid } = server
    client = startViewers(rig.load, { url, viewers, seconds, warmupSeconds, parallel, sampleEvery, twccMs, srtp, pid })
    const added = client.begun().then(() => during?.(url, pid))
    const [said, others] = await Promise.all([client.done(), added])
    // Newer servers of ours say what of them is native; strangers are not asked.
    const native = entry.ipc ? await server.request('native', {}, ASK_TIMEOUT_MS).catch(() => undefined) : undefined
    const sent = await publisher.finish()
    return { ...figuresOf(said, sent.pps), ...others, native }
  } finally {
    await Promise.all([client?.stop(), publisher?.stop()])
    await server.stop()
  }
}

/** What the load client says in our words. */
function figuresOf(said, sentPps) {
  const delivered = said.packets / (said.window_s * sentPps * said.viewers)
  return {
    // Whoever was offered both may have taken either.
    srtpProfile: Object.keys(said.srtp ?? {}).join(' '),
    usPerPacket: said.server_us_per_packet,
    cpuPercent: said.server_cpu_pct,
    packetsPerSecond: said.packets / said.window_s,
    latencyP50Ms: said.latency_p50_ms,
    latencyP99Ms: said.latency_p99_ms,
    latencyMaxMs: said.latency_max_ms,
    rssPerViewerKb: said.server_rss_per_viewer_kb,
    connected: said.connected,
    delivered,
    lost: said.lost,
    authFailures: said.auth_failures,
    // The first core is the server's.
    otherCpuPercent: Math.max(0, (said.cpu_busy_pct?.[0] ?? 0) - said.server_cpu_pct),
    clientCpuPercent: said.client_cpu_pct,
  }
}

/**
 * With our own client: a smaller load, and nothing that tells what it does not.
 *
 * @param {import('./contestants.mjs').Contestant} contestant
 * @param {import('./plan.mjs').Point} point
 * @param {import('./peers-options.mjs').PeersOptions} options
 * @returns {Promise<import('./figures.mjs').Figures>}
 */
export async function measureWithOwnClient({ title, entry }, { kind, viewers, pps }, options) {
  const { fps, payloadBytes } = options.stream
  const pace = kind === 'bursts' ? 0 : options.stream.pace
  const measured = await measureServer(title, entry, viewers, {
    ...options,
    stream: { packetsPerSecond: pps, framesPerSecond: fps, payloadBytes, pace },
  })
  const { cpuUsPerPacket, rssPerViewerKb, connected, delivered, lost, authFailures, otherCpuPercent } = measured
  const { cpuPercent, packetsPerSecond, latencyP50Ms, latencyP99Ms, joinsPerSecond, joinCpuMs, clientCpuPercent } =
    measured
  return {
    srtpProfile: measured.srtpProfile,
    usPerPacket: cpuUsPerPacket,
    cpuPercent,
    packetsPerSecond,
    latencyP50Ms,
    latencyP99Ms,
    rssPerViewerKb,
    connected,
    delivered,
    lost,
    authFailures,
    joinsPerSecond,
    joinCpuMs,
    otherCpuPercent,
    clientCpuPercent,
  }
}
