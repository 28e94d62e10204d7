/** Resolution and bitrate of a connection, measured from its statistics. */
import { element } from './page.js'

const INTERVAL_MS = 1000

/**
 * Calls `onStats({ width, height, framesPerSecond, bitrateBps, frames })` every second, for what is sent ('outbound-rtp') or what is received
 * ('inbound-rtp'). Returns the way to stop.
 */
export function watchStats(connection, type, onStats) {
  let before
  const measure = async () => {
    const now = totals(await connection.getStats(), type)
    const seconds = before === undefined ? 0 : (now.timestamp - before.timestamp) / 1000
    const bitrateBps = seconds > 0 ? Math.max(0, ((now.bytes - before.bytes) * 8) / seconds) : 0
    const framesPerSecond = seconds > 0 ? Math.max(0, (now.frames - before.frames) / seconds) : 0
    before = now
    onStats({ ...now, bitrateBps, framesPerSecond })
  }
  const timer = setInterval(() => measure().catch(() => {}), INTERVAL_MS)
  measure().catch(() => {})
  return () => clearInterval(timer)
}

function totals(report, type) {
  const sum = { timestamp: performance.now(), bytes: 0, frames: 0, width: 0, height: 0 }
  for (const entry of report.values()) {
    if (entry.type !== type) continue
    sum.bytes += entry.bytesSent ?? entry.bytesReceived ?? 0
    if (entry.kind !== 'video') continue
    sum.frames += entry.framesSent ?? entry.framesDecoded ?? 0
    // Of several layers the largest one is what people think of.
    if ((entry.frameWidth ?? 0) > sum.width) {
      sum.width = entry.frameWidth
      sum.height = entry.frameHeight
    }
  }
  return sum
}

/** Shows the figures of {@link watchStats}, or dashes. */
export function showFigures(stats) {
  element('resolution').textContent = resolutionText(stats)
  element('rate').textContent = rateText(stats?.framesPerSecond ?? 0)
  element('bitrate').textContent = bitrateText(stats?.bitrateBps ?? 0)
}

function resolutionText(stats) {
  return stats === undefined || stats.width === 0 ? '–' : `${stats.width}×${stats.height}`
}

function rateText(framesPerSecond) {
  return framesPerSecond < 0.5 ? '–' : `${Math.round(framesPerSecond)} fps`
}

function bitrateText(bitrateBps) {
  if (bitrateBps < 1) return '–'
  if (bitrateBps < 1e6) return `${Math.round(bitrateBps / 1e3)} kbit/s`
  return `${(bitrateBps / 1e6).toFixed(1)} Mbit/s`
}
