/** What a publisher's ingest has counted, as plain values. */
import type { MediaKind } from '../../rtp/types.js'
import type { IngestTrack, RepairCounters } from './ingest-track.js'

/** Input of a publisher that was not forwarded, by reason. */
export interface IngestDropped {
  /** Not an RTP packet, or with impossible padding. */
  malformedRtp: number
  /** Not a compound RTCP packet. */
  malformedRtcp: number
  /** Nothing says which section the SSRC belongs to. */
  unrouted: number
  /** A payload type that was not negotiated for its section. */
  unknownPayloadType: number
  /** Redundant audio (RFC 2198) whose blocks do not fit the packet, or are of other payload types than negotiated. */
  malformedRed: number
  /** Of an SSRC that another one has replaced. */
  replacedSsrc: number
  /** Far off the numbering, see RFC 3550, appendix A.1. */
  outOfSequence: number
  duplicate: number
  tooOld: number
  /** Padding without payload, such as bandwidth probes: nothing is lost by it. */
  paddingOnly: number
  tooLarge: number
}

/** One layer of a published track. */
export interface IngestLayerStats {
  readonly mid: string
  readonly kind: MediaKind
  readonly rid?: string
  /** The SSRC that is forwarded now. */
  readonly ssrc?: number
  /** The codec of the newest packet. */
  readonly codec?: string
  readonly packetsReceived: number
  readonly bytesReceived: number
  readonly bitrateBps: number
  /** Packets that did not come by themselves; most of them are repaired, see `repair`. */
  readonly packetsLost: number
  readonly repair: Readonly<RepairCounters>
  /** How long a repair takes, from asking to arrival; undefined before the first packet. */
  readonly repairRttMs?: number
  readonly jitterMs: number
  readonly keyframesReceived: number
  /** PLI and FIR together. */
  readonly keyframeRequestsSent: number
  /** Wishes for a keyframe that needed no request of their own. */
  readonly keyframeRequestsCoalesced: number
  /** How many sinks take it. */
  readonly sinks: number
  /** True while it is paused at the sender, as nobody takes it (RFC 7728). Absent otherwise. */
  readonly paused?: boolean
}

/** A snapshot of a publisher's ingest. Counters are totals since its start. */
export interface IngestStats {
  readonly packetsReceived: number
  /** RTP headers and payloads of what was taken, without padding and transport overhead. */
  readonly bytesReceived: number
  readonly bitrateBps: number
  readonly packetsLost: number
  /** Of all layers together. */
  readonly repair: Readonly<RepairCounters>
  /** Of the last whole report interval, 0 to 1, the worst of its streams. */
  readonly fractionLost: number
  /** The largest of its streams. */
  readonly jitterMs: number
  readonly keyframesReceived: number
  readonly pliSent: number
  readonly firSent: number
  readonly keyframeRequestsSent: number
  readonly keyframeRequestsCoalesced: number
  readonly senderReportsReceived: number
  readonly byesReceived: number
  readonly dropped: Readonly<IngestDropped>
  readonly layers: readonly IngestLayerStats[]
}

/** What the ingest counts itself; the rest is on the layers. */
export interface IngestCounters {
  senderReportsReceived: number
  byesReceived: number
  dropped: IngestDropped
}

/** Counters at zero. */
export function createIngestCounters(): IngestCounters {
  return {
    senderReportsReceived: 0,
    byesReceived: 0,
    dropped: {
      malformedRtp: 0,
      malformedRtcp: 0,
      unrouted: 0,
      unknownPayloadType: 0,
      malformedRed: 0,
      replacedSsrc: 0,
      outOfSequence: 0,
      duplicate: 0,
      tooOld: 0,
      paddingOnly: 0,
      tooLarge: 0,
    },
  }
}

/** The snapshot of `tracks` at `nowMs`. */
export function snapshotIngest(tracks: readonly IngestTrack[], counters: IngestCounters, nowMs: number): IngestStats {
  const targets = tracks.flatMap((track) => track.targets)
  const layers = targets.map((target): IngestLayerStats => {
    const { layer, stream, track } = target
    return {
      mid: track.id,
      kind: track.kind,
      ...(layer.rid === undefined ? {} : { rid: layer.rid }),
      ...(stream === undefined ? {} : { ssrc: stream.ssrc }),
      ...(layer.codec === undefined ? {} : { codec: layer.codec.name }),
      packetsReceived: layer.packets,
      bytesReceived: layer.bytes,
      bitrateBps: layer.bitrateBps(nowMs),
      packetsLost: target.packetsLost,
      repair: { ...target.repair },
      ...(stream === undefined ? {} : { repairRttMs: stream.nack.rtt.ms }),
      jitterMs: stream?.statistics.jitterMs ?? 0,
      keyframesReceived: layer.keyframes,
      keyframeRequestsSent: target.pliSent + target.firSent,
      keyframeRequestsCoalesced: layer.keyframeRequests.coalesced,
      sinks: layer.sinkCount,
      ...(target.pause?.paused ? { paused: true } : {}),
    }
  })
  const sum = (field: NumericField): number => layers.reduce((total, layer) => total + layer[field], 0)
  const repair = (field: keyof RepairCounters): number =>
    layers.reduce((total, layer) => total + layer.repair[field], 0)
  const refused = (reason: 'duplicate' | 'tooOld' | 'tooLarge'): number =>
    targets.reduce((total, { layer }) => total + layer.refused[reason], 0)
  return {
    packetsReceived: sum('packetsReceived'),
    bytesReceived: sum('bytesReceived'),
    bitrateBps: sum('bitrateBps'),
    packetsLost: sum('packetsLost'),
    repair: {
      nacksSent: repair('nacksSent'),
      packetsNacked: repair('packetsNacked'),
      packetsRepaired: repair('packetsRepaired'),
      rtxReceived: repair('rtxReceived'),
      rtxUseless: repair('rtxUseless'),
      lostForGood: repair('lostForGood'),
    },
    fractionLost: targets.reduce(
      (worst, { stream }) => Math.max(worst, (stream?.reportBlock.fractionLost ?? 0) / 256),
      0,
    ),
    jitterMs: layers.reduce((worst, { jitterMs }) => Math.max(worst, jitterMs), 0),
    keyframesReceived: sum('keyframesReceived'),
    pliSent: targets.reduce((total, { pliSent }) => total + pliSent, 0),
    firSent: targets.reduce((total, { firSent }) => total + firSent, 0),
    keyframeRequestsSent: sum('keyframeRequestsSent'),
    keyframeRequestsCoalesced: sum('keyframeRequestsCoalesced'),
    senderReportsReceived: counters.senderReportsReceived,
    byesReceived: counters.byesReceived,
    dropped: {
      ...counters.dropped,
      duplicate: counters.dropped.duplicate + refused('duplicate'),
      tooOld: counters.dropped.tooOld + refused('tooOld'),
      tooLarge: counters.dropped.tooLarge + refused('tooLarge'),
    },
    layers,
  }
}

type NumericField = {
  [Field in keyof IngestLayerStats]-?: IngestLayerStats[Field] extends number ? Field : never
}[keyof IngestLayerStats]
