/** Lines over sizes as an SVG: a panel per question, one scale for all panels, readable on light and on dark pages. */

/**
 * @typedef {object} Line
 * @property {string} title
 * @property {{ x: number, y: number }[]} points in the order of x
 *
 * @typedef {object} Panel
 * @property {string} title
 * @property {Line[]} lines
 */

const PANEL_WIDTH = 430
const HEIGHT = 400
const MARGIN = { left: 46, right: 16, top: 64, bottom: 46 }
const LEGEND_ROW = 20
const COLORS = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7']

/** A page's own colors cannot be known from inside a picture: it has a background of its own, and follows the system's scheme. */
const STYLE = `
  .bg { fill: #ffffff } text { fill: #24292f; font: 12px system-ui, sans-serif } .title { font-weight: 600; font-size: 14px }
  .axis { stroke: #57606a; fill: none } .grid { stroke: #d8dee4; fill: none } .small { fill: #57606a }
  .line { fill: none; stroke-width: 2 } .c0 { stroke: #0969da } .c1 { stroke: #8250df } .c2 { stroke: #9a6700 } .c3 { stroke: #cf222e }
  .c4 { stroke: #1a7f37 } .c5 { stroke: #57606a } .c6 { stroke: #bf3989 } .c7 { stroke: #0550ae }
  .dot { fill: #ffffff; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    .bg, .dot { fill: #0d1117 } text { fill: #e6edf3 } .axis { stroke: #8b949e } .grid { stroke: #30363d } .small { fill: #9ea7b3 }
    .c0 { stroke: #58a6ff } .c1 { stroke: #bc8cff } .c2 { stroke: #d29922 } .c3 { stroke: #ff7b72 } .c4 { stroke: #56d364 } .c5 { stroke: #9ea7b3 }
    .c6 { stroke: #f778ba } .c7 { stroke: #79c0ff }
  }`

/**
 * @param {{ title: string, xTitle: string, yTitle: string, panels: Panel[] }} plot
 * @returns {string}
 */
export function linePlot({ title, xTitle, yTitle, panels }) {
  const titles = [...new Set(panels.flatMap(({ lines }) => lines.map((line) => line.title)))]
  const columns = Math.max(1, panels.length * 2)
  const rows = Math.ceil(titles.length / columns)
  const width = PANEL_WIDTH * panels.length
  const height = HEIGHT + rows * LEGEND_ROW + 8
  const points = panels.flatMap(({ lines }) => lines.flatMap((line) => line.points))
  const top = niceTop(Math.max(1, ...points.map(({ y }) => y)))
  const color = (name) => COLORS[titles.indexOf(name) % COLORS.length]
  const body = panels.map((panel, i) => drawPanel(panel, i * PANEL_WIDTH, top, { xTitle, yTitle, color }))
  const legend = titles.map((name, i) => {
    const x = MARGIN.left + (i % columns) * ((width - MARGIN.left) / columns)
    const y = HEIGHT + Math.floor(i / columns) * LEGEND_ROW + 8
    return `<path class="line ${color(name)}" d="M${x} ${y}h22"/><text x="${x + 28}" y="${y + 4}">${escapeXml(name)}</text>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(title)}">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="bg" width="${width}" height="${height}" rx="6"/>`,
    `<text class="title" x="${MARGIN.left}" y="24">${escapeXml(title)}</text>`,
    ...body,
    ...legend,
    '</svg>\n',
  ].join('\n')
}

function drawPanel({ title, lines }, left, top, { xTitle, yTitle, color }) {
  const sizes = [...new Set(lines.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b)
  const inner = { width: PANEL_WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom }
  const [low, high] = [Math.log(sizes[0] ?? 1), Math.log(sizes[sizes.length - 1] ?? 1)]
  // Sizes grow by factors, so they stand at the distance of their logarithms.
  const share = (x) => (high === low ? 0.5 : 0.04 + 0.92 * ((Math.log(x) - low) / (high - low)))
  const at = (x) => round(left + MARGIN.left + inner.width * share(x))
  const up = (y) => round(MARGIN.top + inner.height * (1 - y / top))
  const base = MARGIN.top + inner.height
  const [from, to] = [left + MARGIN.left, left + MARGIN.left + inner.width]
  const out = [`<text x="${from}" y="46">${escapeXml(title)}</text>`]
  for (let i = 0; i <= 5; i++) {
    const y = (top / 5) * i
    out.push(`<path class="grid" d="M${from} ${up(y)}H${to}"/>`)
    out.push(`<text class="small" x="${from - 6}" y="${up(y) + 4}" text-anchor="end">${round(y)}</text>`)
  }
  for (const x of sizes) out.push(`<text class="small" x="${at(x)}" y="${base + 18}" text-anchor="middle">${x}</text>`)
  out.push(`<path class="axis" d="M${from} ${MARGIN.top}V${base}H${to}"/>`)
  out.push(
    `<text class="small" x="${(from + to) / 2}" y="${base + 36}" text-anchor="middle">${escapeXml(xTitle)}</text>`,
  )
  out.push(`<text class="small" x="${to}" y="46" text-anchor="end">${escapeXml(yTitle)}</text>`)
  for (const line of lines) {
    const name = color(line.title)
    const path = line.points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${at(x)} ${up(y)}`).join('')
    out.push(`<path class="line ${name}" d="${path}"/>`)
    for (const { x, y } of line.points) {
      out.push(
        `<circle class="dot ${name}" cx="${at(x)}" cy="${up(y)}" r="3.5"><title>${escapeXml(`${line.title}, ${x}: ${y.toFixed(2)}`)}</title></circle>`,
      )
    }
  }
  return out.join('\n')
}

/** The least of 1, 2, 2.5 and 5 times a power of ten, times five steps, that has room for the value. */
function niceTop(value) {
  const power = 10 ** Math.floor(Math.log10(value / 5))
  const step = [1, 2, 2.5, 5, 10].find((candidate) => candidate * power * 5 >= value)
  return step * power * 5
}

const round = (value) => Math.round(value * 100) / 100

/** @param {string} text */
function escapeXml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
