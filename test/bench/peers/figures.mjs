/** What a run says, and the medians over runs. */
/**
 * @typedef {object} Figures of one run; every one is there only where it was measured
 * @property {string} [srtpProfile] that server and viewers agreed on, in the words of the client
 * @property {number} [usPerPacket] the server's CPU per packet that a viewer received, all threads, kernel included
 * @property {number} [cpuPercent] of one core
 * @property {number} [packetsPerSecond] to all viewers together
 * @property {number} [latencyP50Ms]
 * @property {number} [latencyP99Ms]
 * @property {number} [latencyMaxMs]
 * @property {number} [rssPerViewerKb]
 * @property {number} [connected] viewers
 * @property {number} [delivered] received packets as a share of those that were sent, times viewers
 * @property {number} [lost] gaps in what viewers got that nothing repaired
 * @property {number} [authFailures]
 * @property {number} [joinsPerSecond]
 * @property {number} [joinCpuMs] the server's CPU per join
 * @property {number} [joinSeconds] from the first to the last of the storm
 * @property {number} [handshakeP99Ms] from a viewer's POST to its SRTP keys
 * @property {number} [otherCpuPercent] of the server's core, taken by others in the window
 * @property {number} [clientCpuPercent] near 100 the client is what is measured
 */

/**
 * The median of every figure over the runs that have it, and how many runs there were.
 *
 * @param {Figures[]} runs
 * @returns {Figures & { runs: number }}
 */
export function medianFigures(runs) {
  const names = [...new Set(runs.flatMap((run) => Object.keys(run)))]
  const of = (name) => runs.map((run) => run[name]).filter((value) => Number.isFinite(value))
  const medians = names.filter((name) => of(name).length > 0).map((name) => [name, middle(of(name))])
  const { srtpProfile } = runs[0] ?? {}
  return { ...Object.fromEntries(medians), ...(srtpProfile === undefined ? {} : { srtpProfile }), runs: runs.length }
}

/** The median; of an even number of values, between the two in the middle. */
function middle(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length / 2
  return Number.isInteger(half) ? (sorted[half - 1] + sorted[half]) / 2 : sorted[Math.floor(half)]
}

/**
 * Whether a server kept up: everybody connected, nothing lost, nothing left waiting.
 *
 * @param {Figures} figures
 * @param {number} viewers
 */
export function keptUp({ connected, lost, delivered, authFailures }, viewers) {
  return connected === viewers && lost === 0 && (authFailures ?? 0) === 0 && delivered > MIN_DELIVERED
}

/** The publisher's rate is its average since it began, so a little less is not yet a loss. */
const MIN_DELIVERED = 0.98
