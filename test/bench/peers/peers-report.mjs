/** The comparison as Markdown: what each server costs, how they compare, and what may have disturbed the runs. */
import { keptUp } from './figures.mjs'
import { ratio, summarize } from './summary.mjs'

const number = (digits) => (value) => (Number.isFinite(value) ? value.toFixed(digits) : '-')
const thousands = (value) => (Number.isFinite(value) ? `${(value / 1000).toFixed(0)},000` : '-')

/** Ratios worth a line: of whom, to whom, by which figure. */
const RATIOS = {
  steady: [
    ['native', 'sendmmsg', 'usPerPacket'],
    ['native', 'pion', 'usPerPacket'],
    ['portable', 'pion', 'usPerPacket'],
    ['portable', 'werift', 'usPerPacket'],
  ],
  bursts: [
    ['native', 'gso', 'usPerPacket'],
    ['native', 'pion', 'usPerPacket'],
  ],
  saturation: [
    ['native', 'pion', 'packetsPerSecond'],
    ['portable', 'pion', 'packetsPerSecond'],
  ],
  joins: [
    ['native', 'pion', 'joinsPerSecond'],
    ['native', 'pion', 'joinCpuMs'],
  ],
  storm: [],
}

const FIGURE_NAMES = {
  usPerPacket: 'CPU per packet',
  packetsPerSecond: 'packets per second at saturation',
  joinsPerSecond: 'joins per second',
  joinCpuMs: 'CPU per join',
}

/** Tables with a row per contestant: title of the column, how it is written, and the figure. */
const COLUMNS = {
  saturation: [
    ['packets/s', thousands, (f) => f.packetsPerSecond],
    ['latency p50 ms', number(2), (f) => f.latencyP50Ms],
    ['latency p99 ms', number(1), (f) => f.latencyP99Ms],
    ['server CPU %', number(0), (f) => f.cpuPercent],
    ['client CPU %', number(0), (f) => f.clientCpuPercent],
  ],
  joins: [
    ['joins/s', number(0), (f) => f.joinsPerSecond],
    ['CPU ms/join', number(2), (f) => f.joinCpuMs],
    ['join p99 ms', number(0), (f) => f.handshakeP99Ms],
    ['connected', number(0), (f) => f.connected],
  ],
  storm: [
    ['latency p50 ms', number(2), (f) => f.latencyP50Ms],
    ['latency p99 ms', number(2), (f) => f.latencyP99Ms],
    ['latency max ms', number(1), (f) => f.latencyMaxMs],
    ['lost', number(0), (f) => f.lost],
    ['delivered %', number(2), (f) => f.delivered * 100],
    ['joined', number(0), (f) => f.stormConnected],
    ['in seconds', number(2), (f) => f.joinSeconds],
  ],
}

const TITLES = {
  saturation: (row) => `Most packets per second of one core with none lost, ${row.viewers} viewers`,
  joins: (row) => `${row.viewers} joins`,
  storm: (row) => `A storm of joins, as ${row.viewers} viewers see it`,
}

/**
 * @param {import('./results-file.mjs').Result[]} results
 * @param {Record<string, string>} titles of contestants, by name
 */
export function peersReport(results, titles) {
  const parts = []
  for (const [kind, title] of [
    ['steady', 'CPU µs per packet, packets one at a time'],
    ['bursts', 'CPU µs per packet, frames as bursts'],
  ]) {
    const rows = summarize(results, kind)
    if (rows.length === 0) continue
    parts.push(`### ${title}\n`, cpuTable(rows, titles), ratioLines(rows, kind, titles))
    if (kind === 'steady') parts.push('### Latency and memory\n', latencyTable(rows, titles), '')
  }
  for (const [kind, columns] of Object.entries(COLUMNS)) {
    for (const row of summarize(results, kind)) {
      parts.push(`### ${TITLES[kind](row)}\n`, contestantTable(row, columns, titles), ratioLines([row], kind, titles))
    }
  }
  parts.push(disturbances(results))
  return `${parts.join('\n').trim()}\n`
}

