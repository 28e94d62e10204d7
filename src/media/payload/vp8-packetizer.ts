/** VP8 frames as RTP payloads (RFC 7741, section 4). */
import { writeUint16 } from '../../rtp/bytes.js'
import { cutEvenly } from './cut-evenly.js'
import { PictureIdCounter } from './picture-id-counter.js'
import type { Packetizer } from './types.js'

/** The mandatory byte, the extension byte and a picture id of 15 bits. */
const DESCRIPTOR_LENGTH = 4
const EXTENDED = 0x80
const START_OF_PARTITION = 0x10
const HAS_PICTURE_ID = 0x80

/**
 * All of a frame goes as partition 0: where the others begin can only be told by decoding, and nobody needs it. There is no TL0PICIDX, which
 * means nothing without temporal layers. That a frame is a keyframe is in its own header, so it does not count what the caller says.
 */
export class Vp8Packetizer implements Packetizer {
  readonly #pictureIds = new PictureIdCounter()

  packetize(frame: Uint8Array, _keyframe: boolean, maxPayloadBytes: number): readonly Uint8Array[] {
    const pieces = cutEvenly(frame, maxPayloadBytes - DESCRIPTOR_LENGTH)
    if (pieces.length === 0) return []
    const pictureId = this.#pictureIds.take()
    return pieces.map((piece, i) => {
      const payload = new Uint8Array(DESCRIPTOR_LENGTH + piece.length)
      payload[0] = EXTENDED | (i === 0 ? START_OF_PARTITION : 0)
      payload[1] = HAS_PICTURE_ID
      writeUint16(payload, 2, 0x8000 | pictureId)
      payload.set(piece, DESCRIPTOR_LENGTH)
      return payload
    })
  }
}
