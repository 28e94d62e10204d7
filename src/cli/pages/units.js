/** Figures in words for people; a dash for what is not known. */

const UNKNOWN = '–'

/** Such as `2.1 Mbit/s`. */
export function bitrateText(bitrateBps) {
  if (!known(bitrateBps)) return UNKNOWN
  if (bitrateBps < 1e6) return `${Math.round(bitrateBps / 1e3)} kbit/s`
  if (bitrateBps < 1e9) return `${short(bitrateBps / 1e6)} Mbit/s`
  return `${short(bitrateBps / 1e9)} Gbit/s`
}

/** Such as `1.3 GB`. */
export function bytesText(bytes) {
  if (!known(bytes)) return UNKNOWN
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  return `${short(bytes / 1000 ** power)} ${units[power]}`
}

/** Such as `0.4 %`, of a part of 1. */
export function percentText(part) {
  if (!known(part)) return UNKNOWN
  const percent = part * 100
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`
}

/** Such as `12 ms`. */
export function millisecondsText(ms) {
  if (!known(ms)) return UNKNOWN
  if (ms >= 10_000) return `${short(ms / 1000)} s`
  return `${ms > 0 && ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
}

/** Such as `12,000`, in the language of the browser. */
export function countText(count) {
  return known(count) ? Math.round(count).toLocaleString() : UNKNOWN
}

/** Such as `1.2 k`. */
export function rateText(perSecond) {
  if (!known(perSecond)) return UNKNOWN
  if (perSecond < 1000) return `${short(perSecond)}/s`
  return perSecond < 1e6 ? `${short(perSecond / 1000)} k/s` : `${short(perSecond / 1e6)} M/s`
}

/** How many times as much, such as `9.8`. */
export function timesText(factor) {
  return known(factor) ? short(factor) : UNKNOWN
}

/** How long something has lasted, such as `3 min`. */
export function ageText(ms) {
  if (!known(ms)) return UNKNOWN
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`
}

function known(value) {
  return typeof value === 'number' && Number.isFinite(value)
}

/** Two digits behind the point only where that is precise at all. */
function short(value) {
  return value < 10 && value % 1 !== 0 ? value.toFixed(1) : Math.round(value).toLocaleString()
}
