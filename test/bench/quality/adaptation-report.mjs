/** The figures of several runs as a table, and their medians. */
import { quantile } from '../clients/quantile.mjs'

/** @typedef {import('./adaptation-figures.mjs').AdaptationFigures} AdaptationFigures */

const PHASES = { wide: 'wide', narrow: 'narrow', again: 'wide again' }
const percent = (share) => `${(share * 100).toFixed(0)} %`
const ms = (value) => `${value.toFixed(0)} ms`

/** Title, what was asked for, how it is written, and the value. */
const ROWS = [
  ['join to best layer', '', ms, (f) => f.joinToBestMs],
  ['drop: a layer that fits is forwarded', '1500 ms', ms, (f) => f.downForwardedMs],
  ['drop: it is shown', '', ms, (f) => f.downShownMs],
  ['return: the best layer is forwarded', '8000 ms', ms, (f) => f.upForwardedMs],
  ['return: it is shown', '', ms, (f) => f.upShownMs],
  ['frozen, all phases', '2000 ms', ms, (f) => f.freezeMs],
  ...Object.entries(PHASES).flatMap(([phase, title]) => [
    [`${title}: use of the best layer that fits`, '80 %', percent, (f) => f.phases[phase].use],
    [`${title}: use of the link`, '', percent, (f) => f.phases[phase].linkUse],
    [`${title}: what that layer takes of the link`, '', percent, (f) => f.phases[phase].bestShare],
    [`${title}: queue p95, settled`, '150 ms', ms, (f) => f.phases[phase].queueP95Ms],
    [`${title}: queue, longest`, '', ms, (f) => f.phases[phase].queueMaxMs],
    [`${title}: layer changes, settled`, '3 in 30 s', String, (f) => f.phases[phase].changes],
    [`${title}: jitter buffer`, '', ms, (f) => f.phases[phase].jitterBufferMs],
    [`${title}: frozen`, '', ms, (f) => f.phases[phase].freezeMs],
    [`${title}: longest gap between frames`, '', ms, (f) => f.phases[phase].longestGapMs],
  ]),
  ['relay late p99', '', (value) => `${value.toFixed(1)} ms`, (f) => f.relayLateP99Ms],
  ['CPU of other programs, % of a core', '', (value) => value.toFixed(0), (f) => f.otherCpuPercent],
  ['CPU of everything, % of a core', '', (value) => value.toFixed(0), (f) => f.totalCpuPercent],
]

/**
 * The median of every figure over the runs that have it.
 *
 * @param {AdaptationFigures[]} runs
 * @returns {AdaptationFigures}
 */
export function mediansOf(runs) {
  const [first] = runs
  return Object.fromEntries(
    Object.keys(first).map((key) => {
      const values = runs.map((run) => run[key]).filter((value) => value !== undefined)
      return [key, typeof values[0] === 'object' ? mediansOf(values) : quantile(values, 0.5)]
    }),
  )
}

/**
 * @param {AdaptationFigures[]} runs
 * @param {AdaptationFigures} medians
 */
export function adaptationTable(runs, medians) {
  const head = ['', 'asked for', 'median', ...runs.map((_, i) => `run ${i + 1}`)]
  const rows = ROWS.map(([title, wanted, write, of]) => {
    const cell = (figures) => (of(figures) === undefined ? 'never' : write(of(figures)))
    return [title, wanted, cell(medians), ...runs.map(cell)]
  })
  return [head, ['---', '---:', ...head.slice(2).map(() => '---:')], ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')
}
