/**
 * Repairs what a publisher's packets lose on their way: asks for it by NACK (RFC 4585, section 6.2.1), takes retransmissions (RFC 4588), and asks for a
 * keyframe when something is lost for good. Nothing is asked for of a layer that nobody watches.
 */
import type { RtpHeader } from '../../rtp/rtp-header.js'
import { readOriginalSeq, restoreOriginal } from '../../rtp/rtx.js'
import type { IngestRtcpSender } from './ingest-rtcp-sender.js'
import type { IngestStream } from './ingest-stream.js'
import type { IngestLayer, IngestTrack } from './ingest-track.js'
import { RtxRouter, type RtxStream } from './rtx-router.js'
import type { StreamRouter } from './stream-router.js'

/** What one NACK message asks for at most; more follows in the next. */
const MAX_PER_MESSAGE = 128

/** What became of a packet of a retransmission stream. */
export type RtxOutcome = 'taken' | 'padding' | 'unrouted'

// Scratch memory of the thread.
const seqs = new Uint16Array(MAX_PER_MESSAGE)

/** The loss repair of one publisher. */
export class LossRepair {
  readonly #tracks: readonly IngestTrack[]
  readonly #rtx: RtxRouter
  readonly #rtcp: IngestRtcpSender

  constructor(tracks: readonly IngestTrack[], router: StreamRouter, rtcp: IngestRtcpSender) {
    this.#tracks = tracks
    this.#rtx = new RtxRouter(tracks, router)
    this.#rtcp = rtcp
  }

  /** Retransmission streams, for the reports about them. */
  streams(): IterableIterator<RtxStream> {
    return this.#rtx.streams()
  }

  /** True if packets of that payload type are retransmissions: they go to `receiveRtx`. */
  takes(payloadType: number): boolean {
    return this.#rtx.takes(payloadType)
  }

  /** A packet has come on a stream itself, whatever is in it; returns when `tick` has something to do for the stream. */
  received(target: IngestLayer, stream: IngestStream, extSeq: number, nowMs: number): number {
    if (!target.track.nack) return Number.POSITIVE_INFINITY
    const { nack } = stream
    const { repaired, lostForGood } = nack
    nack.receive(extSeq, target.layer.sinkCount > 0, nowMs)
    target.repair.packetsRepaired += nack.repaired - repaired
    target.repair.lostForGood += nack.lostForGood - lostForGood
    return nack.dueMs
  }

  /** Takes a retransmission, changes it in place to the packet that it repeats, and feeds its layer if that is missing. */
  receiveRtx(
    buffer: Buffer,
    start: number,
    end: number,
    padding: number,
    header: RtpHeader,
    nowMs: number,
  ): RtxOutcome {
    const payloadOffset = start + header.headerLength
    const stream = this.#rtx.find(buffer, header, payloadOffset, end - padding)
    const original = stream?.repaired(header.payloadType)
    if (stream === undefined || original === undefined) return 'unrouted'
    stream.statistics.receive(header.seq, header.timestamp, 0, nowMs)
    const seq = readOriginalSeq(buffer, payloadOffset, end - padding)
    // Senders probe for bandwidth with them.
    if (seq < 0) return 'padding'
    const { target } = stream
    const { layer, repair } = target
    repair.rtxReceived++
    const repaired = target.stream
    const extSeq = this.#missing(stream, repaired, seq, nowMs)
    const placed = extSeq < 0 ? -1 : (repaired as IngestStream).place(extSeq, layer.history.newestExtSeq)
    if (placed < 0) {
      repair.rtxUseless++
      return 'taken'
    }
    const from = restoreOriginal(
      buffer,
      start,
      header.headerLength,
      original.payloadType,
      (repaired as IngestStream).ssrc,
    )
    if (layer.accept(buffer, from, end, placed, original.codec, nowMs)) repair.packetsRepaired++
    else repair.rtxUseless++
    return 'taken'
  }

  /** Asks for what is due; returns when it wants to be called next. */
  tick(nowMs: number): number {
    let dueMs = Number.POSITIVE_INFINITY
    for (const track of this.#tracks) {
      if (!track.nack) continue
      for (const target of track.targets) dueMs = Math.min(dueMs, this.#ask(target, nowMs))
    }
    return dueMs
  }

  #ask(target: IngestLayer, nowMs: number): number {
    const { stream, layer, repair } = target
    if (stream === undefined) return Number.POSITIVE_INFINITY
    const { nack } = stream
    if (layer.sinkCount === 0) {
      nack.clear()
      return Number.POSITIVE_INFINITY
    }
    if (nowMs < nack.dueMs) return nack.dueMs
    const { lostForGood } = nack
    const count = nack.collect(nowMs, seqs)
    if (count > 0 && this.#rtcp.sendNack(stream.ssrc, seqs, count)) {
      repair.nacksSent++
      repair.packetsNacked += count
    }
    repair.lostForGood += nack.lostForGood - lostForGood
    const lost = nack.takeNewestLost()
    if (lost >= 0) this.#mourn(target, stream, lost, nowMs)
    return nack.dueMs
  }

  /** A packet is lost for good: without a keyframe since, pictures stay broken. */
  #mourn(target: IngestLayer, stream: IngestStream, lost: number, nowMs: number): void {
    const { layer } = target
    const placed = stream.place(lost, layer.history.newestExtSeq)
    if (placed < 0 || placed > layer.newestKeyframeExtSeq) layer.requestKeyframe(nowMs)
  }

  /** The unwrapped number of the packet that is repaired; -1 if it is not missing. */
  #missing(rtx: RtxStream, stream: IngestStream | undefined, seq: number, nowMs: number): number {
    if (stream === undefined || (rtx.repairsSsrc !== undefined && rtx.repairsSsrc !== stream.ssrc)) return -1
    const extSeq = stream.statistics.extSeqOf(seq)
    return stream.nack.repair(extSeq, nowMs) ? extSeq : -1
  }
}
