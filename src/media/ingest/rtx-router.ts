/**
 * Which layer a retransmission stream repairs: declared in the SDP (`a=ssrc-group:FID`, RFC 5576), said by its packets (repaired rid, RFC 8852), the
 * only one that it can be by payload type and MID, or learned from the first packet that we have asked for (RFC 4588, section 5.3).
 */
import { createReportBlock, type ReportBlock } from '../../rtp/rtcp/report-block.js'
import type { RtpHeader } from '../../rtp/rtp-header.js'
import { readOriginalSeq } from '../../rtp/rtx.js'
import type { PayloadCodec } from '../../rtp/types.js'
import type { IngestLayer, IngestTrack } from './ingest-track.js'
import { readRepairedRid, sectionsOf } from './packet-identity.js'
import { ReceptionStatistics } from './reception-statistics.js'
import type { StreamRouter } from './stream-router.js'

/** How many retransmission SSRCs are remembered; the oldest is forgotten for another. */
const MAX_STREAMS = 64

/** One SSRC of retransmissions. */
export class RtxStream {
  readonly statistics = new ReceptionStatistics()
  readonly reportBlock: ReportBlock = createReportBlock()
  /** `statistics.received` at the last report. */
  receivedAtReport = 0

  constructor(
    readonly ssrc: number,
    readonly target: IngestLayer,
    /** The one SSRC that it repairs, where that was declared. */
    readonly repairsSsrc: number | undefined,
  ) {}

  /** What its packets of that payload type repair; undefined for any other. */
  repaired(payloadType: number): PayloadCodec | undefined {
    return this.target.track.repaired(payloadType)
  }
}

/** The retransmission streams of one publisher. */
export class RtxRouter {
  readonly #streams = new Map<number, RtxStream>()
  readonly #repairs = new Map<number, number>()
  readonly #tracks: readonly IngestTrack[]
  readonly #router: StreamRouter

  constructor(tracks: readonly IngestTrack[], router: StreamRouter) {
    this.#tracks = tracks
    this.#router = router
    for (const { section } of tracks) {
      for (const { ssrc, rtxSsrc } of section.rtxPairs ?? []) this.#repairs.set(rtxSsrc, ssrc)
    }
  }

  /** True if packets of that payload type are retransmissions. */
  takes(payloadType: number): boolean {
    for (const track of this.#tracks) if (track.repaired(payloadType) !== undefined) return true
    return false
  }

  /** Everything that was learned. */
  streams(): IterableIterator<RtxStream> {
    return this.#streams.values()
  }

  /** The stream of a packet that `takes` is true of; undefined if nothing says what it repairs. */
  find(buffer: Buffer, header: RtpHeader, payloadOffset: number, payloadEnd: number): RtxStream | undefined {
    const known = this.#streams.get(header.ssrc)
    if (known !== undefined) return known
    const repairsSsrc = this.#repairs.get(header.ssrc)
    const declared = repairsSsrc === undefined ? undefined : this.#router.find(repairsSsrc)?.target
    const target = declared ?? this.#target(buffer, header, payloadOffset, payloadEnd)
    if (target === undefined) return undefined
    const stream = new RtxStream(header.ssrc, target, declared === undefined ? undefined : repairsSsrc)
    if (this.#streams.size >= MAX_STREAMS) this.#streams.delete(this.#streams.keys().next().value as number)
    this.#streams.set(header.ssrc, stream)
    return stream
  }

  #target(buffer: Buffer, header: RtpHeader, payloadOffset: number, payloadEnd: number): IngestLayer | undefined {
    const able = this.#tracks.filter((track) => track.repaired(header.payloadType) !== undefined)
    const candidates = sectionsOf(able, buffer, header)
    const targets = candidates.flatMap((track) => track.targets)
    if (targets.length === 1) return targets[0]
    const byRid = candidates.flatMap((track) => {
      const rid = readRepairedRid(buffer, header, track.extensions)
      return track.targets.filter(({ layer }) => layer.rid !== undefined && layer.rid === rid)
    })
    if (byRid.length === 1) return byRid[0]
    const seq = readOriginalSeq(buffer, payloadOffset, payloadEnd)
    const asking = targets.filter(({ stream }) => seq >= 0 && stream?.nack.hasAskedFor(stream.statistics.extSeqOf(seq)))
    return asking.length === 1 ? asking[0] : undefined
  }
}
