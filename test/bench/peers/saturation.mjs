/** How many packets per second one core forwards before the first is lost. */
import { keptUp } from './figures.mjs'
import { searchSaturation } from './saturation-search.mjs'
import { measureSteady } from './steady.mjs'

const SHORT_SECONDS = 3
const SHORT_WARMUP_SECONDS = 2
/** To each viewer; above, the publisher is what is measured. */
const MAX_PPS = 8000
/** More than that is a queue that grows. */
const MAX_P99_MS = 200

/**
 * Searches the publisher's rate; the figures are those of the highest that held for the whole window. `guess` is what an earlier run found.
 *
 * @param {import('./contestants.mjs').Contestant} contestant
 * @param {import('./plan.mjs').Point} point
 * @param {import('./peers-options.mjs').PeersOptions} options
 * @param {number | undefined} guess packets per second to each viewer
 * @param {(text: string) => void} say
 * @returns {Promise<import('./figures.mjs').Figures & { pps?: number }>}
 */
export async function measureSaturation(contestant, point, options, guess, say) {
  /** @type {Map<number, import('./figures.mjs').Figures>} what held for long */
  const held = new Map()
  const holds = async (pps, isLong) => {
    const window = isLong
      ? { seconds: options.saturationSeconds }
      : { seconds: SHORT_SECONDS, warmupSeconds: SHORT_WARMUP_SECONDS }
    const figures = await measureSteady(contestant, { ...point, pps }, options, window).catch((error) => {
      say(`${pps} packets/s: ${error.message}`)
      return undefined
    })
    const isHeld = figures !== undefined && keptUp(figures, point.viewers) && !(figures.latencyP99Ms > MAX_P99_MS)
    if (figures !== undefined) {
      const { packetsPerSecond, lost, cpuPercent, clientCpuPercent, latencyP99Ms } = figures
      const sums = `${packetsPerSecond.toFixed(0)} in all, ${lost} lost, p99 ${latencyP99Ms.toFixed(1)} ms`
      const cpu = `server ${cpuPercent.toFixed(0)} %, client ${clientCpuPercent.toFixed(0)} %`
      say(`${pps} packets/s${isLong ? ', long' : ''}: ${isHeld ? 'held' : 'not held'}; ${sums}, ${cpu}`)
    }
    if (isHeld && isLong) held.set(pps, figures)
    return isHeld
  }
  const pps = await searchSaturation({ start: point.pps, max: MAX_PPS, guess, holds })
  return pps === undefined ? {} : { ...held.get(pps), pps }
}
