/** The plots of the dashboard: which figures, in which colours, with a legend that follows the pointer. */
import { plot, timeAt, valueAt } from './plot.js'
import { draw } from './svg-tree.js'
import { bitrateText, countText, millisecondsText, percentText, rateText } from './units.js'

const HEIGHT = 180
/** Joins of so long are one bar. */
const BAR_MS = 10_000

const area = (field, name, style = 0) => ({ field, name, style, kind: 'area' })
const line = (field, name, style = 1) => ({ field, name, style, kind: 'line' })
const dash = (field, name, style = 1) => ({ field, name, style, kind: 'dash' })
const stack = (field, name, style) => ({ field, name, style, kind: 'stack' })
const bars = (field, name, style = 0) => ({ field, name, style, kind: 'bars' })

/** All plots there are; one whose figures are unknown is not shown. Those that are `whole` say nothing new of a single broadcast. */
export const PLOTS = [
  {
    id: 'bitrate',
    title: 'Bitrate',
    format: bitrateText,
    axis: { minTop: 1e5 },
    series: [line('outBps', 'Out', 1), area('inBps', 'In', 0)],
  },
  { id: 'viewers', title: 'Viewers', format: countText, axis: { minTop: 3 }, series: [area('viewers', 'Viewers')] },
  {
    id: 'joins',
    title: 'Joins per 10 s',
    format: countText,
    axis: { minTop: 3 },
    series: [bars('joins', 'Joins')],
  },
  {
    id: 'loss',
    title: 'Loss before repair',
    format: percentText,
    axis: { minTop: 0.01, maxTop: 1 },
    series: [line('lossIn', 'From publishers', 0), line('lossOut', 'To viewers', 1)],
  },
  {
    id: 'rtt',
    title: 'Round trip to viewers',
    format: millisecondsText,
    axis: { minTop: 5 },
    series: [line('rttMs', 'Middle one', 0), dash('rtt95Ms', '95 % at most', 2)],
  },
  {
    id: 'layers',
    title: 'Layers that viewers get',
    format: countText,
    axis: { minTop: 3 },
    series: [
      stack('layersBest', 'Best', 1),
      stack('layersMiddle', 'Middle', 0),
      stack('layersLowest', 'Lowest', 2),
      stack('layersNone', 'None', 4),
    ],
  },
  {
    id: 'packets',
    whole: true,
    title: 'Packets',
    format: rateText,
    axis: { minTop: 10 },
    series: [line('packetsOut', 'Out', 1), area('packetsIn', 'In', 0)],
  },
  {
    id: 'cpu',
    title: 'CPU',
    format: percentText,
    axis: { minTop: 1, maxTop: 1 },
    series: [area('cpu', 'This process'), dash('utilization', 'Nearest limit', 2)],
  },
  {
    id: 'loop',
    title: 'Event-loop delay',
    format: millisecondsText,
    axis: { minTop: 10 },
    series: [line('loopDelayMs', 'Application', 0), line('shardLoopDelayMs', 'Media', 1)],
  },
]

/** Draws the plots into `container`, and again when asked or when the pointer moves over one. */
export class PlotBoard {
  #container
  #cards = new Map()
  #shown
  #cursorMs

  constructor(container) {
    this.#container = container
    new ResizeObserver(() => this.#draw()).observe(container)
  }

  /** `samples` are rows of a time and a figure per field; `atMs` is now. With `isOne` they are of a single broadcast. */
  show({ fields, samples, atMs, intervalMs, windowMs, isOne }) {
    const columns = new Map(fields.map((field, index) => [field, index + 1]))
    const points = (field) => samples.map((row) => [row[0], row[columns.get(field)] ?? null])
    const plots = PLOTS.filter(({ whole }) => !(whole && isOne))
      .map((one) => ({
        ...one,
        series: one.series.map((series) => ({ ...series, points: pointsOf(series, points(series.field)) })),
      }))
      .filter(({ series }) => series.some((one) => one.points.some(([, value]) => value !== null)))
    this.#shown = { plots, toMs: atMs, intervalMs, windowMs: shownWindow(atMs - (samples[0]?.[0] ?? atMs), windowMs) }
    this.#draw()
  }

  #draw() {
    if (this.#shown === undefined) return
    const { plots, ...time } = this.#shown
    const ids = new Set(plots.map(({ id }) => id))
    for (const [id, card] of this.#cards) card.hidden = !ids.has(id)
    for (const one of plots) {
      const card = this.#card(one)
      const width = Math.max(200, card.clientWidth - 24)
      const view = { ...one, ...time, width, height: HEIGHT, ...(this.#cursorMs && { cursorMs: this.#cursorMs }) }
      card.view = view
      card.lastElementChild.replaceChildren(draw(plot(view)))
      this.#writeLegend(card, view)
    }
  }

  #card({ id, title, series }) {
    const known = this.#cards.get(id)
    if (known !== undefined) return known
    const card = document.createElement('figure')
    card.className = 'card plot-card'
    card.dataset.plot = id
    const caption = document.createElement('figcaption')
    const heading = document.createElement('strong')
    heading.textContent = title
    const legend = document.createElement('ul')
    legend.className = 'legend'
    legend.append(...series.map(legendItem))
    caption.append(heading, legend)
    const drawing = document.createElement('div')
    drawing.className = 'drawing'
    card.append(caption, drawing)
    drawing.addEventListener('pointermove', ({ offsetX }) => this.#point(timeAt(offsetX, card.view)))
    drawing.addEventListener('pointerleave', () => this.#point(undefined))
    this.#cards.set(id, card)
    // In the order of the list, whichever is known first.
    const order = PLOTS.map((one) => this.#cards.get(one.id)).filter((one) => one !== undefined)
    this.#container.insertBefore(card, order[order.indexOf(card) + 1] ?? null)
    return card
  }

  #writeLegend(card, { series, format, toMs, intervalMs }) {
    const values = card.querySelectorAll('.legend b')
    series.forEach(({ points, kind }, index) => {
      const everyMs = kind === 'bars' ? BAR_MS : intervalMs
      values[index].textContent = format(valueAt(points, this.#cursorMs ?? toMs, everyMs))
    })
  }

  #point(cursorMs) {
    if (cursorMs === this.#cursorMs) return
    this.#cursorMs = cursorMs
    this.#draw()
  }
}

function legendItem({ name, style, kind }) {
  const item = document.createElement('li')
  const swatch = document.createElement('i')
  swatch.className = `swatch s${style} ${kind}`
  item.append(swatch, `${name} `, document.createElement('b'))
  return item
}

/** A young server has little to show: the window grows with it. */
function shownWindow(ageMs, windowMs) {
  return [120_000, 300_000, 600_000].find((shownMs) => shownMs >= ageMs && shownMs < windowMs) ?? windowMs
}

/** Bars count what happened in a while; all else is drawn as it was sampled. */
function pointsOf({ kind }, points) {
  if (kind !== 'bars') return points
  const sums = new Map()
  for (const [atMs, value] of points) {
    const middle = (Math.floor(atMs / BAR_MS) + 0.5) * BAR_MS
    sums.set(middle, (sums.get(middle) ?? 0) + (value ?? 0))
  }
  return [...sums]
}
