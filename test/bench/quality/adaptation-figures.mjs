/** What a run of the adaptation bench says: from everything that was noted to a handful of figures. */
import { quantile } from '../clients/quantile.mjs'

/** After a change of the link it takes so long until things have settled. */
const SETTLED_AFTER_MS = 4000

/**
 * @typedef {object} PhaseFigures
 * @property {number} linkUse what was carried to the viewer as a share of the link
 * @property {number} bestShare what the best layer that fits takes, as a share of the link: more can hardly be used
 * @property {number} use what was carried of it, i.e. video that came as a share of what the best layer that fits would have been
 * @property {number} changes of the layer that is forwarded, once settled; temporal layers within it included
 * @property {number} queueP95Ms in the bottleneck, once settled
 * @property {number} queueMaxMs in the whole phase
 * @property {number} jitterBufferMs mean
 * @property {number} freezeMs
 * @property {number} freezes
 * @property {number} longestGapMs between two frames that were shown
 * @property {number} estimateP10Bps what the server thought, once settled
 * @property {number} estimateP50Bps
 */

/**
 * @typedef {object} AdaptationFigures
 * @property {number | undefined} joinToBestMs
 * @property {number | undefined} downForwardedMs from the drop until a layer that fits is forwarded for good
 * @property {number | undefined} downShownMs until it is shown
 * @property {number | undefined} upForwardedMs from the return of the link until the best layer is forwarded
 * @property {number | undefined} upShownMs
 * @property {number} freezeMs over the whole run
 * @property {{ wide: PhaseFigures, narrow: PhaseFigures, again: PhaseFigures }} phases
 * @property {number} relayLateP99Ms how precise the relay was
 * @property {number} otherCpuPercent
 * @property {number} totalCpuPercent
 */

/**
 * @param {import('./adaptation-run.mjs').AdaptationRecord} record
 * @returns {AdaptationFigures}
 */
export function adaptationFigures(record) {
  const { marks, path, rids, layers, frames, relay, load } = record
  const best = rids.at(-1)
  const isBest = ({ rid, temporalId }) => rid === best && temporalId === undefined
  const phase = (fromMs, toMs, bps) => phaseFigures(record, fromMs, toMs, bps)
  const fitting = fittingRids(record, marks.dropMs, marks.returnMs, path.narrowBps)
  // A better one without some of its temporal layers may fit; what there is of it has been chosen because it is thought to.
  const fits = ({ rid, temporalId }) => fitting.includes(rid) || temporalId !== undefined
  const firstFit = isFor(layers, marks.dropMs, fits)
  const heights = [...new Set(frames.map(({ height }) => height))].sort((a, b) => a - b)
  const topHeight = heights.at(-1)
  const shown = (isWanted, fromMs) => frames.find((frame) => frame.atMs > fromMs && isWanted(frame.height))?.atMs
  const since = (atMs, fromMs) => (atMs === undefined ? undefined : atMs - fromMs)
  const phases = {
    wide: phase(marks.wideMs, marks.dropMs, path.wideBps),
    narrow: phase(marks.dropMs, marks.returnMs, path.narrowBps),
    again: phase(marks.returnMs, marks.endMs, path.wideBps),
  }
  return {
    joinToBestMs: since(isFor(layers, record.joinMs, isBest), record.joinMs),
    downForwardedMs: since(firstFit, marks.dropMs),
    downShownMs: since(
      shown((height) => height < topHeight, marks.dropMs),
      marks.dropMs,
    ),
    upForwardedMs: since(isFor(layers, marks.returnMs, isBest), marks.returnMs),
    upShownMs: since(
      shown((height) => height === topHeight, marks.returnMs),
      marks.returnMs,
    ),
    freezeMs: Object.values(phases).reduce((sum, { freezeMs }) => sum + freezeMs, 0),
    phases,
    relayLateP99Ms: quantile(relay.lateMs, 0.99),
    otherCpuPercent: load.otherPercent,
    totalCpuPercent: load.totalPercent,
  }
}

/** From when on such a layer is forwarded, not before `fromMs`; undefined for never. */
function isFor(layers, fromMs, isWanted) {
  const before = layers.findLast(({ atMs }) => atMs <= fromMs)
  if (before !== undefined && isWanted(before)) return fromMs
  return layers.find((layer) => layer.atMs > fromMs && isWanted(layer))?.atMs
}

function phaseFigures({ page, frames, server, layers, relay, path, rids }, fromMs, toMs, bps) {
  const settledMs = fromMs + SETTLED_AFTER_MS
  const within = (atMs) => atMs >= fromMs && atMs < toMs
  const carried = relay.atMs.flatMap((atMs, i) => (within(atMs) ? [i] : []))
  const carriedBps = (carried.reduce((sum, i) => sum + relay.bytes[i], 0) * 8000) / (toMs - fromMs)
  const settled = carried.filter((i) => relay.atMs[i] >= settledMs)
  const queued = (indexes) => indexes.map((i) => relay.queuedMs[i])

  const samples = page.filter(({ atMs, video }) => within(atMs) && video !== undefined)
  const [first, last] = [samples[0]?.video, samples.at(-1)?.video]
  const grown = (field) => (last?.[field] ?? 0) - (first?.[field] ?? 0)
  const states = server.filter(({ atMs }) => within(atMs))
  const best = fittingRids({ server, rids, path }, fromMs, toMs, bps).at(-1)
  const wantedBytes = best === undefined ? 0 : grownLayer(states, best)
  const spanMs = (states.at(-1)?.atMs ?? 0) - (states[0]?.atMs ?? 0)
  const settledStates = states.filter(({ atMs }) => atMs >= settledMs)
  const estimates = settledStates.map(({ estimatedBps }) => estimatedBps ?? Number.POSITIVE_INFINITY)
  const shown = frames.filter(({ atMs }) => within(atMs))
  return {
    linkUse: carriedBps / bps,
    bestShare: (wantedBytes * 8000) / spanMs / bps,
    use: (grown('bytesReceived') + grown('headerBytesReceived')) / wantedBytes,
    changes: layers.filter(({ atMs }) => atMs >= settledMs && atMs < toMs).length,
    queueP95Ms: quantile(queued(settled), 0.95),
    queueMaxMs: quantile(queued(carried), 1),
    jitterBufferMs: (grown('jitterBufferDelay') / grown('jitterBufferEmittedCount')) * 1000,
    freezeMs: grown('totalFreezesDuration') * 1000,
    freezes: grown('freezeCount'),
    longestGapMs: Math.max(0, ...shown.slice(1).map(({ atMs }, i) => atMs - shown[i].atMs)),
    estimateP10Bps: quantile(estimates, 0.1),
    estimateP50Bps: quantile(estimates, 0.5),
  }
}

/** The layers that a link of that rate carries, from what the publisher sent of them. */
function fittingRids({ server, rids }, fromMs, toMs, bps) {
  const states = server.filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
  const spanMs = (states.at(-1)?.atMs ?? 0) - (states[0]?.atMs ?? 0)
  return rids.filter((rid) => (grownLayer(states, rid) * 8000) / spanMs <= bps)
}

function grownLayer(states, rid) {
  return (states.at(-1)?.layerBytes[rid] ?? 0) - (states[0]?.layerBytes[rid] ?? 0)
}
