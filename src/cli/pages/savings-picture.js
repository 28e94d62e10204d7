/** The pictures of what an SFU saves: who sends to whom, and bars of what that adds up to. */
import { linear } from './plot-scale.js'
import { node, round } from './svg-tree.js'
import { bytesText, countText } from './units.js'

/** More dots than these do not make it clearer. */
const MAX_DOTS = 10
const FAN = { width: 280, height: 150 }
const BAR_HEIGHT = 20
/** About, with some air. */
const CHARACTER_WIDTH = 7.6

/** Such as `1 stream`. */
export function streamsText(count) {
  return count === 1 ? '1 stream' : `${countText(count)} streams`
}

/** Who sends to whom, with an SFU (`isMesh` false) or without one. */
export function fanPicture(viewers, isMesh) {
  const shown = Math.max(1, Math.min(viewers, MAX_DOTS))
  const { width, height } = FAN
  const middle = height / 2
  const [from, over, to] = [16, width / 2 - 20, width - 40]
  const spread = Math.min(60, 12 * (shown - 1) + 8)
  const dotY = (index) => (shown === 1 ? middle : round(linear(0, shown - 1, middle - spread, middle + spread)(index)))
  const dots = Array.from({ length: shown }, (_, index) => dotY(index))
  const start = isMesh ? from : over
  const id = isMesh ? 'mesh' : 'sfu'
  const title = isMesh ? 'A mesh' : 'With the SFU'
  return node(
    'svg',
    {
      class: `fan ${id}`,
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-labelledby': `fan-${id}-title fan-${id}-desc`,
    },
    node('title', { id: `fan-${id}-title` }, title),
    node(
      'desc',
      { id: `fan-${id}-desc` },
      `${isMesh ? 'Every viewer' : 'The server'} gets a stream of its own from the publisher; there are ${viewers} viewers.`,
    ),
    dots.map((y) => node('line', { class: isMesh ? 'upload' : 'download', x1: start, y1: middle, x2: to, y2: y })),
    isMesh ? undefined : node('line', { class: 'upload', x1: from, y1: middle, x2: over, y2: middle }),
    isMesh ? undefined : node('rect', { class: 'server', x: over - 13, y: middle - 13, width: 26, height: 26, rx: 7 }),
    node('circle', { class: 'publisher', cx: from, cy: middle, r: 11 }),
    dots.map((y) => node('circle', { class: 'viewer', cx: to, cy: y, r: 5 })),
    viewers > MAX_DOTS
      ? node('text', { x: to + 12, y: middle + spread + 4, class: 'soft' }, `+${viewers - MAX_DOTS}`)
      : undefined,
  )
}

/** Bars of measured and computed bytes, see `savings`, as wide as there is room. */
export function savingsBars({ sfu, mesh }, width) {
  const longest = Math.max(sfu.total, mesh.total)
  const groups = [
    { label: 'Publishers upload', bars: [barOf(sfu.upload, false), barOf(mesh.upload, true)] },
    { label: 'All lines together', bars: [barOf(sfu.total, false), barOf(mesh.total, true)] },
  ]
  let top = -12
  const drawn = groups.flatMap(({ label, bars }) => {
    top += 26
    const heading = node('text', { x: 0, y: top }, label)
    top += 8
    return [
      heading,
      ...bars.flatMap((bar) => {
        const parts = drawBar(bar, top, linear(0, longest, 0, width)(bar.bytes), width)
        top += BAR_HEIGHT + 4
        return parts
      }),
    ]
  })
  const words = [
    `Publishers upload ${bytesText(sfu.upload)}; in a mesh they would upload ${bytesText(mesh.upload)}.`,
    `All lines together carry ${bytesText(sfu.total)}; in a mesh they would carry ${bytesText(mesh.total)}.`,
  ]
  const names = 'bars-title bars-desc'
  return node(
    'svg',
    {
      class: 'savings-bars',
      viewBox: `0 0 ${width} ${top}`,
      width,
      height: top,
      role: 'img',
      'aria-labelledby': names,
    },
    node('title', { id: 'bars-title' }, 'Traffic with the SFU and in a mesh'),
    node('desc', { id: 'bars-desc' }, words.join(' ')),
    drawn,
  )
}

function barOf(bytes, isMesh) {
  return { bytes, style: isMesh ? 'mesh' : 'sfu', note: isMesh ? 'in a mesh, computed' : 'measured' }
}

function drawBar({ bytes, style, note }, top, length, width) {
  const text = `${bytesText(bytes)} ${note}`
  const textLength = text.length * CHARACTER_WIDTH
  // Beside the bar where there is room, else in it.
  const isInside = length + textLength > width && length > textLength
  const x = isInside ? 8 : round(Math.max(2, Math.min(length + 8, width - textLength)))
  const isOver = !isInside && x < length
  return [
    node('rect', { class: `bar ${style}`, x: 0, y: top, width: round(Math.max(2, length)), height: BAR_HEIGHT, rx: 4 }),
    // Where it fits neither way, the figure alone does.
    node(
      'text',
      { x: isOver ? 8 : x, y: top + 15, class: isInside || isOver ? 'inside' : 'beside' },
      isOver ? bytesText(bytes) : text,
    ),
  ]
}
