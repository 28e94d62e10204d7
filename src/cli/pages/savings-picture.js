/** The pictures of what an SFU saves: who sends to whom, and bars of what that adds up to. */
import { linear } from './plot-scale.js'
import { node, round } from './svg-tree.js'
import { bytesText } from './units.js'

/** More dots than these do not make it clearer. */
const MAX_DOTS = 10
const FAN = { width: 300, height: 190 }
const BAR_HEIGHT = 20

/** Who sends to whom, with an SFU (`isMesh` false) or without one. */
export function fanPicture(viewers, isMesh) {
  const shown = Math.max(1, Math.min(viewers, MAX_DOTS))
  const { width, height } = FAN
  const middle = height / 2 - 6
  const [from, over, to] = [34, width / 2, width - 40]
  const dotY = (index) => (shown === 1 ? middle : round(linear(0, shown - 1, 18, height - 44)(index)))
  const dots = Array.from({ length: shown }, (_, index) => dotY(index))
  const start = isMesh ? from : over
  const streams = viewers === 1 ? '1 stream' : `${viewers} streams`
  const uploaded = isMesh ? streams : '1 stream'
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
    node('desc', { id: `fan-${id}-desc` }, `The publisher uploads ${uploaded} for ${viewers} viewers.`),
    dots.map((y) => node('line', { class: isMesh ? 'upload' : 'download', x1: start, y1: middle, x2: to, y2: y })),
    isMesh ? undefined : node('line', { class: 'upload', x1: from, y1: middle, x2: over, y2: middle }),
    isMesh ? undefined : node('rect', { class: 'server', x: over - 13, y: middle - 13, width: 26, height: 26, rx: 7 }),
    node('circle', { class: 'publisher', cx: from, cy: middle, r: 11 }),
    dots.map((y) => node('circle', { class: 'viewer', cx: to, cy: y, r: 5 })),
    viewers > MAX_DOTS
      ? node('text', { x: to, y: height - 24, 'text-anchor': 'middle', class: 'soft' }, `+ ${viewers - MAX_DOTS}`)
      : undefined,
    node('text', { x: 6, y: height - 6 }, node('tspan', { class: 'strong' }, title), `: uploads ${uploaded}`),
  )
}

/** Bars of measured and computed bytes, see `savings`. */
export function savingsBars({ sfu, mesh }, width) {
  const rows = [
    { label: 'Publishers upload', bytes: sfu.upload, style: 'sfu', note: 'measured' },
    { label: '', bytes: mesh.upload, style: 'mesh', note: 'a mesh, computed' },
    { label: 'All lines together', bytes: sfu.total, style: 'sfu', note: 'measured' },
    { label: '', bytes: mesh.total, style: 'mesh', note: 'a mesh, computed' },
  ]
  const x = linear(0, Math.max(sfu.total, mesh.total), 0, width)
  let top = 0
  const drawn = rows.flatMap(({ label, bytes, style, note }) => {
    const parts = []
    if (label !== '') {
      top += top === 0 ? 14 : 30
      parts.push(node('text', { x: 0, y: top }, label))
      top += 8
    }
    const length = Math.max(2, x(bytes))
    const text = `${bytesText(bytes)} ${note}`
    // Beside the bar where there is room, else in it.
    const inside = length > width - 190
    const place = inside ? { x: 8, class: 'inside' } : { x: round(length) + 8 }
    parts.push(
      node('rect', { class: `bar ${style}`, x: 0, y: top, width: round(length), height: BAR_HEIGHT, rx: 4 }),
      node('text', { ...place, y: top + 15, 'data-bytes': bytes }, text),
    )
    top += BAR_HEIGHT + 4
    return parts
  })
  return node(
    'svg',
    {
      class: 'savings-bars',
      viewBox: `0 0 ${width} ${top}`,
      width,
      height: top,
      role: 'img',
      'aria-labelledby': 'bars-title bars-desc',
    },
    node('title', { id: 'bars-title' }, 'Traffic with the SFU and in a mesh'),
    node(
      'desc',
      { id: 'bars-desc' },
      `Publishers upload ${bytesText(sfu.upload)}; in a mesh they would upload ${bytesText(mesh.upload)}. ` +
        `All lines together carry ${bytesText(sfu.total)}; in a mesh they would carry ${bytesText(mesh.total)}.`,
    ),
    drawn,
  )
}
