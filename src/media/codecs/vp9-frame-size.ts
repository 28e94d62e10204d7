/**
 * The picture size in the payload that begins a VP9 keyframe: in the scalability structure (RFC 9628, section 4.2.1), or in the frame's own
 * header (VP9 bitstream specification, sections 6.2 and 7.2), for senders that have no structure or one without sizes.
 */
import { readUint16 } from '../../rtp/bytes.js'
import { BitReader } from './bit-reader.js'
import { createFrameSize, type FrameSize } from './frame-size.js'
import { Vp9Descriptor } from './vp9.js'

const FRAME_MARKER = 2
const SYNC_CODE = 0x498342
const COLOR_SPACE_RGB = 7

// Scratch memory of the thread, where packets are handled one at a time.
const descriptor = new Vp9Descriptor()
const bits = new BitReader()

/** The size of the largest spatial layer that the payload states; undefined if it has no sizes and begins no keyframe. */
export function readVp9FrameSize(buffer: Uint8Array, start: number, end: number): FrameSize | undefined {
  if (!descriptor.parse(buffer, start, end)) return undefined
  const count = countSizes(buffer)
  if (count > 0) return readSize(buffer, count - 1)
  return descriptor.keyframe ? readVp9KeyframeSize(buffer, descriptor.payloadOffset, end) : undefined
}

/** The size in the header of the frame that begins at `start`; undefined if it is no keyframe. */
export function readVp9KeyframeSize(buffer: Uint8Array, start: number, end: number): FrameSize | undefined {
  bits.reset(buffer, start, end)
  return readFrameHeader()
}

/** The sizes that the payload's scalability structure states, by spatial id; undefined for one that is not sent, empty without any. */
export function readVp9SpatialSizes(buffer: Uint8Array, start: number, end: number): (FrameSize | undefined)[] {
  if (!descriptor.parse(buffer, start, end)) return []
  return Array.from({ length: countSizes(buffer) }, (_, spatialId) => readSize(buffer, spatialId))
}

/** How many sizes the structure of the parsed payload has. */
function countSizes(buffer: Uint8Array): number {
  const { structureOffset } = descriptor
  const head = structureOffset < 0 ? 0 : (buffer[structureOffset] as number)
  const hasSizes = (head & 0x10) !== 0
  return hasSizes ? (head >> 5) + 1 : 0
}

/** One of them. That they are whole was checked: data follows the structure. */
function readSize(buffer: Uint8Array, spatialId: number): FrameSize | undefined {
  const at = descriptor.structureOffset + 1 + 4 * spatialId
  return createFrameSize(readUint16(buffer, at), readUint16(buffer, at + 2))
}

function readFrameHeader(): FrameSize | undefined {
  if (bits.bits(2) !== FRAME_MARKER) return undefined
  const profile = bits.bits(1) + 2 * bits.bits(1)
  if (profile === 3) bits.skip(1)
  const showsExisting = bits.flag()
  const isKeyframe = !bits.flag()
  if (showsExisting || !isKeyframe) return undefined
  // show_frame and error_resilient_mode.
  bits.skip(2)
  if (bits.bits(24) !== SYNC_CODE) return undefined
  skipColors(profile)
  const width = bits.bits(16) + 1
  const height = bits.bits(16) + 1
  return bits.failed ? undefined : createFrameSize(width, height)
}

function skipColors(profile: number): void {
  // ten_or_twelve_bit.
  if (profile >= 2) bits.skip(1)
  const isRgb = bits.bits(3) === COLOR_SPACE_RGB
  const saysSubsampling = profile === 1 || profile === 3
  // color_range, which RGB does not have.
  if (!isRgb) bits.skip(1)
  // Two flags of subsampling, which RGB does not have, and a reserved bit.
  if (saysSubsampling) bits.skip(isRgb ? 1 : 3)
}
