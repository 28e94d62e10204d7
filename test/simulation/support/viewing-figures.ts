/** What the simulations of congestion control are judged by. */
import type { QueueWait } from './bottleneck.js'
import type { BrowserViewer } from './browser-viewer.js'
import { percentile } from './percentile.js'

/** The p-th part of the waits in a queue between two times, 0 to 1; 0 where nothing has waited. */
export function queueMs(waits: readonly QueueWait[], p: number, fromMs: number, toMs: number): number {
  const inside = waits.filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
  return inside.length === 0
    ? 0
    : percentile(
        inside.map(({ waitMs }) => waitMs),
        p,
      )
}

/** When another layer was begun, between two times. The first is no change. */
export function layerChangesMs(viewer: BrowserViewer, fromMs: number, toMs: number): number[] {
  return viewer.layers.slice(1).flatMap(({ atMs }) => (atMs >= fromMs && atMs < toMs ? [atMs] : []))
}

/** The most layer changes in any such time. */
export function mostChangesWithin(changesMs: readonly number[], windowMs: number): number {
  return Math.max(
    0,
    ...changesMs.map((fromMs) => changesMs.filter((atMs) => atMs >= fromMs && atMs < fromMs + windowMs).length),
  )
}

/** How long each layer was forwarded between two times, as a part of it. */
export function layerShares(viewer: BrowserViewer, fromMs: number, toMs: number): Map<string, number> {
  const shares = new Map<string, number>()
  for (const [i, { atMs, rid }] of viewer.layers.entries()) {
    const from = Math.max(atMs, fromMs)
    const to = Math.min(viewer.layers[i + 1]?.atMs ?? toMs, toMs)
    if (to > from) shares.set(rid ?? '-', (shares.get(rid ?? '-') ?? 0) + (to - from) / (toMs - fromMs))
  }
  return shares
}

/** When the layer of that rid is forwarded for the first time from `fromMs` on; infinity for never. */
export function reachedMs(viewer: BrowserViewer, rid: string, fromMs: number): number {
  const at = viewer.layers.findLastIndex(({ atMs }) => atMs <= fromMs)
  if (viewer.layers[at]?.rid === rid) return fromMs
  return viewer.layers.find((each) => each.atMs > fromMs && each.rid === rid)?.atMs ?? Number.POSITIVE_INFINITY
}
