/** The rig's load client: a publisher, viewers that measure, viewers that only join. */
import { RigProcess } from './rig-process.mjs'

const CONNECT_TIMEOUT_MS = 20_000
/** Joins, beginning and end of a measurement, whatever its window. */
const REST_TIMEOUT_MS = 120_000

/** @typedef {{ pps: number, fps: number, payloadBytes: number, pace: number }} RigStream */

const PROFILES = { gcm: 'gcm', cm: 'cm', both: 'gcm,cm' }

/**
 * Starts a publisher and waits until it is connected.
 *
 * @param {string} load
 * @param {{ url: string, srtp: 'gcm' | 'cm' | 'both', stream: RigStream }} options
 */
export async function startPublisher(load, { url, srtp, stream }) {
  const { pps, fps, payloadBytes, pace } = stream
  const args = { url, srtp: PROFILES[srtp], pps, fps, size: payloadBytes, pace }
  const publisher = new RigProcess([load, 'publish', ...flags(args)])
  try {
    await publisher.wrote(/^connected$/m, CONNECT_TIMEOUT_MS)
  } catch (error) {
    await publisher.stop()
    throw error
  }
  return {
    /** Ends it. @returns {Promise<{ pps: number, nacked: number }>} what it has sent per second */
    async finish() {
      await publisher.stop()
      return publisher.json(CONNECT_TIMEOUT_MS)
    },
    stop: () => publisher.stop(),
  }
}

/**
 * Viewers that measure for so many seconds. `begun` resolves at the beginning of the window, `done` with what the client says of it.
 *
 * @param {string} load
 * @param {object} options
 * @param {string} options.url
 * @param {number} options.viewers
 * @param {number} options.seconds
 * @param {number} options.warmupSeconds
 * @param {number} options.parallel
 * @param {number} options.sampleEvery
 * @param {number} options.twccMs between two messages of transport-wide feedback of a viewer; 0 for none
 * @param {'gcm' | 'cm' | 'both'} options.srtp
 * @param {number} options.pid of the server
 */
export function startViewers(load, options) {
  const { url, viewers, seconds, warmupSeconds, parallel, sampleEvery, twccMs, srtp, pid } = options
  const args = {
    url,
    n: viewers,
    duration: `${seconds}s`,
    warmup: `${warmupSeconds}s`,
    parallel,
    sample: sampleEvery,
    twcc: `${twccMs}ms`,
    srtp: PROFILES[srtp],
    pid,
  }
  const client = new RigProcess([load, 'view', ...flags(args)])
  return {
    begun: () => client.wrote(/^STEADY_START/m, REST_TIMEOUT_MS),
    done: () => client.json((seconds + warmupSeconds) * 1000 + REST_TIMEOUT_MS),
    stop: () => client.stop(),
  }
}

/**
 * Viewers that join as fast as they can, and leave.
 *
 * @param {string} load
 * @param {{ url: string, viewers: number, parallel: number, srtp: 'gcm' | 'cm' | 'both', pid: number, staySeconds: number }} options
 */
export function joinViewers(load, { url, viewers, parallel, srtp, pid, staySeconds }) {
  const args = { url, n: viewers, parallel, srtp: PROFILES[srtp], pid, duration: `${staySeconds}s` }
  return new RigProcess([load, 'connect', ...flags(args)]).json(REST_TIMEOUT_MS)
}

function flags(values) {
  return Object.entries(values).flatMap(([name, value]) => [`-${name}`, String(value)])
}
