/** How far one viewer is behind another, by the numbers of the frames that both have shown. */
import { quantile } from '../clients/quantile.mjs'

/** Numbers repeat; the same number this far apart is another frame. */
const MAX_LAG_MS = 900

/**
 * Milliseconds, negative for ahead; undefined where they have shown nothing in common.
 *
 * @param {{ atMs: number, index: number }[]} frames of the one
 * @param {{ atMs: number, index: number }[]} reference of the other
 * @param {number} fromMs only frames that were shown since then
 * @param {number} toMs and before
 */
export function lagMs(frames, reference, fromMs, toMs) {
  const lags = frames
    .filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
    .flatMap(({ atMs, index }) => {
      const same = reference.filter((other) => other.index === index && Math.abs(atMs - other.atMs) < MAX_LAG_MS)
      const nearest = same.sort((a, b) => Math.abs(atMs - a.atMs) - Math.abs(atMs - b.atMs))[0]
      return nearest === undefined ? [] : [atMs - nearest.atMs]
    })
  return quantile(lags, 0.5)
}
