/** What a server process has used: asked of itself where it is Node, read from /proc where it is not. */
import { readFileSync } from 'node:fs'
import { answerRequests } from '../ipc.mjs'

/** Linux counts process time in hundredths of a second on every platform that Node runs on. */
const TICK_US = 10_000
const PAGE_BYTES = 4096

/** @typedef {{ cpuUs: number, rssBytes: number }} Usage CPU of all threads since the start, and resident memory now */

/**
 * In a server of ours: answers the bench. `process.cpuUsage` counts worker threads too.
 *
 * @param {Record<string, (params: any) => unknown>} [others] what else it answers
 */
export function answerUsageRequests(others = {}) {
  answerRequests({ usage, ...others })
}

/** @returns {Usage} */
function usage() {
  const { user, system } = process.cpuUsage()
  return { cpuUs: user + system, rssBytes: process.memoryUsage.rss() }
}

/**
 * The same from outside, for servers that are not Node. Linux only.
 *
 * @param {number} pid
 * @returns {Usage}
 */
export function usageOfPid(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  // The name may have spaces; the numbers begin behind its closing bracket, with field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { cpuUs: (Number(fields[11]) + Number(fields[12])) * TICK_US, rssBytes: Number(fields[21]) * PAGE_BYTES }
}
