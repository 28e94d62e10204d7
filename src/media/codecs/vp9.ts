/** The VP9 payload descriptor, read and patched in place (RFC 9628, section 4.2). */
import { PictureIds, rewritePictureIds } from './picture-ids.js'

/** Reference indices that the flexible mode sends at most. */
const MAX_REFERENCES = 3

/** The descriptor of one packet, reused from packet to packet. Offsets are offsets into the parsed buffer. */
export class Vp9Descriptor extends PictureIds {
  /** P: the frame refers to earlier pictures. */
  interPredicted = false
  /** F: references are sent as picture id differences, and there is no TL0PICIDX. */
  flexible = false
  /** B: the packet begins a layer frame. */
  startOfFrame = false
  /** E: the packet ends a layer frame. */
  endOfFrame = false
  /** Z: no frame of a higher spatial layer refers to this one. */
  notReferenceForUpper = false
  hasLayerIds = false
  /** TID; 0 where it is not sent. */
  temporalId = 0
  /** U: from here the receiver may switch up to a higher temporal layer. */
  switchingUp = false
  /** SID; 0 where it is not sent. */
  spatialId = 0
  /** D: the frame depends on the next lower spatial layer of the same picture. */
  interLayerPredicted = false
  /** Where the scalability structure begins, or -1. */
  structureOffset = -1
  /** The packet begins the base layer of a picture that depends on no other. */
  keyframe = false
  /** Where the VP9 data begins. */
  payloadOffset = 0

  /** Reads the payload `buffer[start, end)` of one packet; false, and no field means anything, if it is no descriptor with data behind it. */
  parse(buffer: Uint8Array, start: number, end: number): boolean {
    if (start >= end) return false
    const flags = buffer[start] as number
    this.interPredicted = (flags & 0x40) !== 0
    this.flexible = (flags & 0x10) !== 0
    this.startOfFrame = (flags & 0x08) !== 0
    this.endOfFrame = (flags & 0x04) !== 0
    this.notReferenceForUpper = (flags & 0x01) !== 0
    let at = this.readPictureId(buffer, start + 1, end, (flags & 0x80) !== 0)
    at = this.#readLayers(buffer, at, end, (flags & 0x20) !== 0)
    if (this.flexible && this.interPredicted) at = skipReferences(buffer, at, end)
    this.structureOffset = -1
    if ((flags & 0x02) !== 0) {
      this.structureOffset = at
      at = skipStructure(buffer, at, end)
    }
    this.payloadOffset = at
    this.keyframe = this.startOfFrame && !this.interPredicted && this.spatialId === 0
    return at < end
  }

  #readLayers(buffer: Uint8Array, at: number, end: number, present: boolean): number {
    const layers = present && at < end ? (buffer[at] as number) : 0
    this.hasLayerIds = present
    this.temporalId = layers >> 5
    this.switchingUp = (layers & 0x10) !== 0
    this.spatialId = (layers >> 1) & 0x07
    this.interLayerPredicted = (layers & 0x01) !== 0
    return this.readTl0PicIdx(buffer, present ? at + 1 : at, end, present && !this.flexible)
  }
}

/** Behind the reference indices (P_DIFF with N, "another follows"). */
function skipReferences(buffer: Uint8Array, from: number, end: number): number {
  let at = from
  for (let i = 0; i < MAX_REFERENCES; i++) {
    if (at >= end) return end
    if (((buffer[at++] as number) & 0x01) === 0) return at
  }
  return at
}

/** Behind the scalability structure (RFC 9628, section 4.2.1). */
function skipStructure(buffer: Uint8Array, from: number, end: number): number {
  if (from >= end) return end
  const head = buffer[from] as number
  const layers = (head >> 5) + 1
  let at = from + 1 + ((head & 0x10) === 0 ? 0 : 4 * layers)
  if ((head & 0x08) === 0) return at
  if (at >= end) return end
  for (let pictures = buffer[at++] as number; pictures > 0; pictures--) {
    if (at >= end) return end
    at += 1 + (((buffer[at] as number) >> 2) & 0x03)
  }
  return at
}

/** Patches picture id and TL0PICIDX in place, as {@link rewritePictureIds} says; `shift` is for a packet that was copied since. */
export function rewriteVp9(
  buffer: Uint8Array,
  descriptor: Vp9Descriptor,
  pictureId: number,
  tl0PicIdx: number,
  shift = 0,
): void {
  rewritePictureIds(buffer, descriptor, pictureId, tl0PicIdx, shift)
}

const scratch = new Vp9Descriptor()

/** True if the payload begins the base layer of a picture that depends on no other. */
export function isVp9KeyframeStart(buffer: Uint8Array, start: number, end: number): boolean {
  return scratch.parse(buffer, start, end) && scratch.keyframe
}
