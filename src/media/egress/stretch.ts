/**
 * A stretch of an outgoing stream: what lies between two changes of what is forwarded. Everything that turns a stored packet into the one that
 * is sent stays constant within it, so a packet can be made again, byte by byte, from the layer's history.
 */
import type { Codec, PayloadCodec } from '../../rtp/types.js'
import type { MediaLayer, StoredPacket } from '../types.js'
import type { ExtensionMapping } from './extension-rewriter.js'
import type { OutgoingStream } from './outgoing-stream.js'
import type { CounterShifts } from './payload-rewriter.js'

/** The constants of one stretch. */
export class Stretch {
  /** Our unwrapped sequence number of its first packet. */
  readonly firstExtSeq: number
  readonly codec: Codec
  /** When something else was attached or begun; infinity while it is the current one. */
  endedMs = Number.POSITIVE_INFINITY
  readonly #seqShift: number
  readonly #timestampShift: number

  /** `first` is its first packet, with which `stream` has begun. */
  constructor(
    readonly layer: MediaLayer,
    readonly payloadCodec: PayloadCodec,
    first: StoredPacket,
    stream: OutgoingStream,
    readonly counters: CounterShifts,
    readonly extensions: ExtensionMapping,
  ) {
    this.codec = first.codec
    this.firstExtSeq = stream.extSeq(first.extSeq)
    this.#seqShift = this.firstExtSeq - first.extSeq
    this.#timestampShift = stream.timestamp(0)
  }

  /** The source's unwrapped sequence number of ours. */
  sourceExtSeq(extSeq: number): number {
    return extSeq - this.#seqShift
  }

  /** Our timestamp of the source's. */
  timestamp(sourceTimestamp: number): number {
    return (sourceTimestamp + this.#timestampShift) >>> 0
  }

  /** The packet that was, or would have been, sent as `extSeq`; undefined if the history keeps it no longer. */
  packet(extSeq: number): StoredPacket | undefined {
    const packet = this.layer.history.get(this.sourceExtSeq(extSeq))
    // Packets of another codec have no place in the stretch.
    return packet?.codec === this.codec ? packet : undefined
  }
}
