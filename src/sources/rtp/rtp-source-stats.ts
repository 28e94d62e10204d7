/** What has come to a source of plain RTP, as plain values. */
import type { IngestDropped } from '../../media/ingest/ingest-stats.js'
import type { RtpDatagramCounters, RtpReceiver } from './rtp-receiver.js'
import type { SenderAddress } from './sender-pin.js'

/** One track. Counters are totals since its beginning. */
export interface RtpTrackStats {
  readonly kind: 'audio' | 'video'
  readonly codec: string
  readonly port: number
  /** Who is followed now; undefined while nobody sends. */
  readonly sender?: SenderAddress
  readonly datagrams: Readonly<RtpDatagramCounters>
  /** Packets that are forwarded to who watches, and their bytes, RTP headers included. */
  readonly packetsReceived: number
  readonly bytesReceived: number
  readonly bitrateBps: number
  /** Packets that never came (RFC 3550, appendix A.3), and the part of them in the last interval between reports, 0 to 1. */
  readonly packetsLost: number
  readonly fractionLost: number
  readonly jitterMs: number
  readonly keyframesReceived: number
  /** PLIs that were sent. */
  readonly keyframeRequestsSent: number
  readonly senderReportsReceived: number
  /** What came from the sender and was not forwarded, by reason. */
  readonly dropped: Readonly<IngestDropped>
}

/** A snapshot of a source of plain RTP. */
export interface RtpSourceStats {
  /** In the order of the options. */
  readonly tracks: readonly RtpTrackStats[]
}

/** The snapshot of a track. */
export function snapshotTrack({ ingest, pin, counters }: RtpReceiver, port: number, nowMs: number): RtpTrackStats {
  const stats = ingest.stats(nowMs)
  const [layer] = stats.layers
  return {
    kind: layer?.kind ?? 'video',
    codec: ingest.sections[0]?.codecs[0]?.codec.name ?? '',
    port,
    ...(pin.holder === undefined ? {} : { sender: { ...pin.holder } }),
    datagrams: { ...counters },
    packetsReceived: stats.packetsReceived,
    bytesReceived: stats.bytesReceived,
    bitrateBps: stats.bitrateBps,
    packetsLost: stats.packetsLost,
    fractionLost: stats.fractionLost,
    jitterMs: stats.jitterMs,
    keyframesReceived: stats.keyframesReceived,
    keyframeRequestsSent: stats.keyframeRequestsSent,
    senderReportsReceived: stats.senderReportsReceived,
    dropped: stats.dropped,
  }
}
