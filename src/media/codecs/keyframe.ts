/** Where decoding can start, for every codec that is forwarded. */
import type { Codec } from '../../rtp/types.js'
import { isAv1KeyframeStart } from './av1.js'
import { isH264KeyframeStart } from './h264.js'
import { isH265KeyframeStart } from './h265.js'
import { isVp8KeyframeStart } from './vp8.js'
import { isVp9KeyframeStart } from './vp9.js'

/**
 * True if the payload `buffer[start, end)`, i.e. the packet without RTP header and padding, begins a video frame that can be decoded
 * without any before it. Always true for audio; false for a video payload that cannot be read.
 *
 * Precisely, by codec:
 * - VP8: the first packet of a keyframe, and only that.
 * - VP9: the first packet of the base spatial layer of a picture without inter-picture prediction, and only that.
 * - AV1: the first packet of a coded video sequence, and only that.
 * - H264, H265: **every** packet that holds a parameter set (SPS, or VPS/SPS) or the start of a slice of an IDR (IRAP) picture. A keyframe
 *   sent as SPS, PPS, IDR has it at its first and third packet, and may have it at more; they share one timestamp. The keyframe begins
 *   at the first of them, so a caller that keeps positions takes no second one with the same timestamp.
 */
export function isKeyframeStart(codec: Codec, buffer: Uint8Array, start: number, end: number): boolean {
  switch (codec.name) {
    case 'VP8':
      return isVp8KeyframeStart(buffer, start, end)
    case 'VP9':
      return isVp9KeyframeStart(buffer, start, end)
    case 'H264':
      return isH264KeyframeStart(buffer, start, end)
    case 'H265':
      return isH265KeyframeStart(buffer, start, end)
    case 'AV1':
      return isAv1KeyframeStart(buffer, start, end)
    default:
      return true
  }
}
