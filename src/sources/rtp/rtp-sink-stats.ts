/** What a sink of plain RTP has sent, as plain values. */
import type { EgressStats } from '../../media/egress/egress-stats.js'
import type { EgressTrackDropped } from '../../media/egress/egress-track.js'
import type { MediaKind } from '../../rtp/types.js'
import type { RtpSinkConfig } from './rtp-sink-options.js'
import type { RtpSinkRefused } from './sink-sockets.js'

/** One stream of a sink. Counters are totals since its beginning. */
export interface RtpSinkTrackStats {
  readonly kind: MediaKind
  /** Where its RTP goes. */
  readonly port: number
  readonly ssrc: number
  /** What is sent now; undefined while nothing is. */
  readonly codec?: string
  /** Of the layer that is sent, where the publisher sends several. */
  readonly rid?: string
  readonly packetsSent: number
  readonly bytesSent: number
  readonly bitrateBps: number
  /** As the receiver reports, if it does: packets lost so far, the part lost lately (0 to 1), jitter and round trip. */
  readonly packetsLost: number
  readonly fractionLost: number
  readonly jitterMs: number
  readonly rttMs?: number
  /** Packets that were sent again. Not part of `packetsSent`. */
  readonly retransmitted: number
  /** What the publisher sent and was not sent on, by reason. */
  readonly dropped: Readonly<EgressTrackDropped>
}

/** A snapshot of a sink of plain RTP. */
export interface RtpSinkStats {
  readonly tracks: readonly RtpSinkTrackStats[]
  /** PLIs and FIRs. */
  readonly keyframeRequestsReceived: number
  /** RTCP that was not listened to. */
  readonly refused: Readonly<RtpSinkRefused>
}

/** The snapshot. */
export function snapshotSink(egress: EgressStats, config: RtpSinkConfig, refused: RtpSinkRefused): RtpSinkStats {
  const { pli, fir } = egress.keyframeRequestsReceived
  return {
    tracks: egress.tracks.map((track, i) => ({
      kind: track.kind,
      port: config.targets[i]?.port ?? 0,
      ssrc: track.ssrc,
      ...(track.codec === undefined ? {} : { codec: track.codec }),
      ...(track.rid === undefined ? {} : { rid: track.rid }),
      packetsSent: track.packetsSent,
      bytesSent: track.bytesSent,
      bitrateBps: track.bitrateBps,
      packetsLost: track.packetsLost,
      fractionLost: track.fractionLost,
      jitterMs: track.jitterMs,
      ...(track.rttMs === undefined ? {} : { rttMs: track.rttMs }),
      retransmitted: track.retransmission.packets,
      dropped: track.dropped,
    })),
    keyframeRequestsReceived: pli + fir,
    refused: { ...refused, malformed: refused.malformed + egress.dropped.malformedRtcp },
  }
}
