/** Joins: how many a server takes in a second, what each costs, and what they do to those who watch already. */
import { setTimeout as sleep } from 'node:timers/promises'
import { startServer } from '../servers/start-server.mjs'
import { joinViewers, startPublisher } from './rig-load.mjs'
import { measureSteady } from './steady.mjs'

const IDLE_MS = 1000
const STAY_SECONDS = 0.2
/** A storm is measured for as long as it may take; what comes later would thin out its latencies. */
const STORM_SECONDS = 1
/** One second has to have enough samples. */
const STORM_SAMPLE_EVERY = 5

/**
 * `point.viewers` join a fresh server, while a stream of a packet per frame flows.
 *
 * @param {import('./contestants.mjs').Contestant} contestant
 * @param {import('./plan.mjs').Point} point
 * @param {import('./peers-options.mjs').PeersOptions} options
 * @returns {Promise<import('./figures.mjs').Figures>}
 */
export async function measureJoins({ title, entry }, { viewers, pps }, { rig, srtp, stream, workers, joinParallel }) {
  const { server, origin } = await startServer(title, entry, { workers })
  let publisher
  try {
    publisher = await startPublisher(rig.load, { url: origin + entry.whip, srtp, stream: { ...stream, pps } })
    await sleep(IDLE_MS)
    const url = origin + entry.whep
    const storm = { url, viewers, parallel: joinParallel, srtp, pid: server.pid, staySeconds: STAY_SECONDS }
    const { connected, joinsPerSecond, joinCpuMs, handshakeP99Ms } = joinFigures(await joinViewers(rig.load, storm))
    return { connected, joinsPerSecond, joinCpuMs, handshakeP99Ms }
  } finally {
    await publisher?.stop()
    await server.stop()
  }
}

/**
 * `point.viewers` watch; then many more join, and what is measured are those who watched.
 *
 * @param {import('./contestants.mjs').Contestant} contestant
 * @param {import('./plan.mjs').Point} point
 * @param {import('./peers-options.mjs').PeersOptions} options
 * @returns {Promise<import('./figures.mjs').Figures>}
 */
export async function measureStorm(contestant, point, options) {
  const { rig, srtp, joins, joinParallel } = options
  const during = async (url, pid) => {
    const storm = { url, viewers: joins, parallel: joinParallel, srtp, pid, staySeconds: STORM_SECONDS }
    const { connected, joinsPerSecond, handshakeP99Ms, joinSeconds } = joinFigures(await joinViewers(rig.load, storm))
    return { stormConnected: connected, joinsPerSecond, handshakeP99Ms, joinSeconds }
  }
  const sampled = { ...options, sampleEvery: STORM_SAMPLE_EVERY }
  const figures = await measureSteady(contestant, point, sampled, { seconds: STORM_SECONDS, during })
  // The packets of those who have just joined are not counted, so what one costs is not known.
  const { usPerPacket: _us, rssPerViewerKb: _rss, ...known } = figures
  return known
}

function joinFigures(said) {
  return {
    connected: said.connected,
    joinsPerSecond: said.join_per_s,
    joinCpuMs: said.join_server_cpu_ms_per_viewer,
    handshakeP99Ms: said.handshake_p99_ms,
    joinSeconds: said.join_wall_ms / 1000,
  }
}
