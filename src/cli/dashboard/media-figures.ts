/** What the snapshots of many peers add up to, in the few figures that a plot shows. */
import type { BroadcastStats, SessionStats } from './dashboard-target.js'

/** How many viewers' videos get which layer. */
export interface LayerCounts {
  /** The best layer there is, which is the only one where there is one. */
  readonly best: number
  /** Neither the best nor the last. */
  readonly middle: number
  readonly lowest: number
  /** Nothing: paused, held back, or nothing is published. */
  readonly none: number
}

/** One broadcast, or several together. */
export interface MediaFigures {
  /** Of the publisher that loses most, 0 to 1; undefined without publishers. */
  readonly lossIn: number | undefined
  /** Of the middle one of the viewers, and of the one that 5 % of them are worse than. */
  readonly lossOut: number | undefined
  readonly lossOut95: number | undefined
  readonly rttMs: number | undefined
  readonly rtt95Ms: number | undefined
  readonly layers: LayerCounts
}

/** What the snapshots say. */
export function mediaFigures(broadcasts: readonly Pick<BroadcastStats, 'sessions'>[]): MediaFigures {
  const sessions = broadcasts.flatMap((broadcast) => broadcast.sessions.filter(({ state }) => state === 'connected'))
  const lossesIn = sessions.flatMap(({ ingest }) => (ingest === undefined ? [] : [ingest.fractionLost]))
  const egress = sessions.flatMap((session) => session.egress ?? [])
  const lossesOut = egress.map(({ fractionLost }) => fractionLost).sort(ascending)
  const rtts = egress.flatMap(({ rttMs }) => rttMs ?? []).sort(ascending)
  return {
    lossIn: lossesIn.length === 0 ? undefined : lossesIn.reduce((worst, loss) => Math.max(worst, loss)),
    lossOut: quantile(lossesOut, 0.5),
    lossOut95: quantile(lossesOut, 0.95),
    rttMs: quantile(rtts, 0.5),
    rtt95Ms: quantile(rtts, 0.95),
    layers: layerCounts(sessions),
  }
}

function layerCounts(sessions: readonly SessionStats[]): LayerCounts {
  const counts = { best: 0, middle: 0, lowest: 0, none: 0 }
  for (const { egress } of sessions) {
    for (const track of egress?.tracks ?? []) if (track.kind === 'video') counts[placeOf(track)]++
  }
  return counts
}

type VideoTrack = NonNullable<SessionStats['egress']>['tracks'][number]

function placeOf({ live, rid, layers = [] }: VideoTrack): keyof LayerCounts {
  if (!live) return 'none'
  const own = layers.find((layer) => layer.rid === rid)
  const others = layers.filter((layer) => layer.live && layer !== own)
  if (own === undefined || others.length === 0) return 'best'
  // Publishers name layers in any order; what they cost says which is which.
  const cost = own.bitrateBps ?? 0
  const better = others.filter(({ bitrateBps = 0 }) => bitrateBps > cost).length
  if (better === 0) return 'best'
  return better === others.length ? 'lowest' : 'middle'
}

/** The value that this part of the sorted values is at or below. */
function quantile(sorted: readonly number[], part: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
}

function ascending(a: number, b: number): number {
  return a - b
}
