/**
 * The picture size in the payload that begins a VP9 keyframe: in the scalability structure (RFC 9628, section 4.2.1), or in the frame's own
 * header, for senders that have no structure or one without sizes.
 */
import { readUint16 } from '../../rtp/bytes.js'
import { createFrameSize, type FrameSize } from './frame-size.js'
import { Vp9Descriptor } from './vp9.js'
import { readVp9FrameHeader } from './vp9-frame-header.js'

// Scratch memory of the thread, where packets are handled one at a time.
const descriptor = new Vp9Descriptor()

/** The size of the largest spatial layer that the payload states; undefined if it has no sizes and begins no keyframe. */
export function readVp9FrameSize(buffer: Uint8Array, start: number, end: number): FrameSize | undefined {
  if (!descriptor.parse(buffer, start, end)) return undefined
  const count = countSizes(buffer)
  if (count > 0) return readSize(buffer, count - 1)
  if (!descriptor.keyframe) return undefined
  const header = readVp9FrameHeader(buffer, descriptor.payloadOffset, end)
  return header?.keyframe ? header.size : undefined
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
