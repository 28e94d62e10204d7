/** The picture size that a keyframe states: layers are told apart by it, viewers limit it, and statistics show it. */
import type { Codec } from '../../rtp/types.js'
import { readAv1FrameSize } from './av1-frame-size.js'
import type { FrameSize } from './frame-size.js'
import { readH264FrameSize } from './h264-frame-size.js'
import { readH265FrameSize } from './h265-frame-size.js'
import { readVp8FrameSize } from './vp8.js'
import { readVp9FrameSize, readVp9SpatialSizes } from './vp9-frame-size.js'

/**
 * The size stated in the payload `buffer[start, end)`, one of those that `isKeyframeStart` is true for; undefined where it states none.
 * That of the largest spatial layer, where there are several.
 *
 * - VP8, VP9: the first packet of every keyframe states it.
 * - AV1: the first packet of every coded video sequence, in its sequence header.
 * - H264, H265: the packet with the sequence parameter set. That may be any of those of a keyframe for which `isKeyframeStart` is true, and
 *   is the second where a video parameter set comes first in a packet of its own.
 *
 * The work is bounded by the packet. It allocates nothing but the result: once a keyframe.
 */
export function readFrameSize(codec: Codec, buffer: Uint8Array, start: number, end: number): FrameSize | undefined {
  switch (codec.name) {
    case 'VP8':
      return readVp8FrameSize(buffer, start, end)
    case 'VP9':
      return readVp9FrameSize(buffer, start, end)
    case 'H264':
      return readH264FrameSize(buffer, start, end)
    case 'H265':
      return readH265FrameSize(buffer, start, end)
    case 'AV1':
      return readAv1FrameSize(buffer, start, end)
    default:
      return undefined
  }
}

/**
 * The sizes of the spatial layers that the same payload states, by spatial id: VP9's scalability structure has them. Undefined for a layer
 * that is not sent, empty where the payload states none. Other codecs have them in the dependency descriptor, if anywhere.
 */
export function readSpatialSizes(
  codec: Codec,
  buffer: Uint8Array,
  start: number,
  end: number,
): readonly (FrameSize | undefined)[] {
  return codec.name === 'VP9' ? readVp9SpatialSizes(buffer, start, end) : []
}
