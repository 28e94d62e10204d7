/**
 * Says of VP9 packets that their frame refers to earlier ones, where their sender does not: FFmpeg leaves the descriptor's P bit (RFC 9628, section
 * 4.2) at zero in all of them, and so each frame would be taken for a keyframe.
 */
import { Vp9Descriptor } from '../../media/codecs/vp9.js'

const INTER_PREDICTED = 0x40
const FRAME_MARKER = 2

const descriptor = new Vp9Descriptor()

/** Corrects the packets of one track. */
export class Vp9Prediction {
  /** The newest frame whose beginning was seen to refer to others. */
  #timestamp = -1

  /** Takes the payload `buffer[start, end)` of a packet, and sets the bit in it where it has to be set. */
  correct(buffer: Uint8Array, start: number, end: number, timestamp: number): void {
    if (!descriptor.parse(buffer, start, end) || descriptor.interPredicted) return
    // Senders that tell layers apart tell references, too; with flexible references another field would have to follow the bit.
    if (descriptor.hasLayerIds || descriptor.flexible) return
    if (descriptor.startOfFrame && isInterFrame(buffer[descriptor.payloadOffset] as number)) this.#timestamp = timestamp
    if (timestamp === this.#timestamp) buffer[start] = (buffer[start] as number) | INTER_PREDICTED
  }
}

/** From the first byte of a frame (VP9 bitstream specification, section 6.2). */
function isInterFrame(first: number): boolean {
  if (first >> 6 !== FRAME_MARKER) return false
  const profile = ((first >> 5) & 1) | ((first >> 3) & 2)
  // Profile 3 has a reserved bit behind it. Then come show_existing_frame and frame_type.
  const flags = profile === 3 ? first >> 1 : first >> 2
  return (flags & 0x03) !== 0
}
