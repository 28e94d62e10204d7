/** What publishers' ingests add up to: plain counters that are added to without making a snapshot of each. */
import { createIngestCounters, type IngestCounters, type IngestDropped } from './ingest-stats.js'
import type { IngestTrack } from './ingest-track.js'

/** Sums over any number of publishers; see `IngestStats` for what each counts. */
export interface IngestSums {
  packetsLost: number
  nacksSent: number
  packetsNacked: number
  packetsRepaired: number
  rtxReceived: number
  rtxUseless: number
  lostForGood: number
  keyframesReceived: number
  pliSent: number
  firSent: number
  /** Wishes for a keyframe that needed no request of their own. */
  keyframeRequestsCoalesced: number
  readonly dropped: IngestDropped
}

/** Sums at zero. */
export function createIngestSums(): IngestSums {
  return {
    packetsLost: 0,
    nacksSent: 0,
    packetsNacked: 0,
    packetsRepaired: 0,
    rtxReceived: 0,
    rtxUseless: 0,
    lostForGood: 0,
    keyframesReceived: 0,
    pliSent: 0,
    firSent: 0,
    keyframeRequestsCoalesced: 0,
    dropped: createIngestCounters().dropped,
  }
}

/** Adds what one publisher's `tracks` have counted. */
export function addIngest(sums: IngestSums, tracks: readonly IngestTrack[], { dropped }: IngestCounters): void {
  for (const reason of Object.keys(dropped) as (keyof IngestDropped)[]) sums.dropped[reason] += dropped[reason]
  for (const { targets } of tracks) {
    for (const { layer, repair, packetsLost, pliSent, firSent } of targets) {
      sums.packetsLost += packetsLost
      sums.nacksSent += repair.nacksSent
      sums.packetsNacked += repair.packetsNacked
      sums.packetsRepaired += repair.packetsRepaired
      sums.rtxReceived += repair.rtxReceived
      sums.rtxUseless += repair.rtxUseless
      sums.lostForGood += repair.lostForGood
      sums.keyframesReceived += layer.keyframes
      sums.pliSent += pliSent
      sums.firSent += firSent
      sums.keyframeRequestsCoalesced += layer.keyframeRequests.coalesced
      sums.dropped.duplicate += layer.refused.duplicate
      sums.dropped.tooOld += layer.refused.tooOld
      sums.dropped.tooLarge += layer.refused.tooLarge
    }
  }
}
