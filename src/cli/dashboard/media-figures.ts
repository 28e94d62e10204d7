/** What the snapshots of some viewers say of all of them, in the few figures that a plot shows. */
import type { SessionStats } from './dashboard-target.js'

/** Viewers' networks and pictures. */
export interface MediaFigures {
  /** The round trip of the middle one of the viewers, and of the one that 5 % of them are worse than; undefined while none is known. */
  readonly rttMs: number | undefined
  readonly rtt95Ms: number | undefined
  /** How many viewers' videos get the best layer there is, which is the only one where there is one; neither the best nor the last; the last; nothing. */
  readonly layersBest: number
  readonly layersMiddle: number
  readonly layersLowest: number
  readonly layersNone: number
}

/** What `asked` says of `viewers` viewers, of whom they are a part. */
export function mediaFigures(asked: readonly SessionStats[], viewers: number): MediaFigures {
  const egress = asked.flatMap((session) => session.egress ?? [])
  const rtts = egress.flatMap(({ rttMs }) => rttMs ?? []).sort((a, b) => a - b)
  const counts = { layersBest: 0, layersMiddle: 0, layersLowest: 0, layersNone: 0 }
  const share = egress.length === 0 ? 0 : Math.max(1, viewers / egress.length)
  for (const { tracks } of egress) {
    for (const track of tracks) if (track.kind === 'video') counts[placeOf(track)] += share
  }
  return { rttMs: quantile(rtts, 0.5), rtt95Ms: quantile(rtts, 0.95), ...counts }
}

type VideoTrack = NonNullable<SessionStats['egress']>['tracks'][number]
type Place = Exclude<keyof MediaFigures, 'rttMs' | 'rtt95Ms'>

function placeOf({ live, rid, layers = [] }: VideoTrack): Place {
  if (!live) return 'layersNone'
  const own = layers.find((layer) => layer.rid === rid)
  const others = layers.filter((layer) => layer.live && layer !== own)
  if (own === undefined || others.length === 0) return 'layersBest'
  // Publishers name layers in any order; what they cost says which is which.
  const cost = own.bitrateBps ?? 0
  const better = others.filter(({ bitrateBps = 0 }) => bitrateBps > cost).length
  if (better === 0) return 'layersBest'
  return better === others.length ? 'layersLowest' : 'layersMiddle'
}

/** The value that this part of the sorted values is at or below. */
function quantile(sorted: readonly number[], part: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
}
