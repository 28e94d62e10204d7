/** How busy the machine was while something was measured. */
import { availableParallelism } from 'node:os'
import { busyMs } from '../machine-load.mjs'
import { ownCpuMs } from './own-cpu.mjs'

/**
 * @typedef {object} MachineLoad percent of one core
 * @property {number} totalPercent
 * @property {number} otherPercent of processes that are not ours; the less, the better the figures
 * @property {number} cores
 */

/** Begins to watch; the function that it returns ends that. */
export function watchLoad() {
  const start = { atMs: performance.now(), busy: busyMs(), own: ownCpuMs() }
  /** @returns {MachineLoad} */
  return () => {
    const percent = (ms) => (ms / (performance.now() - start.atMs)) * 100
    const total = busyMs() - start.busy
    return {
      totalPercent: percent(total),
      otherPercent: percent(Math.max(0, total - (ownCpuMs() - start.own))),
      cores: availableParallelism(),
    }
  }
}
