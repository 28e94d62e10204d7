/** The picture size that a keyframe states, for statistics. */
import type { Codec } from '../../rtp/types.js'
import { readVp8FrameSize } from './vp8.js'
import { readVp9FrameSize } from './vp9.js'

/** Width and height in pixels. */
export interface FrameSize {
  readonly width: number
  readonly height: number
}

/**
 * The size stated in the payload `buffer[start, end)` that begins a keyframe; undefined where the payload does not state it, or the
 * codec hides it in its parameter sets (H264, H265, AV1). It allocates: not for the hot path.
 */
export function readFrameSize(codec: Codec, buffer: Uint8Array, start: number, end: number): FrameSize | undefined {
  if (codec.name === 'VP8') return readVp8FrameSize(buffer, start, end)
  if (codec.name === 'VP9') return readVp9FrameSize(buffer, start, end)
  return undefined
}
