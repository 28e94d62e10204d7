/** Resolution, frame rate and bitrate in the boxes of a page. */
import { element } from './page.js'

/** Shows a snapshot of the client's statistics, or dashes. */
export function showFigures(stats) {
  // Of several layers the largest one is what people think of.
  const { width = 0, height = 0, framesPerSecond = 0 } = stats?.layers[0] ?? {}
  element('resolution').textContent = width === 0 ? '–' : `${width}×${height}`
  element('rate').textContent = framesPerSecond < 0.5 ? '–' : `${Math.round(framesPerSecond)} fps`
  element('bitrate').textContent = bitrateText(stats?.bitrateBps ?? 0)
}

function bitrateText(bitrateBps) {
  if (bitrateBps < 1) return '–'
  if (bitrateBps < 1e6) return `${Math.round(bitrateBps / 1e3)} kbit/s`
  return `${(bitrateBps / 1e6).toFixed(1)} Mbit/s`
}
