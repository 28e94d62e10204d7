/** What was negotiated about one of a viewer's streams. */
import type { HeaderExtension, MediaKind, PayloadCodec } from '../../rtp/types.js'

/** A negotiated media section that we send to a viewer; the shape of `sdp/`'s ViewerSection. */
export interface EgressSection {
  readonly mid: string
  readonly kind: MediaKind
  readonly codecs: readonly PayloadCodec[]
  readonly extensions: readonly HeaderExtension[]
  /** The SSRC of our stream. */
  readonly ssrc: number
  /** The SSRC of its retransmissions. */
  readonly rtxSsrc?: number
}
