/** One encoded picture or piece of sound, as it is put together from packets. */
import type { Codec, MediaKind } from '../../rtp/types.js'

/** See `payload/types.ts` for what `data` is in each codec. */
export interface EncodedFrame {
  readonly kind: MediaKind
  readonly codec: Codec
  readonly data: Uint8Array
  /** It can be decoded without any before it; always true for audio. */
  readonly keyframe: boolean
  /** Something before it is missing: a decoder has to wait for a keyframe, and asks for one. Always false for what begins a stream. */
  readonly gapBefore: boolean
  /** 32-bit RTP timestamp, in ticks of the codec's clock rate. */
  readonly timestamp: number
  /** When its first packet arrived, in the core's time. */
  readonly arrivalMs: number
}
