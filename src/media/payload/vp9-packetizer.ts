/** VP9 frames and superframes as RTP payloads (RFC 9628, section 4). */
import { writeUint16 } from '../../rtp/bytes.js'
import type { FrameSize } from '../codecs/frame-size.js'
import { cutEvenly } from './cut-evenly.js'
import { PictureIdCounter } from './picture-id-counter.js'
import type { Packetizer } from './types.js'
import { readVp9Picture } from './vp9-picture.js'

const HAS_PICTURE_ID = 0x80
const INTER_PREDICTED = 0x40
const START_OF_FRAME = 0x08
const END_OF_FRAME = 0x04
const HAS_STRUCTURE = 0x02
const NOT_REFERENCE_FOR_UPPER = 0x01

/** The flags and a picture id of 15 bits. */
const DESCRIPTOR_LENGTH = 3
/** One spatial layer with its size, and no picture group. */
const STRUCTURE_HEAD = 0x10
const STRUCTURE_LENGTH = 5
const MAX_STATED_LENGTH = 0xffff

/**
 * A picture goes as one layer frame without layer indices, in the non-flexible mode, which needs no references told. So a superframe stays whole,
 * with what is hidden in it, and keyframes state their size in a scalability structure.
 */
export class Vp9Packetizer implements Packetizer {
  readonly #pictureIds = new PictureIdCounter()

  packetize(frame: Uint8Array, keyframe: boolean, maxPayloadBytes: number): readonly Uint8Array[] {
    const size = keyframe ? statableSize(frame) : undefined
    const structureLength = size === undefined ? 0 : STRUCTURE_LENGTH
    const pieces = cutEvenly(frame, maxPayloadBytes - DESCRIPTOR_LENGTH - structureLength)
    if (pieces.length === 0) return []
    const pictureId = this.#pictureIds.take()
    return pieces.map((piece, i) => {
      const isFirst = i === 0
      const isLast = i === pieces.length - 1
      const length = DESCRIPTOR_LENGTH + (isFirst ? structureLength : 0)
      const payload = new Uint8Array(length + piece.length)
      payload[0] =
        HAS_PICTURE_ID |
        (keyframe ? 0 : INTER_PREDICTED) |
        (isFirst ? START_OF_FRAME : 0) |
        (isLast ? END_OF_FRAME : 0) |
        NOT_REFERENCE_FOR_UPPER
      writeUint16(payload, 1, 0x8000 | pictureId)
      if (isFirst && size !== undefined) writeStructure(payload, size)
      payload.set(piece, length)
      return payload
    })
  }
}

/** The frame's size, where it states one that has room in a scalability structure. */
function statableSize(frame: Uint8Array): FrameSize | undefined {
  const size = readVp9Picture(frame)?.size
  return size !== undefined && Math.max(size.width, size.height) <= MAX_STATED_LENGTH ? size : undefined
}

function writeStructure(payload: Uint8Array, { width, height }: FrameSize): void {
  payload[0] = (payload[0] as number) | HAS_STRUCTURE
  payload[DESCRIPTOR_LENGTH] = STRUCTURE_HEAD
  writeUint16(payload, DESCRIPTOR_LENGTH + 1, width)
  writeUint16(payload, DESCRIPTOR_LENGTH + 3, height)
}
