/** The encodings of a video that is published: one, or the layers of simulcast (RFC 8853). */

/** The rids of the layers, best last; with fewer than three of them, the best ones. */
const RIDS = 'qhf'

/** How the video is published. */
export interface VideoEncodingOptions {
  /**
   * The layers of simulcast: 1 (the default) for none; 2 or 3, each with half the width and height of the next one, under the rids `q`, `h` and `f`; or encodings of your own,
   * smallest first.
   */
  readonly simulcast?: 1 | 2 | 3 | readonly RTCRtpEncodingParameters[]
  /** What the best layer may take, in bits per second; smaller ones in proportion to their pixels. Default: the browser's own. */
  readonly maxBitrateBps?: number
}

/** The encodings for `addTransceiver`. */
export function sendEncodings({ simulcast = 1, maxBitrateBps }: VideoEncodingOptions): RTCRtpEncodingParameters[] {
  if (typeof simulcast !== 'number') return simulcast.map((encoding) => ({ ...encoding }))
  return [...RIDS.slice(-simulcast)].map((rid, index) => {
    const scale = 2 ** (simulcast - 1 - index)
    return {
      ...(simulcast > 1 && { rid }),
      scaleResolutionDownBy: scale,
      ...(maxBitrateBps && { maxBitrate: maxBitrateBps / scale ** 2 }),
    }
  })
}
