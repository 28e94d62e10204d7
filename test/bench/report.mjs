/** From measurements to medians, a Markdown table and ratios. */
import { quantile } from './clients/quantile.mjs'

const SHORT_PROFILES = { AEAD_AES_128_GCM: 'GCM', AES_CM_128_HMAC_SHA1_80: 'CM' }

/** The columns of the table: title, digits after the point, and the value. */
const COLUMNS = [
  ['SRTP', 0, (m) => SHORT_PROFILES[m.srtpProfile] ?? m.srtpProfile],
  ['CPU µs/packet', 1, (m) => m.cpuUsPerPacket],
  ['CPU % of a core', 0, (m) => m.cpuPercent],
  ['joins/s', 0, (m) => m.joinsPerSecond],
  ['CPU ms/join', 1, (m) => m.joinCpuMs],
  ['RSS kB/viewer', 0, (m) => m.rssPerViewerKb],
  ['latency p50 ms', 2, (m) => m.latencyP50Ms],
  ['latency p99 ms', 2, (m) => m.latencyP99Ms],
  ['first keyframe p50 ms', 0, (m) => m.firstKeyframeP50Ms],
  ['delivered %', 2, (m) => m.delivered * 100],
  ['lost', 0, (m) => m.lost],
  ['auth failures', 0, (m) => m.authFailures],
  ['PLI', 0, (m) => m.keyframeRequests],
  ['client CPU %', 0, (m) => m.clientCpuPercent],
  ['other CPU %', 0, (m) => m.otherCpuPercent],
]

/**
 * The median of every field.
 *
 * @param {import('./measure-server.mjs').Measurement[]} runs
 * @returns {import('./measure-server.mjs').Measurement}
 */
export function medianOf(runs) {
  const median = (field) => {
    const values = runs.map((run) => run[field]).filter((value) => value !== undefined)
    return typeof values[0] === 'string' ? values[0] : quantile(values, 0.5)
  }
  return Object.fromEntries(Object.keys(runs[0]).map((field) => [field, median(field)]))
}

/**
 * @param {Record<string, import('./measure-server.mjs').Measurement>} medians by server
 */
export function markdownTable(medians) {
  const cell = (value, digits) => (typeof value === 'number' ? value.toFixed(digits) : (value ?? '-'))
  const rows = Object.entries(medians).map(([name, m]) => [
    name,
    ...COLUMNS.map(([, digits, of]) => cell(of(m), digits)),
  ])
  const head = ['server', ...COLUMNS.map(([title]) => title)]
  return [head, ['---', ...COLUMNS.map(() => '---:')], ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

/**
 * How many times less CPU per packet a server needs than the baseline.
 *
 * @param {Record<string, import('./measure-server.mjs').Measurement>} medians by server
 * @param {string} baseline
 * @returns {Record<string, number>}
 */
export function cpuRatios(medians, baseline) {
  const base = medians[baseline]?.cpuUsPerPacket
  if (base === undefined) return {}
  return Object.fromEntries(
    Object.entries(medians)
      .filter(([name]) => name !== baseline)
      .map(([name, m]) => [name, base / m.cpuUsPerPacket]),
  )
}
