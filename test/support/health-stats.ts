/** Snapshots of sessions as the tests of health want them. */
import type { EgressStats, EgressTrackStats } from '../../src/media/egress/egress-stats.js'
import { createIngestCounters, type IngestLayerStats, type IngestStats } from '../../src/media/ingest/ingest-stats.js'
import type { HealthStats } from '../../src/metrics/session-health.js'

const repair = { nacksSent: 0, packetsNacked: 0, packetsRepaired: 0, rtxReceived: 0, rtxUseless: 0, lostForGood: 0 }

/** A publisher of one video that has sent so much. */
export function publisherStats(ingest: Partial<IngestStats> = {}, layer: Partial<IngestLayerStats> = {}): HealthStats {
  const packetsReceived = ingest.packetsReceived ?? layer.packetsReceived ?? 0
  const video: IngestLayerStats = {
    mid: '1',
    kind: 'video',
    packetsReceived,
    bytesReceived: 0,
    bitrateBps: 0,
    packetsLost: 0,
    repair,
    jitterMs: 0,
    keyframesReceived: 1,
    keyframeRequestsSent: 0,
    keyframeRequestsCoalesced: 0,
    sinks: 1,
    ...layer,
  }
  return {
    role: 'publisher',
    state: 'connected',
    ingest: {
      packetsReceived,
      bytesReceived: 0,
      bitrateBps: 0,
      packetsLost: 0,
      repair,
      fractionLost: 0,
      jitterMs: 0,
      keyframesReceived: 1,
      pliSent: 0,
      firSent: 0,
      keyframeRequestsSent: 0,
      keyframeRequestsCoalesced: 0,
      senderReportsReceived: 0,
      byesReceived: 0,
      dropped: createIngestCounters().dropped,
      layers: [video],
      ...ingest,
    },
  }
}

/** What a publisher's repair has come to. */
export function repaired(lostForGood: number): IngestStats['repair'] {
  return { ...repair, lostForGood }
}

/** A viewer of one video that was sent so much. */
export function viewerStats(egress: Partial<EgressStats> = {}, track: Partial<EgressTrackStats> = {}): HealthStats {
  const packetsSent = egress.packetsSent ?? track.packetsSent ?? 0
  const retransmission = { packets: 0, bytes: 0, duplicate: 0, notKept: 0, overBudget: 0 }
  const dropped = { waitingForKeyframe: 0, codecMismatch: 0, leftOut: 0, late: 0, outputFull: 0 }
  const video: EgressTrackStats = {
    mid: '1',
    kind: 'video',
    ssrc: 1,
    layers: [{ live: true, bitrateBps: 1_000_000, sublayers: [] }],
    live: true,
    packetsSent,
    bytesSent: 0,
    bitrateBps: 0,
    packetsLost: 0,
    fractionLost: 0,
    jitterMs: 0,
    retransmission,
    dropped,
    instantStart: { hits: 0, misses: 0 },
    ...track,
  }
  return {
    role: 'viewer',
    state: 'connected',
    egress: {
      pacing: { queued: 0, dropped: 0, drops: 0, evicted: 0, retransmissionsDropped: 0 },
      packetsSent,
      bytesSent: 0,
      bitrateBps: 0,
      packetsLost: 0,
      fractionLost: 0,
      jitterMs: 0,
      keyframeRequestsReceived: { pli: 0, fir: 0, early: 0 },
      pauseRequestsReceived: { pause: 0, resume: 0 },
      nacksReceived: 0,
      nackedPackets: 0,
      retransmission,
      receiverReportsReceived: 0,
      sdesReceived: 0,
      byesReceived: 0,
      dropped: { ...dropped, malformedRtcp: 0, unknownSsrc: 0 },
      tracks: [video],
      ...egress,
    },
  }
}

/** A track's drops while it waits for a keyframe. */
export function waiting(waitingForKeyframe: number): EgressTrackStats['dropped'] {
  return { waitingForKeyframe, codecMismatch: 0, leftOut: 0, late: 0, outputFull: 0 }
}

/** What a viewer's pacer has dropped. */
export function paced(dropped: number): EgressStats['pacing'] {
  return { queued: 0, dropped, drops: 0, evicted: 0, retransmissionsDropped: 0 }
}
