/** One SSRC of a publisher: its reception, and its place in the numbering of the layer it feeds. */
import { createReportBlock, type ReportBlock } from '../../rtp/rtcp/report-block.js'
import { MAX_SEQ_GAP } from '../types.js'
import { NackGenerator } from './nack-generator.js'
import { ReceptionStatistics } from './reception-statistics.js'
import { SequenceCompactor } from './sequence-compactor.js'

/**
 * How far a layer's numbering jumps where a stream's begins anew: further than any loss that sinks bridge, and with room in front of the
 * first packet for those that it has overtaken.
 */
const RENUMBERING_JUMP = MAX_SEQ_GAP + 0x8000

/** The state of one SSRC. */
export class IngestStream {
  readonly statistics = new ReceptionStatistics()
  /** What is missing of it. */
  readonly nack = new NackGenerator()
  readonly reportBlock: ReportBlock = createReportBlock()
  /** When its newest packet came. */
  lastPacketMs = Number.NEGATIVE_INFINITY
  /** `statistics.received` at the last report. */
  receivedAtReport = 0
  /** True once another SSRC has taken over the layer. */
  retired = false
  #compactor = new SequenceCompactor()
  #newest = -1
  /** What is added to this stream's numbers to make them the layer's; undefined until its first packet after a change. */
  #offset: number | undefined

  constructor(readonly ssrc: number) {}

  /** Its next packet begins a new numbering of the layer. */
  renumber(): void {
    this.#offset = undefined
    this.#compactor = new SequenceCompactor()
    this.#newest = -1
    this.nack.reset()
  }

  /**
   * The layer's number of the packet with the stream's `extSeq`; -1 if it is too late to have one.
   *
   * @param layerNewest the newest number of the layer, behind which a new numbering begins; -1 while it is empty.
   */
  place(extSeq: number, layerNewest: number): number {
    if (extSeq > this.#newest) this.#newest = extSeq
    const compact = this.#compactor.map(extSeq)
    if (compact < 0) return -1
    this.#offset ??= layerNewest < 0 ? 0 : layerNewest + RENUMBERING_JUMP - compact
    return compact + this.#offset
  }

  /** The packet `extSeq` is not forwarded: closes the gap it would leave, if no packet behind it has a number yet. */
  skip(extSeq: number): void {
    if (extSeq <= this.#newest) return
    this.#newest = extSeq
    this.#compactor.remove(extSeq)
  }
}
