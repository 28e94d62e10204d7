/** CPU time of each thread of a process, from /proc. Linux only. */
import { readdirSync, readFileSync } from 'node:fs'

/**
 * Milliseconds on a core since each thread began, user and system, by thread id.
 *
 * @param {number} pid
 * @returns {Map<string, number>}
 */
export function threadCpuMs(pid) {
  const folder = `/proc/${pid}/task`
  const ids = readdirSync(folder)
  // Nanoseconds on a core, nanoseconds of waiting for one, time slices.
  return new Map(ids.map((id) => [id, Number(readFileSync(`${folder}/${id}/schedstat`, 'latin1').split(' ')[0]) / 1e6]))
}

/**
 * What part of a core each thread took between two snapshots, the greatest first.
 *
 * @param {Map<string, number>} before
 * @param {Map<string, number>} after
 * @param {number} spanMs
 * @returns {number[]}
 */
export function threadShares(before, after, spanMs) {
  return [...after].map(([id, ms]) => (ms - (before.get(id) ?? 0)) / spanMs).sort((a, b) => b - a)
}
