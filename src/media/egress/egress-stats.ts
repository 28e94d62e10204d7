/** What a viewer's egress has counted, as plain values. */
import type { MediaKind } from '../../rtp/types.js'
import { type AvailableLayer, snapshotLayers } from './available-layers.js'
import type { CongestionControl } from './congestion-control.js'
import type { EgressTrack, EgressTrackDropped } from './egress-track.js'
import type { InstantStartCounters } from './instant-start.js'
import type { PacerStats } from './pacer-config.js'
import type { RetransmissionCounters } from './retransmitter.js'
import type { VideoStream } from './video-stream.js'

/** What was not sent to a viewer, and input of its that was not understood. */
export interface EgressDropped extends EgressTrackDropped {
  /** Not a compound RTCP packet. */
  malformedRtcp: number
  /** Feedback and report blocks about a stream that is not ours. */
  unknownSsrc: number
}

/** One stream to a viewer. */
export interface EgressTrackStats {
  readonly mid: string
  readonly kind: MediaKind
  readonly ssrc: number
  /** The rid of the layer that is being sent, where the publisher sends several. */
  readonly rid?: string
  /** What there is of a video to choose from; absent for audio. */
  readonly layers?: readonly AvailableLayer[]
  /** The codec that is being sent. */
  readonly codec?: string
  /** True while packets flow; false while video waits for a keyframe, or nothing is published. */
  readonly live: boolean
  /** True while the viewer has paused the stream by RTCP (RFC 7728), as a relay does with layers that nobody wants. Absent otherwise. */
  readonly paused?: boolean
  readonly packetsSent: number
  readonly bytesSent: number
  readonly bitrateBps: number
  /** As the viewer reports: packets lost so far, and the part lost in its last interval, 0 to 1. */
  readonly packetsLost: number
  readonly fractionLost: number
  readonly jitterMs: number
  readonly rttMs?: number
  /** What became of the packets that the viewer asked for again. Not part of `packetsSent`. */
  readonly retransmission: Readonly<RetransmissionCounters>
  readonly dropped: Readonly<EgressTrackDropped>
  /** How often it could begin with what was cached, and how often it had to wait for a keyframe. Always 0 for audio. */
  readonly instantStart: Readonly<InstantStartCounters>
}

/** Keyframe requests of a viewer. */
export interface KeyframeRequestCounters {
  /** Messages, by kind (RFC 4585, section 6.3.1; RFC 5104, section 4.3.1). */
  pli: number
  fir: number
  /** Those of them that came before the viewer can have received the keyframe which was sent last: they are not passed on. */
  early: number
}

/** Requests of a viewer to pause and resume streams (RFC 7728), repetitions included. */
export interface PauseRequestCounters {
  pause: number
  resume: number
}

/** What the egress counts itself; the rest is on the tracks. */
export interface EgressCounters {
  pauseRequestsReceived: PauseRequestCounters
  keyframeRequestsReceived: KeyframeRequestCounters
  /** NACK messages, and the packets they ask for. */
  nacksReceived: number
  nackedPackets: number
  receiverReportsReceived: number
  sdesReceived: number
  byesReceived: number
  malformedRtcp: number
  unknownSsrc: number
}

/** A snapshot of a viewer's egress. Counters are totals since its start. */
export interface EgressStats {
  /** What the viewer's network is estimated to carry; undefined while nothing is known and nothing is limited. */
  readonly estimatedBps?: number
  /** What waited for its time, and what was dropped because it waited too long. */
  readonly pacing: Readonly<PacerStats>
  readonly packetsSent: number
  /** RTP headers and payloads, without transport overhead. */
  readonly bytesSent: number
  readonly bitrateBps: number
  readonly packetsLost: number
  /** The worst of its streams, 0 to 1. */
  readonly fractionLost: number
  /** The largest of its streams. */
  readonly jitterMs: number
  /** Of the stream that was reported on last; undefined before the first. */
  readonly rttMs?: number
  readonly keyframeRequestsReceived: Readonly<KeyframeRequestCounters>
  readonly pauseRequestsReceived: Readonly<PauseRequestCounters>
  readonly nacksReceived: number
  readonly nackedPackets: number
  /** Of all streams together. */
  readonly retransmission: Readonly<RetransmissionCounters>
  readonly receiverReportsReceived: number
  readonly sdesReceived: number
  readonly byesReceived: number
  readonly dropped: Readonly<EgressDropped>
  readonly tracks: readonly EgressTrackStats[]
}

