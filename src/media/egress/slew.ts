/** Corrects a clock the way clocks are corrected: by running a little faster or slower for a while, so that nobody sees it jump. */

/** Twice what the clocks of bad hardware are off. */
const MAX_RATE = 250e-6

/** After a pause a clock is hardly worse than before, but what it is corrected by may be. */
const MAX_ELAPSED_MS = 5000

/** By how much of `errorMs` a clock moves in `elapsedMs`: all of it beyond `maxSlewedMs`, where it is a different time altogether. */
export function slew(errorMs: number, elapsedMs: number, maxSlewedMs: number): number {
  if (Math.abs(errorMs) > maxSlewedMs) return errorMs
  const mostMs = Math.min(MAX_ELAPSED_MS, Math.max(0, elapsedMs)) * MAX_RATE
  return Math.min(mostMs, Math.max(-mostMs, errorMs))
}
