/** Opus packets as containers need them (RFC 6716, section 3.1). */
import { opusDurationUs } from '../media/codecs/opus-duration.js'

/** How long `packet` sounds, in milliseconds; 20 for one that does not say it. */
export function opusDurationMs(packet: Uint8Array): number {
  return opusDurationUs(packet) / 1000 || OPUS_SILENCE_MS
}

/** 20 ms of silence. */
export const OPUS_SILENCE: Uint8Array = Uint8Array.of(0xf8, 0xff, 0xfe)

/** How long {@link OPUS_SILENCE} is. */
export const OPUS_SILENCE_MS = 20

/** The identification header (RFC 7845, section 5.1): two channels of 48 kHz, nothing to skip, as the stream is joined in its middle. */
export function opusHead(): Uint8Array {
  const head = Buffer.alloc(19)
  head.write('OpusHead', 0, 'latin1')
  head[8] = 1
  head[9] = 2
  head.writeUInt32LE(48_000, 12)
  return head
}
