/** What was negotiated about one of a viewer's streams. */
import { EXTENSION_URI } from '../../rtp/extension-uri.js'
import type { Codec, HeaderExtension, MediaKind, PayloadCodec } from '../../rtp/types.js'

/** A negotiated media section that we send to a viewer; the shape of `sdp/`'s ViewerSection. */
export interface EgressSection {
  readonly mid: string
  readonly kind: MediaKind
  readonly codecs: readonly PayloadCodec[]
  /**
   * For a stream whose receiver was not asked: how it carries a codec, besides the `codecs`; undefined if it does not. The answer for a codec is
   * always the same.
   */
  readonly payloadFor?: (codec: Codec) => PayloadCodec | undefined
  readonly extensions: readonly HeaderExtension[]
  /** The SSRC of our stream; with `layers`, of the first of them. */
  readonly ssrc: number
  /** The SSRC of its retransmissions. */
  readonly rtxSsrc?: number
  /** The streams of a viewer that takes all layers of a video at once, worst quality first. */
  readonly layers?: readonly EgressLayer[]
  /** True if the viewer may pause the streams, each by itself, and resume them (RFC 7728). */
  readonly pause?: boolean
}

/** One of several streams of a section; the shape of `sdp/`'s ViewerLayer. */
export interface EgressLayer {
  readonly rid: string
  readonly ssrc: number
  readonly rtxSsrc?: number
  /** True if it begins paused. */
  readonly paused?: boolean
}

/**
 * True if packets of the section have to be the same each time they are sent: some codec of it is repaired without RTX. Extensions that
 * are stamped at each sending (transport-wide numbers, abs-send-time) must then not be written on the stream.
 */
export function sendsUnchanged(section: EgressSection): boolean {
  return section.codecs.some((codec) => codec.feedback.includes('nack') && !usesRtx(section, codec.rtxPayloadType))
}

/** True if the codec with that retransmission payload type is repaired over RTX. */
export function usesRtx({ rtxSsrc }: EgressSection, rtxPayloadType: number | undefined): boolean {
  return rtxSsrc !== undefined && rtxPayloadType !== undefined
}

/**
 * True if a viewer can tell spatial layers of the codec from each other. AV1's payloads do not say theirs, so without the dependency descriptor
 * receivers take the frames of a picture for parts of one, and decode nothing.
 */
export function tellsSpatialLayers({ extensions }: EgressSection, codec: Codec): boolean {
  return codec.name !== 'AV1' || extensions.some(({ uri }) => uri === EXTENSION_URI.dependencyDescriptor)
}
