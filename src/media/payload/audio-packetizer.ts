/** Opus (RFC 7587, section 4.2), and PCMU, PCMA and G722 (RFC 3551, section 4.5): the payload is the frame. */
import type { Packetizer } from './types.js'

/** One payload a frame, the frame's own bytes. None of these codecs can be cut up, so a frame that is too long cannot be sent. */
export class AudioPacketizer implements Packetizer {
  packetize(frame: Uint8Array, _keyframe: boolean, maxPayloadBytes: number): readonly Uint8Array[] {
    return frame.length > 0 && frame.length <= maxPayloadBytes ? [frame] : []
  }
}
