/** From results to what tables and plots show: medians by kind, size and contestant. */
import { medianFigures } from './figures.mjs'

/**
 * @typedef {import('./figures.mjs').Figures & { runs: number }} Median
 * @typedef {object} Row medians of one size
 * @property {number} viewers
 * @property {number} pps
 * @property {Record<string, Median>} of by contestant
 */

/**
 * The medians of that kind, smallest size first.
 *
 * @param {import('./results-file.mjs').Result[]} results
 * @param {import('./plan.mjs').Point['kind']} kind
 * @returns {Row[]}
 */
export function summarize(results, kind) {
  const rows = new Map()
  for (const { task, figures } of results) {
    if (task.kind !== kind) continue
    const key = `${task.viewers} ${task.pps}`
    const row = rows.get(key) ?? { viewers: task.viewers, pps: task.pps, runs: {} }
    rows.set(key, row)
    row.runs[task.contestant] ??= []
    row.runs[task.contestant].push(figures)
  }
  return [...rows.values()]
    .sort((a, b) => a.viewers - b.viewers || a.pps - b.pps)
    .map(({ viewers, pps, runs }) => ({
      viewers,
      pps,
      of: Object.fromEntries(Object.entries(runs).map(([name, figures]) => [name, medianFigures(figures)])),
    }))
}

/**
 * How many times the one is of the other, where both were measured.
 *
 * @param {Row | undefined} row
 * @param {string} one
 * @param {string} other
 * @param {keyof import('./figures.mjs').Figures} figure
 */
export function ratio(row, one, other, figure) {
  const [a, b] = [row?.of[one]?.[figure], row?.of[other]?.[figure]]
  return a === undefined || !b ? undefined : a / b
}
