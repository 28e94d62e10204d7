/**
 * A stretch of an outgoing stream: what lies between two changes of what is forwarded. Everything that turns a stored packet into the one that
 * is sent stays constant within it, so a packet can be made again, byte by byte, from the layer's history.
 */
import type { Codec, PayloadCodec } from '../../rtp/types.js'
import type { LayerLimits } from '../layers/layer-limits.js'
import type { MediaLayer, StoredPacket } from '../types.js'
import type { ExtensionMapping } from './extension-rewriter.js'
import { LayerThinning } from './layer-thinning.js'
import type { OutgoingStream } from './outgoing-stream.js'
import type { CounterShifts } from './payload-rewriter.js'
import type { TimestampMap } from './timestamp-map.js'

/** The constants of one stretch. */
export class Stretch {
  /** Our unwrapped sequence number of its first packet. */
  readonly firstExtSeq: number
  readonly codec: Codec
  /** Redundant audio goes to a viewer that has not negotiated it: of each packet, only the newest block. */
  readonly dropsRedundancy: boolean
  /** The payload type that the viewer calls the blocks of redundant audio by; -1 where there are none, or they are called so already. */
  readonly blockPayloadType: number
  /** When something else was attached or begun; infinity while it is the current one. */
  endedMs = Number.POSITIVE_INFINITY
  readonly #seqShift: number
  readonly timestamps: TimestampMap
  #thinning: LayerThinning | undefined

  /**
   * @param first its first packet, with which `stream` has begun.
   * @param isFlat the viewer can tell no spatial layers from each other, and gets the lowest.
   */
  constructor(
    readonly layer: MediaLayer,
    readonly payloadCodec: PayloadCodec,
    first: StoredPacket,
    stream: OutgoingStream,
    readonly counters: CounterShifts,
    readonly extensions: ExtensionMapping,
    readonly isFlat = false,
  ) {
    this.codec = first.codec
    const { blocks } = payloadCodec.codec
    this.dropsRedundancy = first.codec.blocks !== undefined && blocks === undefined
    this.blockPayloadType = blocks && blocks.payloadType !== first.codec.blocks?.payloadType ? blocks.payloadType : -1
    this.firstExtSeq = stream.extSeq(first.extSeq)
    this.#seqShift = this.firstExtSeq - first.extSeq
    this.timestamps = stream.timestamps
  }

  /** What is left out of it; undefined while nothing is, nor was. */
  get thinning(): LayerThinning | undefined {
    return this.#thinning
  }

  /**
   * Layers above `limits` are left out from now on.
   *
   * @param newestIn the newest of the source's numbers that was sent; one less than the first if none was.
   * @param historyPackets how many packets the layer's history keeps at most.
   */
  thin(limits: LayerLimits, newestIn: number, historyPackets: number): void {
    const { temporalId } = limits
    const spatialId = this.isFlat ? 0 : limits.spatialId
    if (this.#thinning === undefined) {
      const thinning = new LayerThinning(historyPackets)
      this.#thinning = thinning
      const hasBegun = newestIn + this.#seqShift >= this.firstExtSeq
      // What was sent so far was sent without limits.
      if (!hasBegun) thinning.filter.setLimits(spatialId, temporalId)
      thinning.begin({ extSeq: newestIn + 1 })
      const newest = hasBegun ? this.layer.history.get(newestIn) : undefined
      if (newest) thinning.passed(newest)
    }
    this.#thinning.filter.setLimits(spatialId, temporalId)
  }

  /** True for a keyframe with spatial layers that the viewer must not get, while nothing is left out. */
  showsTooMuch(keyframe: StoredPacket): boolean {
    if (!this.isFlat || this.#thinning !== undefined) return false
    const structure = this.layer.layerIds(keyframe)?.descriptor?.structure
    return structure?.targets.some(({ spatialId }) => spatialId > 0) === true
  }

  /** The packet, which `thinning` has just admitted, is being sent. */
  pass(packet: StoredPacket): void {
    this.#thinning?.pass(packet)
  }

  /** Our unwrapped sequence number of the source's; -1 for a packet that is left out. */
  extSeq(sourceExtSeq: number): number {
    const compact = this.#thinning?.extSeq(sourceExtSeq) ?? sourceExtSeq
    return compact < 0 ? -1 : compact + this.#seqShift
  }

  /** Our number that stays empty because of the packet that `thinning` has left out last; -1 if none does. */
  get emptyExtSeq(): number {
    const empty = this.#thinning?.emptyExtSeq ?? -1
    // What was overtaken by the stretch's first packet has no number in it: those below are of the stretch before.
    return empty < 0 || empty + this.#seqShift < this.firstExtSeq ? -1 : empty + this.#seqShift
  }

  /** Our timestamp of the packet. */
  timestamp({ timestamp, arrivalMs }: StoredPacket): number {
    return this.timestamps.map(timestamp, arrivalMs)
  }

  /** True if the packet ends a picture as the viewer gets it. */
  marks(packet: StoredPacket): boolean {
    return packet.marker || (this.#thinning?.setsMarker(packet.extSeq) ?? false)
  }

  /** The packet that was, or would have been, sent as `extSeq`; undefined if it cannot be made again because nobody keeps it, or its numbers. */
  packet(extSeq: number): StoredPacket | undefined {
    const compact = extSeq - this.#seqShift
    const sourceExtSeq = this.#thinning?.sourceExtSeq(compact) ?? compact
    const packet = this.layer.history.get(sourceExtSeq)
    // Packets of another codec have no place in the stretch.
    return packet?.codec === this.codec ? packet : undefined
  }

  /** True if the packet's number is sent with padding in place of its payload. */
  isEmpty(packet: StoredPacket): boolean {
    return this.#thinning?.isWithheld(packet.extSeq) ?? false
  }
}
