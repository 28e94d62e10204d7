/**
 * What the payload descriptors of VP8 and VP9 have in common: a picture id of 7 or 15 bits and an index of the temporal base layer
 * (RFC 7741, section 4.2; RFC 9628, section 4.2). A forwarder that leaves out frames has to rewrite both.
 */
import { readUint16, writeUint16 } from '../../rtp/bytes.js'

/** The numbers of one packet's picture, and where they stand. Offsets are offsets into the parsed buffer. */
export abstract class PictureIds {
  hasPictureId = false
  pictureId = 0
  /** -1 without picture id. */
  pictureIdOffset = -1
  /** Width of the picture id: 7 or 15. */
  pictureIdBits: 7 | 15 = 7
  hasTl0PicIdx = false
  /** 8 bit. */
  tl0PicIdx = 0
  /** -1 without TL0PICIDX. */
  tl0PicIdxOffset = -1

  /** Reads the picture id at `at`, if `present`; returns the offset behind it, `end` or beyond if it is cut off. */
  protected readPictureId(buffer: Uint8Array, at: number, end: number, present: boolean): number {
    this.hasPictureId = present
    this.pictureId = 0
    this.pictureIdOffset = present ? at : -1
    this.pictureIdBits = 7
    if (!present) return at
    if (at >= end) return end
    const first = buffer[at] as number
    if ((first & 0x80) === 0) {
      this.pictureId = first
      return at + 1
    }
    if (at + 2 > end) return end
    this.pictureIdBits = 15
    this.pictureId = readUint16(buffer, at) & 0x7fff
    return at + 2
  }

  /** Reads TL0PICIDX at `at`, if `present`; returns the offset behind it, beyond `end` if it is cut off. */
  protected readTl0PicIdx(buffer: Uint8Array, at: number, end: number, present: boolean): number {
    this.hasTl0PicIdx = present
    this.tl0PicIdx = present && at < end ? (buffer[at] as number) : 0
    this.tl0PicIdxOffset = present ? at : -1
    return present ? at + 1 : at
  }
}

/**
 * Patches picture id and TL0PICIDX in place, each only where the packet has it. The picture id keeps its width, so its upper bits are
 * dropped if it has 7. `shift` is added to the offsets, for a packet that was copied elsewhere after it was parsed.
 */
export function rewritePictureIds(
  buffer: Uint8Array,
  ids: PictureIds,
  pictureId: number,
  tl0PicIdx: number,
  shift: number,
): void {
  const at = ids.pictureIdOffset + shift
  if (ids.hasPictureId && ids.pictureIdBits === 7) buffer[at] = pictureId & 0x7f
  if (ids.hasPictureId && ids.pictureIdBits === 15) writeUint16(buffer, at, 0x8000 | pictureId)
  if (ids.hasTl0PicIdx) buffer[ids.tl0PicIdxOffset + shift] = tl0PicIdx
}
