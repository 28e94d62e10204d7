/** The plot of the comparison: CPU per packet over the number of viewers. */
import { linePlot } from './line-plot.mjs'
import { summarize } from './summary.mjs'

const PANELS = { steady: 'packets one at a time', bursts: 'frames as bursts' }

/**
 * @param {import('./results-file.mjs').Result[]} results
 * @param {Record<string, string>} titles of contestants, by name
 * @returns {string | undefined} undefined if there is nothing to plot
 */
export function peersPlot(results, titles) {
  const panels = Object.entries(PANELS).flatMap(([kind, title]) => {
    const rows = summarize(results, kind)
    const lines = Object.keys(titles).flatMap((name) => {
      const points = rows
        .filter((row) => row.of[name]?.usPerPacket !== undefined)
        .map((row) => ({ x: row.viewers, y: row.of[name].usPerPacket }))
      return points.length === 0 ? [] : [{ title: titles[name], points }]
    })
    return lines.length === 0 ? [] : [{ title, lines }]
  })
  if (panels.length === 0) return undefined
  return linePlot({ title: 'CPU time of the server per forwarded packet', xTitle: 'viewers', yTitle: 'µs', panels })
}