/** Counters at zero. */
export function createEgressCounters(): EgressCounters {
  return {
    keyframeRequestsReceived: { pli: 0, fir: 0, early: 0 },
    pauseRequestsReceived: { pause: 0, resume: 0 },
    nacksReceived: 0,
    nackedPackets: 0,
    receiverReportsReceived: 0,
    sdesReceived: 0,
    byesReceived: 0,
    malformedRtcp: 0,
    unknownSsrc: 0,
  }
}

/** The snapshot of `tracks` at `nowMs`. */
export function snapshotEgress(
  tracks: readonly EgressTrack[],
  videos: readonly VideoStream[],
  counters: EgressCounters,
  rttMs: number | undefined,
  congestion: CongestionControl,
  nowMs: number,
): EgressStats {
  const rows = tracks.map((track) => {
    const layers = videos.find((video) => video.track === track)?.available
    return trackRow(track, layers && snapshotLayers(layers, nowMs), nowMs)
  })
  const sum = (field: 'packetsSent' | 'bytesSent' | 'bitrateBps' | 'packetsLost'): number =>
    rows.reduce((total, row) => total + row[field], 0)
  const worst = (field: 'fractionLost' | 'jitterMs'): number =>
    rows.reduce((most, row) => Math.max(most, row[field]), 0)
  const retransmitted = (field: keyof RetransmissionCounters): number =>
    rows.reduce((total, row) => total + row.retransmission[field], 0)
  const dropped = (reason: keyof EgressTrackDropped): number =>
    rows.reduce((total, row) => total + row.dropped[reason], 0)
  const { targetBps, pacer } = congestion
  return {
    ...(targetBps === Number.POSITIVE_INFINITY ? {} : { estimatedBps: targetBps }),
    pacing: { ...pacer.stats },
    packetsSent: sum('packetsSent'),
    bytesSent: sum('bytesSent'),
    bitrateBps: sum('bitrateBps'),
    packetsLost: sum('packetsLost'),
    fractionLost: worst('fractionLost'),
    jitterMs: worst('jitterMs'),
    ...(rttMs === undefined ? {} : { rttMs }),
    keyframeRequestsReceived: { ...counters.keyframeRequestsReceived },
    pauseRequestsReceived: { ...counters.pauseRequestsReceived },
    nacksReceived: counters.nacksReceived,
    nackedPackets: counters.nackedPackets,
    retransmission: {
      packets: retransmitted('packets'),
      bytes: retransmitted('bytes'),
      duplicate: retransmitted('duplicate'),
      notKept: retransmitted('notKept'),
      overBudget: retransmitted('overBudget'),
    },
    receiverReportsReceived: counters.receiverReportsReceived,
    sdesReceived: counters.sdesReceived,
    byesReceived: counters.byesReceived,
    dropped: {
      waitingForKeyframe: dropped('waitingForKeyframe'),
      codecMismatch: dropped('codecMismatch'),
      leftOut: dropped('leftOut'),
      late: dropped('late'),
      outputFull: dropped('outputFull'),
      malformedRtcp: counters.malformedRtcp,
      unknownSsrc: counters.unknownSsrc,
    },
    tracks: rows,
  }
}

function trackRow(track: EgressTrack, layers: readonly AvailableLayer[] | undefined, nowMs: number): EgressTrackStats {
  const { section, reports, payloadCodec } = track
  const clockRate = (payloadCodec ?? section.codecs[0])?.codec.clockRate ?? 0
  return {
    mid: section.mid,
    kind: section.kind,
    ssrc: section.ssrc,
    ...(track.layer?.rid === undefined ? {} : { rid: track.layer.rid }),
    ...(layers === undefined ? {} : { layers }),
    ...(payloadCodec === undefined ? {} : { codec: payloadCodec.codec.name }),
    live: track.live,
    ...(track.pause.paused ? { paused: true } : {}),
    packetsSent: track.packets,
    bytesSent: track.bytes,
    bitrateBps: track.bitrateBps(nowMs),
    packetsLost: reports.packetsLost,
    fractionLost: reports.fractionLost,
    jitterMs: clockRate === 0 ? 0 : (reports.jitter * 1000) / clockRate,
    ...(reports.rttMs === undefined ? {} : { rttMs: reports.rttMs }),
    retransmission: { ...track.retransmission },
    dropped: { ...track.dropped },
    instantStart: { ...track.instantStart },
  }
}
