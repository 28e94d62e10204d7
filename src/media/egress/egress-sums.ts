/** What viewers' egresses add up to: plain counters that are added to without making a snapshot of each. */
import type { CongestionControl } from './congestion-control.js'
import type { EgressCounters, EgressDropped } from './egress-stats.js'
import type { EgressTrack } from './egress-track.js'

/** What was not sent to viewers, by reason. */
export interface EgressDroppedSums extends EgressDropped {
  /** Packets that had waited too long for the viewer's network. */
  pacer: number
}

/** Sums over any number of viewers; see `EgressStats` for what each counts. */
export interface EgressSums {
  packetsLost: number
  nacksReceived: number
  nackedPackets: number
  retransmittedPackets: number
  retransmittedBytes: number
  /** Packets asked for again that were not sent again. */
  readonly retransmissionsRefused: { duplicate: number; notKept: number; overBudget: number }
  pliReceived: number
  firReceived: number
  keyframeRequestsEarly: number
  /** Packets that waited for the viewer's network. */
  pacerQueued: number
  instantStarts: number
  /** Starts that had to wait for a keyframe. */
  waitedStarts: number
  readonly dropped: EgressDroppedSums
}

/** How viewers are at this moment. */
export interface EgressLevels {
  /** Viewers whose network has been estimated, and the sum of the estimates. */
  estimates: number
  estimatedBps: number
  /** Video streams that packets flow on, and those that have something to send and wait for a keyframe. */
  videosLive: number
  videosWaiting: number
}

/** Sums at zero. */
export function createEgressSums(): EgressSums {
  return {
    packetsLost: 0,
    nacksReceived: 0,
    nackedPackets: 0,
    retransmittedPackets: 0,
    retransmittedBytes: 0,
    retransmissionsRefused: { duplicate: 0, notKept: 0, overBudget: 0 },
    pliReceived: 0,
    firReceived: 0,
    keyframeRequestsEarly: 0,
    pacerQueued: 0,
    instantStarts: 0,
    waitedStarts: 0,
    dropped: {
      waitingForKeyframe: 0,
      codecMismatch: 0,
      leftOut: 0,
      late: 0,
      outputFull: 0,
      malformedRtcp: 0,
      unknownSsrc: 0,
      pacer: 0,
    },
  }
}

/** Levels at zero. */
export function createEgressLevels(): EgressLevels {
  return { estimates: 0, estimatedBps: 0, videosLive: 0, videosWaiting: 0 }
}

/** Adds what one viewer's `tracks` have counted. */
export function addEgress(
  sums: EgressSums,
  tracks: readonly EgressTrack[],
  counters: EgressCounters,
  { pacer }: CongestionControl,
): void {
  const { dropped, retransmissionsRefused: refused } = sums
  sums.nacksReceived += counters.nacksReceived
  sums.nackedPackets += counters.nackedPackets
  sums.pliReceived += counters.keyframeRequestsReceived.pli
  sums.firReceived += counters.keyframeRequestsReceived.fir
  sums.keyframeRequestsEarly += counters.keyframeRequestsReceived.early
  sums.pacerQueued += pacer.stats.queued
  dropped.pacer += pacer.stats.dropped
  dropped.malformedRtcp += counters.malformedRtcp
  dropped.unknownSsrc += counters.unknownSsrc
  for (const track of tracks) {
    const { retransmission, instantStart, dropped: own } = track
    // A viewer that got duplicates reports less than nothing lost.
    sums.packetsLost += Math.max(0, track.reports.packetsLost)
    sums.retransmittedPackets += retransmission.packets
    sums.retransmittedBytes += retransmission.bytes
    refused.duplicate += retransmission.duplicate
    refused.notKept += retransmission.notKept
    refused.overBudget += retransmission.overBudget
    sums.instantStarts += instantStart.hits
    sums.waitedStarts += instantStart.misses
    dropped.waitingForKeyframe += own.waitingForKeyframe
    dropped.codecMismatch += own.codecMismatch
    dropped.leftOut += own.leftOut
    dropped.late += own.late
    dropped.outputFull += own.outputFull
  }
}

/** Adds how one viewer is now. */
export function addEgressLevels(
  levels: EgressLevels,
  tracks: readonly EgressTrack[],
  { targetBps }: CongestionControl,
): void {
  if (targetBps !== Number.POSITIVE_INFINITY) {
    levels.estimates++
    levels.estimatedBps += targetBps
  }
  for (const { section, live, layer } of tracks) {
    if (section.kind !== 'video') continue
    if (live) levels.videosLive++
    else if (layer !== undefined) levels.videosWaiting++
  }
}
