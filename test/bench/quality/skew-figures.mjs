/** How far apart audio and video are played, from samples of a viewer's statistics. */
import { quantile } from '../clients/quantile.mjs'

/** What people do not notice. */
export const MAX_SKEW_MS = 40

/** The two statistics are extrapolated to the moment in which they are read; samples without one of them say nothing. */
function skews(samples) {
  return samples.flatMap(({ atMs, audio, video }) => {
    const [heard, seen] = [audio?.estimatedPlayoutTimestamp, video?.estimatedPlayoutTimestamp]
    return heard === undefined || seen === undefined ? [] : [{ atMs, ms: heard - seen }]
  })
}

/**
 * @typedef {object} SkewFigures
 * @property {number} samples that say something, and all
 * @property {number} of
 * @property {number | undefined} convergedMs after the beginning, from when on all are within {@link MAX_SKEW_MS}; undefined for never
 * @property {number | undefined} firstMs after the beginning, the first sample that says something
 * @property {number | undefined} p50Ms how far audio is ahead of video, negative for behind, over the last half
 * @property {number | undefined} worstMs the farthest apart in the last half
 * @property {number | undefined} peakMs the farthest apart at all
 * @property {number} within the part of the samples of the last half that is within {@link MAX_SKEW_MS}
 */

/**
 * @param {any[]} samples
 * @param {number} fromMs
 * @param {number} toMs
 * @returns {SkewFigures}
 */
export function skewFigures(samples, fromMs, toMs) {
  const all = samples.filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
  const known = skews(all)
  const isOff = ({ ms }) => Math.abs(ms) > MAX_SKEW_MS
  const settled = known.slice(known.findLastIndex(isOff) + 1)
  const late = known.filter(({ atMs }) => atMs >= (fromMs + toMs) / 2)
  const farthest = (those) => those.reduce((most, { ms }) => (Math.abs(ms) > Math.abs(most) ? ms : most), 0)
  return {
    samples: known.length,
    of: all.length,
    convergedMs: settled[0] && settled[0].atMs - fromMs,
    firstMs: known[0] && known[0].atMs - fromMs,
    p50Ms: quantile(
      late.map(({ ms }) => ms),
      0.5,
    ),
    worstMs: late.length === 0 ? undefined : farthest(late),
    peakMs: known.length === 0 ? undefined : farthest(known),
    within: late.filter((one) => !isOff(one)).length / late.length,
  }
}
