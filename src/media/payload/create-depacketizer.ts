/** The depacketizer of every codec that is forwarded. */
import type { Codec } from '../../rtp/types.js'
import { AudioDepacketizer } from './audio-depacketizer.js'
import { Av1Depacketizer } from './av1-depacketizer.js'
import { H264Depacketizer } from './h264-depacketizer.js'
import { H265Depacketizer } from './h265-depacketizer.js'
import { RedDepacketizer } from './red-depacketizer.js'
import type { Depacketizer } from './types.js'
import { Vp8Depacketizer } from './vp8-depacketizer.js'
import { Vp9Depacketizer } from './vp9-depacketizer.js'

/** A keyframe of 4K at high quality has one or two. */
export const DEFAULT_MAX_FRAME_BYTES = 8 * 1024 * 1024

/**
 * A depacketizer for one track of that codec. Those of H264 and H265 remember parameter sets, the others nothing.
 *
 * @param maxFrameBytes a frame with more bytes counts as malformed.
 */
export function createDepacketizer(codec: Codec, maxFrameBytes = DEFAULT_MAX_FRAME_BYTES): Depacketizer {
  switch (codec.name) {
    case 'VP8':
      return new Vp8Depacketizer(maxFrameBytes)
    case 'VP9':
      return new Vp9Depacketizer(maxFrameBytes)
    case 'H264':
      return new H264Depacketizer(codec, maxFrameBytes)
    case 'H265':
      return new H265Depacketizer(codec, maxFrameBytes)
    case 'AV1':
      return new Av1Depacketizer(maxFrameBytes)
    case 'red':
      return new RedDepacketizer(codec)
    default:
      return new AudioDepacketizer()
  }
}
