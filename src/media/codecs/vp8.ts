/** The VP8 payload descriptor, read and patched in place (RFC 7741, section 4.2). */
import { createFrameSize, type FrameSize } from './frame-size.js'
import { PictureIds, rewritePictureIds } from './picture-ids.js'

/** Bytes that open the data of a keyframe: frame tag, start code, width and height (RFC 6386, section 9.1). */
const KEYFRAME_HEAD_LENGTH = 10

/** The descriptor of one packet, reused from packet to packet. Offsets are offsets into the parsed buffer. */
export class Vp8Descriptor extends PictureIds {
  /** S: the packet begins a partition of the frame. */
  startOfPartition = false
  /** PID; a frame begins at the start of partition 0. */
  partitionId = 0
  /** N: no other frame refers to this one. */
  nonReference = false
  hasTemporalId = false
  /** TID; 0 where it is not sent. */
  temporalId = 0
  /** Y: the frame depends on frames of the base layer only. */
  layerSync = false
  /** The packet begins a frame that depends on no other. */
  keyframe = false
  /** Where the VP8 data begins. */
  payloadOffset = 0

  /** Reads the payload `buffer[start, end)` of one packet; false, and no field means anything, if it is no descriptor with data behind it. */
  parse(buffer: Uint8Array, start: number, end: number): boolean {
    if (start >= end) return false
    const first = buffer[start] as number
    this.nonReference = (first & 0x20) !== 0
    this.startOfPartition = (first & 0x10) !== 0
    this.partitionId = first & 0x07
    let at = start + 1
    let flags = 0
    if ((first & 0x80) !== 0) {
      if (at >= end) return false
      flags = buffer[at++] as number
    }
    at = this.readPictureId(buffer, at, end, (flags & 0x80) !== 0)
    at = this.readTl0PicIdx(buffer, at, end, (flags & 0x40) !== 0)
    // One byte carries TID, Y and KEYIDX; it is there when any of them is.
    const layers = (flags & 0x30) !== 0 && at < end ? (buffer[at] as number) : 0
    if ((flags & 0x30) !== 0) at++
    this.hasTemporalId = (flags & 0x20) !== 0
    this.temporalId = this.hasTemporalId ? layers >> 6 : 0
    this.layerSync = this.hasTemporalId && (layers & 0x20) !== 0
    this.payloadOffset = at
    if (at >= end) return false
    // P, the lowest bit of the frame tag, is zero in keyframes.
    this.keyframe = this.startOfPartition && this.partitionId === 0 && ((buffer[at] as number) & 0x01) === 0
    return true
  }
}

/** Patches picture id and TL0PICIDX in place, as {@link rewritePictureIds} says; `shift` is for a packet that was copied since. */
export function rewriteVp8(
  buffer: Uint8Array,
  descriptor: Vp8Descriptor,
  pictureId: number,
  tl0PicIdx: number,
  shift = 0,
): void {
  rewritePictureIds(buffer, descriptor, pictureId, tl0PicIdx, shift)
}

const scratch = new Vp8Descriptor()

/** True if the payload begins a keyframe. */
export function isVp8KeyframeStart(buffer: Uint8Array, start: number, end: number): boolean {
  return scratch.parse(buffer, start, end) && scratch.keyframe
}

/** The frame size in the payload that begins a keyframe, undefined for any other. Not for the hot path. */
export function readVp8FrameSize(buffer: Uint8Array, start: number, end: number): FrameSize | undefined {
  return isVp8KeyframeStart(buffer, start, end) ? readVp8KeyframeSize(buffer, scratch.payloadOffset, end) : undefined
}

/** The size that the VP8 data of a keyframe states, which begins at `at`; undefined where it cannot be read. Not for the hot path. */
export function readVp8KeyframeSize(buffer: Uint8Array, at: number, end: number): FrameSize | undefined {
  if (at + KEYFRAME_HEAD_LENGTH > end) return undefined
  if (buffer[at + 3] !== 0x9d || buffer[at + 4] !== 0x01 || buffer[at + 5] !== 0x2a) return undefined
  // Little-endian, with two bits of scaling above each.
  const width = ((buffer[at + 6] as number) | ((buffer[at + 7] as number) << 8)) & 0x3fff
  const height = ((buffer[at + 8] as number) | ((buffer[at + 9] as number) << 8)) & 0x3fff
  return createFrameSize(width, height)
}
