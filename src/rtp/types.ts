/** Words that every room shares: kinds, codecs, payload types and header extensions, as SDP negotiates them (RFC 8866, RFC 8285). */

/** Audio or video, the media types of SDP that are forwarded. */
export type MediaKind = 'audio' | 'video'

/** The codecs that are forwarded, by their SDP encoding names in canonical spelling. */
export type CodecName = 'VP8' | 'VP9' | 'H264' | 'H265' | 'AV1' | 'opus' | 'PCMU' | 'PCMA' | 'G722' | 'red'

/** A codec configuration without its payload type: `a=rtpmap` and `a=fmtp` (RFC 8866, section 6.6 and 6.15). */
export interface Codec {
  readonly name: CodecName
  readonly kind: MediaKind
  /** RTP clock rate in Hz. */
  readonly clockRate: number
  /** 1 unless the rtpmap says otherwise. */
  readonly channels: number
  /** Format parameters in lower-case keys, as offered. */
  readonly parameters: Readonly<Record<string, string>>
  /** Of `red` only (RFC 2198): the codec of all its blocks, and the payload type that their headers name it by. */
  readonly blocks?: { readonly payloadType: number; readonly codec: Codec }
}

/** A codec under the payload type that one peer connection gave it. */
export interface PayloadCodec {
  readonly payloadType: number
  readonly codec: Codec
  /** Payload type of its retransmissions (RFC 4588), if negotiated. */
  readonly rtxPayloadType?: number
  /** The `a=rtcp-fb` values in force, such as `nack pli`. */
  readonly feedback: readonly string[]
}

/** A negotiated RTP header extension (RFC 8285). */
export interface HeaderExtension {
  readonly id: number
  readonly uri: string
}