/** Each contestant at each size; a star where it did not keep up. */
function cpuTable(rows, titles) {
  const cell = (row, name) => {
    const figures = row.of[name]
    if (figures?.usPerPacket === undefined) return '-'
    const isServer = figures.connected !== undefined
    return `${figures.usPerPacket.toFixed(2)}${isServer && !keptUp(figures, row.viewers) ? '*' : ''}`
  }
  const names = namesOf(rows, titles)
  const head = ['viewers x packets/s', ...rows.map(({ viewers, pps }) => `${viewers} x ${pps}`)]
  return table(
    head,
    names.map((name) => [`${titles[name]}${profileOf(rows, name)}`, ...rows.map((row) => cell(row, name))]),
  )
}

/** In brackets, what protected its packets; nothing where that is not known. */
function profileOf(rows, name) {
  const profiles = new Set(rows.map((row) => row.of[name]?.srtpProfile).filter((profile) => profile))
  const short = [...profiles].map((profile) => (profile.includes('GCM') ? 'GCM' : 'CM'))
  return short.length === 0 ? '' : ` (${[...new Set(short)].join(', ')})`
}

function latencyTable(rows, titles) {
  const names = namesOf(rows, titles).filter((name) => rows.some((row) => row.of[name]?.latencyP50Ms !== undefined))
  const cell = (figures) =>
    figures === undefined
      ? '-'
      : `${number(2)(figures.latencyP50Ms)} / ${number(1)(figures.latencyP99Ms)} / ${number(0)(figures.rssPerViewerKb)}`
  const head = ['p50 ms / p99 ms / RSS kB per viewer', ...rows.map(({ viewers, pps }) => `${viewers} x ${pps}`)]
  return table(
    head,
    names.map((name) => [titles[name], ...rows.map((row) => cell(row.of[name]))]),
  )
}

function contestantTable(row, columns, titles) {
  const names = namesOf([row], titles)
  const head = ['server', ...columns.map(([title]) => title)]
  return table(
    head,
    names.map((name) => [titles[name], ...columns.map(([, write, of]) => write(of(row.of[name])))]),
  )
}

function ratioLines(rows, kind, titles) {
  const lines = []
  for (const [one, other, figure] of RATIOS[kind]) {
    const parts = rows
      .map((row) => ({ row, value: ratio(row, one, other, figure) }))
      .filter(({ value }) => value !== undefined)
      .map(({ row, value }) => `**${value.toFixed(2)}x** at ${row.viewers}`)
    if (parts.length > 0)
      lines.push(`- ${titles[one]} / ${titles[other]}, ${FIGURE_NAMES[figure]}: ${parts.join(', ')}`)
  }
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`
}

/** What a reader has to know before believing the rest. */
function disturbances(results) {
  const others = results.map(({ figures }) => figures.otherCpuPercent).filter((value) => Number.isFinite(value))
  const failures = results.reduce((sum, { figures }) => sum + (figures.authFailures ?? 0), 0)
  const lines = [`Packets that failed authentication: ${failures}.`]
  if (others.length > 0) {
    const sorted = [...others].sort((a, b) => a - b)
    const [median, max] = [sorted[Math.floor(sorted.length / 2)], sorted[sorted.length - 1]]
    lines.push(
      `Other programs took ${median.toFixed(0)} % of the server's core in the median run, ${max.toFixed(0)} % in the worst.`,
    )
  }
  const starred = ['steady', 'bursts'].some((kind) =>
    summarize(results, kind).some((row) =>
      Object.values(row.of).some((figures) => figures.connected !== undefined && !keptUp(figures, row.viewers)),
    ),
  )
  const native = results.findLast(({ task, figures }) => task.contestant === 'native' && figures.native !== undefined)
  if (native !== undefined) lines.push(nativeLine(native.figures.native))
  if (starred) lines.push('*: did not keep up: packets were lost or late, or not everybody was connected.')
  return `${lines.join(' ')}\n`
}

/** Which path the server took when it had the choice: without koffi, both rows of ours are the portable path. */
function nativeLine({ reason, ...parts }) {
  const taken = Object.keys(parts).filter((name) => parts[name] === true)
  const rest = reason ? ` (${reason})` : ''
  return taken.length === 0
    ? `No part of manycast was native${rest}.`
    : `Native parts of manycast: ${taken.join(', ')}${rest}.`
}

/** Those that have figures, in the order of the titles. */
function namesOf(rows, titles) {
  return Object.keys(titles).filter((name) => rows.some((row) => row.of[name] !== undefined))
}

function table(head, rows) {
  const lines = [head, ['---', ...head.slice(1).map(() => '---:')], ...rows]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
