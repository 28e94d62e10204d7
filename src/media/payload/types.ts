/**
 * Between encoded frames and RTP payloads. A frame is, by codec:
 *
 * - VP8, VP9: the frame as the encoder made it; a VP9 picture of several spatial layers is a superframe.
 * - AV1: a temporal unit in the low-overhead format (every OBU has its size), without temporal delimiter, tile list and padding OBUs.
 * - H264, H265: an access unit in Annex B format with start codes of four bytes, parameter sets before the slices of keyframes.
 * - Opus, PCMU, PCMA, G722: what one packet carries; of redundant audio (RFC 2198), the newest of its blocks.
 */

/** Splits the frames of one track. It may number them, so each track has its own. */
export interface Packetizer {
  /**
   * The payloads of one frame, in order, none longer than `maxPayloadBytes`; the last one belongs into the packet with the marker. Empty for
   * a frame with nothing to send, and for one that cannot be sent in payloads of that length. They may point into `frame`, and are valid until
   * it changes.
   */
  packetize(frame: Uint8Array, keyframe: boolean, maxPayloadBytes: number): readonly Uint8Array[]
}

/** Puts the frames of one track together. */
export interface Depacketizer {
  /**
   * The frame whose payloads these are, all of them and in order; undefined where they are malformed, empty where they show nothing, such as
   * parameter sets alone. It never throws, whatever the bytes are. The frame is a copy of its own.
   */
  depacketize(payloads: readonly Uint8Array[]): Uint8Array | undefined
}
