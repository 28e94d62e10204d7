/** Copies of a publisher's RTP packets, for the application to read. */
import type { LocalSink } from '../media/local-ends.js'
import type { LayerSink, MediaLayer, MediaSource, StoredPacket } from '../media/types.js'
import type { CodecName, MediaKind } from '../rtp/types.js'
import { FeedChoice } from './feed-choice.js'

/** An RTP packet of a publisher (RFC 3550, section 5.1). */
export interface TappedPacket {
  readonly kind: MediaKind
  readonly codec: CodecName
  /** The whole packet, without padding; the bytes are the reader's own. Its header extensions have the publisher's ids. */
  readonly data: Uint8Array
  /** Where the payload begins in `data`. */
  readonly headerLength: number
  /** The sequence number, unwrapped; packets that were repaired come out of order. Where the publisher begins anew, it jumps by more than 3000. */
  readonly extSeq: number
  /** 32 bit. */
  readonly timestamp: number
  readonly marker: boolean
  /** Whether it is the first packet of a frame that can be decoded without any before it; always true for audio. */
  readonly keyframe: boolean
  /** The name that the publisher publishes under. */
  readonly publisher: string
  /** The simulcast layer (RFC 8851); undefined where there is but one. */
  readonly rid: string | undefined
}

/** What is read. */
export interface PacketChoice {
  readonly kind: MediaKind
  readonly publisher: string | undefined
  readonly rid: string | undefined
}

/** A sink that hands copies of packets to `push`; of all layers, if none is named. */
export function packetSink({ kind, publisher, rid }: PacketChoice, push: (packet: TappedPacket) => void): LocalSink {
  let taps: LayerTap[] = []
  return new FeedChoice(publisher, (source: MediaSource | undefined, feed) => {
    for (const tap of taps) tap.close()
    const layers = source?.tracks.filter((track) => track.kind === kind).flatMap((track) => track.layers) ?? []
    const wanted = layers.filter((layer) => rid === undefined || layer.rid === rid)
    taps = wanted.map((layer) => new LayerTap(layer, kind, feed, push))
  })
}

class LayerTap implements LayerSink {
  constructor(
    private readonly layer: MediaLayer,
    private readonly kind: MediaKind,
    private readonly publisher: string,
    private readonly push: (packet: TappedPacket) => void,
  ) {
    layer.addSink(this)
  }

  onPacket({ bytes, start, length, headerLength, extSeq, timestamp, marker, keyframe, codec }: StoredPacket): void {
    this.push({
      kind: this.kind,
      codec: codec.name,
      data: Uint8Array.prototype.slice.call(bytes, start, start + length),
      headerLength,
      extSeq,
      timestamp,
      marker,
      keyframe,
      publisher: this.publisher,
      rid: this.layer.rid,
    })
  }

  close(): void {
    this.layer.removeSink(this)
  }
}
