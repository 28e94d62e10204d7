/** VP9 frames as far as their size, and superframes (VP9 bitstream specification, section 6.2 and annex B). */
import { BitWriter } from '../codecs/bit-writer.js'

function sizeOf(out: BitWriter, width: number, height: number): number[] {
  out.bits(width - 1, 16)
  out.bits(height - 1, 16)
  // No other render size; and something more.
  out.bits(0x2a, 9)
  return [...out.bytes(), 1]
}

/** An even number of bytes of profile 0. */
export function vp9Keyframe(width: number, height: number): number[] {
  const out = new BitWriter()
  // Frame marker, profile, a frame of its own, a keyframe, shown, not error resilient.
  out.bits(0b1000_0010, 8)
  out.bits(0x498342, 24)
  out.bits(0b0010, 4)
  return sizeOf(out, width, height)
}

/** A shown frame that refers to others, none of which has its size; without a size, the second of them has. */
export function vp9Interframe(width?: number, height?: number): number[] {
  const out = new BitWriter()
  out.bits(0b1000_0110, 8)
  // reset_frame_context, refresh_frame_flags, three references.
  out.bits(0, 2)
  out.bits(0x81, 8)
  out.bits(0x024, 12)
  if (width === undefined || height === undefined) {
    out.bits(0b01, 2)
    return [...out.bytes(), 1]
  }
  out.bits(0, 3)
  return sizeOf(out, width, height)
}

/** A hidden frame that refers to no other, of profile 0. */
export function vp9IntraOnly(width: number, height: number): number[] {
  const out = new BitWriter()
  out.bits(0b1000_0100, 8)
  // intra_only, reset_frame_context.
  out.bits(0b100, 3)
  out.bits(0x498342, 24)
  out.bits(0x01, 8)
  return sizeOf(out, width, height)
}

export function superframe(frames: readonly (readonly number[])[], sizeBytes = 2): number[] {
  const marker = 0xc0 | ((sizeBytes - 1) << 3) | (frames.length - 1)
  const sizes = frames.flatMap(({ length }) => Array.from({ length: sizeBytes }, (_, i) => (length >> (8 * i)) & 0xff))
  return [...frames.flat(), marker, ...sizes, marker]
}
