/** Whether a frame begins with a packet of which nothing is known but its payload, as behind a loss. */
import type { Codec } from '../../rtp/types.js'
import { isAv1KeyframeStart } from '../codecs/av1.js'
import { H264Units } from '../codecs/h264-units.js'
import { H265Units } from '../codecs/h265-units.js'
import { isKeyframeStart } from '../codecs/keyframe.js'
import { Vp8Descriptor } from '../codecs/vp8.js'
import { Vp9Descriptor } from '../codecs/vp9.js'

/** What an access unit begins with, of H.264: SPS, access unit delimiter. */
const H264_FIRST = [7, 9]
const H264_LAST_SLICE = 5
/** And of H.265: VPS, SPS, access unit delimiter. */
const H265_FIRST = [32, 33, 35]
const H265_LAST_SLICE = 31

// Scratch memory of the thread, where packets are handled one at a time.
const vp8 = new Vp8Descriptor()
const vp9 = new Vp9Descriptor()
const h264 = new H264Units()
const h265 = new H265Units()

/**
 * True if the payload is surely the first of its frame that matters: of a picture of H264 and H265 only parameter sets may be missing,
 * which are remembered. Of AV1, only the first of a keyframe can be told. Always true for audio.
 */
export function beginsFrame(codec: Codec, payload: Uint8Array): boolean {
  const end = payload.length
  switch (codec.name) {
    case 'VP8':
      return vp8.parse(payload, 0, end) && vp8.startOfPartition && vp8.partitionId === 0
    case 'VP9':
      return vp9.parse(payload, 0, end) && vp9.startOfFrame && vp9.spatialId === 0
    case 'AV1':
      return isAv1KeyframeStart(payload, 0, end)
    case 'H264':
      h264.reset(payload, 0, end)
      return beginsPicture(h264, payload, H264_FIRST, H264_LAST_SLICE)
    case 'H265':
      h265.reset(payload, 0, end)
      return beginsPicture(h265, payload, H265_FIRST, H265_LAST_SLICE)
    default:
      return true
  }
}

/**
 * True if a keyframe of video surely begins with the payload, and nothing of it can be missing: of H264 and H265, it begins with parameter
 * sets or a delimiter.
 */
export function beginsKeyframe(codec: Codec, payload: Uint8Array): boolean {
  const isCertain = codec.kind === 'video' && isKeyframeStart(codec, payload, 0, payload.length)
  if (!isCertain || (codec.name !== 'H264' && codec.name !== 'H265')) return isCertain
  const units = codec.name === 'H264' ? h264 : h265
  const first = codec.name === 'H264' ? H264_FIRST : H265_FIRST
  units.reset(payload, 0, payload.length)
  return units.next() && first.includes(units.type)
}

function beginsPicture(
  units: H264Units | H265Units,
  payload: Uint8Array,
  first: readonly number[],
  lastSlice: number,
): boolean {
  while (units.next()) {
    if (first.includes(units.type)) return true
    // first_mb_in_slice is 0, and first_slice_segment_in_pic_flag is 1, where the highest bit is set.
    if (units.type <= lastSlice) return units.start < units.end && ((payload[units.start] as number) & 0x80) !== 0
  }
  return false
}
