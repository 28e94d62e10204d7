/**
 * What a whole frame says of itself. Containers may say nothing of it, or what is not true, and byte streams have no place for it.
 */
import type { Codec } from '../../rtp/types.js'
import { readAv1SequenceSize } from '../codecs/av1-frame-size.js'
import type { FrameSize } from '../codecs/frame-size.js'
import { readH264FrameSize } from '../codecs/h264-frame-size.js'
import { readH265FrameSize } from '../codecs/h265-frame-size.js'
import { readVp8KeyframeSize } from '../codecs/vp8.js'
import { annexBUnits } from './annex-b.js'
import { type Av1Obu, av1Obus } from './av1-temporal-unit.js'
import { readVp9Picture } from './vp9-picture.js'

const H264_IDR_SLICE = 5
/** BLA, IDR and CRA pictures (ITU-T H.265, table 7-1). */
const H265_FIRST_IRAP = 16
const H265_LAST_IRAP = 21

const AV1_SEQUENCE_HEADER = 1
const AV1_FRAME_HEADER = 3
const AV1_FRAME = 6

/** What {@link readFrameFacts} reads. */
export interface FrameFacts {
  /** Decoding can start with it, given the parameter sets or the sequence header. Always true for audio. */
  readonly keyframe: boolean
  /** In pixels, that of the largest spatial layer; undefined where the frame does not state it, as most do that are no keyframes. */
  readonly width?: number
  readonly height?: number
}

/**
 * The facts of a frame, whose bytes are as `types.ts` says. A frame that cannot be read is no keyframe and has no size.
 *
 * The work is bounded by the frame: one pass for H264 and H265, a few bytes for the others.
 */
export function readFrameFacts(codec: Codec, frame: Uint8Array): FrameFacts {
  if (codec.kind === 'audio') return { keyframe: true }
  switch (codec.name) {
    case 'VP8':
      return vp8Facts(frame)
    case 'VP9':
      return vp9Facts(frame)
    case 'H264':
      return unitFacts(frame, (unit) => (byteOf(unit, 0) & 0x1f) === H264_IDR_SLICE, readH264FrameSize)
    case 'H265':
      return unitFacts(frame, isIrapSlice, readH265FrameSize)
    case 'AV1':
      return av1Facts(frame)
    default:
      return { keyframe: false }
  }
}

function facts(keyframe: boolean, size: FrameSize | undefined): FrameFacts {
  return size === undefined ? { keyframe } : { keyframe, width: size.width, height: size.height }
}

function vp8Facts(frame: Uint8Array): FrameFacts {
  // P, the lowest bit of the frame tag (RFC 6386, section 9.1).
  const isInterframe = frame.length === 0 || (byteOf(frame, 0) & 0x01) !== 0
  const size = isInterframe ? undefined : readVp8KeyframeSize(frame, 0, frame.length)
  return facts(size !== undefined, size)
}

function vp9Facts(frame: Uint8Array): FrameFacts {
  const picture = readVp9Picture(frame)
  return facts(picture?.keyframe ?? false, picture?.size)
}

/** Of an access unit. A unit alone is a payload, too, so what reads the size in a payload reads it in one. */
function unitFacts(
  frame: Uint8Array,
  beginsKeyframe: (unit: Uint8Array) => boolean,
  readSize: (unit: Uint8Array, start: number, end: number) => FrameSize | undefined,
): FrameFacts {
  const units = annexBUnits(frame)
  let size: FrameSize | undefined
  for (const unit of units) size ??= readSize(unit, 0, unit.length)
  return facts(units.some(beginsKeyframe), size)
}

function isIrapSlice(unit: Uint8Array): boolean {
  const type = (byteOf(unit, 0) >> 1) & 0x3f
  return type >= H265_FIRST_IRAP && type <= H265_LAST_IRAP
}

function av1Facts(frame: Uint8Array): FrameFacts {
  const obus = av1Obus(frame)
  const sequence = obus.find(({ type }) => type === AV1_SEQUENCE_HEADER)
  const size = sequence && readAv1SequenceSize(sequence.data, 0, sequence.data.length)
  const first = obus.find(({ type }) => type === AV1_FRAME || type === AV1_FRAME_HEADER)
  return facts(first !== undefined && isShownKeyframe(first, sequence), size)
}

/** By the beginning of uncompressed_header() (AV1 specification, section 5.9.2). */
function isShownKeyframe(frame: Av1Obu, sequence: Av1Obu | undefined): boolean {
  if (frame.data.length === 0) return false
  // reduced_still_picture_header, with which every frame is one, and does not say so.
  if (sequence !== undefined && sequence.data.length > 0 && (byteOf(sequence.data, 0) & 0x08) !== 0) return true
  // show_existing_frame is 0, frame_type that of a keyframe, show_frame is 1.
  return (byteOf(frame.data, 0) & 0xf0) === 0x10
}

function byteOf(bytes: Uint8Array, at: number): number {
  return bytes[at] as number
}
