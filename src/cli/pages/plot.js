/** Figures over time, drawn: lines, areas, bars, and areas on top of each other. Knows nothing of the page. */
import { linear, timeMarks, valueAxis } from './plot-scale.js'
import { node, round } from './svg-tree.js'

const MARGIN = { top: 10, right: 10, bottom: 22, left: 64 }
/** A hole is longer than so many samples; shorter ones are drawn over. */
const HOLE_SAMPLES = 3

/**
 * The drawing of `series`, each `{ name, kind, style, points }`: `kind` is `line`, `dash`, `area`, `bars` or `stack`, `style` the number of its colour, and
 * points are `[atMs, value]` in the order of time, with null for what is not known. `format` writes a value; `cursorMs` is a time to mark. Title and description
 * are for who does not see it.
 */
export function plot({ id, title, series, format, width, height, toMs, windowMs, intervalMs, axis = {}, cursorMs }) {
  const stacked = stack(series)
  const highest = stacked.reduce((top, { points }) => Math.max(top, ...points.map(([, value]) => value ?? 0)), 0)
  const { top, marks } = valueAxis(highest, axis)
  const bottom = height - MARGIN.bottom
  const x = linear(toMs - windowMs, toMs, MARGIN.left, width - MARGIN.right)
  const scale = linear(0, top, bottom, MARGIN.top)
  // What is too high for an axis with a top of its own lies at its edge.
  const y = (value) => scale(Math.min(value, top))
  const place = { x, y, bottom, left: MARGIN.left, holeMs: intervalMs * HOLE_SAMPLES }
  const names = `${id}-title ${id}-desc`
  return node(
    'svg',
    { class: 'plot', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-labelledby': names },
    node('title', { id: `${id}-title` }, title),
    node('desc', { id: `${id}-desc` }, describe(series, format, windowMs)),
    marks.map((value) => valueMark(value, format, place, width)),
    timeMarks(windowMs).map((agoMs) => timeMark(agoMs, x(toMs - agoMs), height)),
    // The first one lies on top of the stack, so that it is drawn first.
    stacked.map((one) => mark(one, place)),
    cursorMs === undefined ? undefined : cursor(cursorMs, place),
  )
}

/** The time that a place in the drawing stands for; undefined beside the axis. */
export function timeAt(pixel, { width, toMs, windowMs }) {
  const part = (pixel - MARGIN.left) / (width - MARGIN.left - MARGIN.right)
  return part < 0 || part > 1 ? undefined : toMs - windowMs * (1 - part)
}

/** The value of a series at that time: of the newest sample until then; undefined if there is none near. */
export function valueAt(points, atMs, intervalMs) {
  const found = points.findLast(([sampledMs]) => sampledMs <= atMs + intervalMs / 2)
  return found === undefined || atMs - found[0] > intervalMs * HOLE_SAMPLES ? undefined : (found[1] ?? undefined)
}

/** In words: where each series is, and how high it has been. */
function describe(series, format, windowMs) {
  const parts = series.map(({ name, points }) => {
    const values = points.flatMap(([, value]) => value ?? [])
    if (values.length === 0) return `${name}: no data.`
    return `${name}: ${format(values.at(-1))} now, ${format(Math.max(...values))} at most.`
  })
  return `The last ${Math.round(windowMs / 60_000)} minutes. ${parts.join(' ')}`
}

/** Stacked series on top of those before them; the others as they are. */
function stack(series) {
  let below
  const raised = series.map((one) => {
    if (one.kind !== 'stack') return one
    const before = below
    const points = one.points.map(([atMs, value], index) => [
      atMs,
      value === null ? null : value + (before?.[index]?.[1] ?? 0),
    ])
    below = points
    return { ...one, points }
  })
  return raised.reverse()
}

function valueMark(value, format, { y, left }, width) {
  const at = round(y(value))
  return node(
    'g',
    { class: value === 0 ? 'base' : 'grid' },
    node('line', { x1: left, x2: width - MARGIN.right, y1: at, y2: at }),
    node('text', { x: left - 8, y: at + 4, 'text-anchor': 'end' }, format(value)),
  )
}

function timeMark(agoMs, at, height) {
  const anchor = agoMs === 0 ? 'end' : 'middle'
  const text = agoMs === 0 ? 'now' : `−${agoMs / 60_000} min`
  return node('text', { class: 'time', x: round(at), y: height - 5, 'text-anchor': anchor }, text)
}

function mark({ kind, style, points }, place) {
  const { x, y, bottom, holeMs } = place
  const known = points.filter(([atMs]) => x(atMs) >= place.left)
  if (kind === 'bars') return node('path', { class: `bars s${style}`, d: bars(known, place) })
  const runs = unbroken(known, holeMs)
  const line = runs
    .map((run) => run.map(([atMs, value], i) => `${i === 0 ? 'M' : 'L'}${round(x(atMs))} ${round(y(value))}`).join(''))
    .join('')
  const under = runs
    .map((run) => {
      const edge = run.map(([atMs, value]) => `L${round(x(atMs))} ${round(y(value))}`).join('')
      return `M${round(x(run[0][0]))} ${bottom}${edge}L${round(x(run.at(-1)[0]))} ${bottom}Z`
    })
    .join('')
  return node(
    'g',
    { class: `${kind} s${style}` },
    kind === 'area' || kind === 'stack' ? node('path', { class: 'fill', d: under }) : undefined,
    node('path', { class: 'stroke', d: line }),
  )
}

/** One bar per point, as wide as the time between two. */
function bars(points, { x, y, bottom }) {
  const gaps = points.slice(1).map(([atMs], i) => atMs - points[i][0])
  const width = Math.max(1.5, (x(Math.min(...gaps, 10_000)) - x(0)) * 0.7)
  return points
    .filter(([, value]) => value > 0)
    .map(([atMs, value]) => `M${round(x(atMs) - width / 2)} ${bottom}V${round(y(value))}h${round(width)}V${bottom}Z`)
    .join('')
}

/** Points that follow each other without a hole. */
function unbroken(points, holeMs) {
  const runs = []
  let lastMs = Number.NEGATIVE_INFINITY
  for (const point of points) {
    const [atMs, value] = point
    if (value === null) continue
    if (atMs - lastMs > holeMs) runs.push([])
    runs.at(-1).push(point)
    lastMs = atMs
  }
  return runs
}

function cursor(atMs, { x, bottom }) {
  const at = round(x(atMs))
  return node('line', { class: 'cursor', x1: at, x2: at, y1: MARGIN.top, y2: bottom })
}
