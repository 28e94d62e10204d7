/** The uncompressed header of a VP9 frame, as far as the frame's size (VP9 bitstream specification, sections 6.2 and 7.2). */
import { BitReader } from './bit-reader.js'
import { createFrameSize, type FrameSize } from './frame-size.js'

const FRAME_MARKER = 2
const SYNC_CODE = 0x498342
const COLOR_SPACE_RGB = 7
const REFERENCES = 3

/** What one frame says of itself. */
export interface Vp9FrameHeader {
  readonly keyframe: boolean
  /** Undefined where the frame has the size of one that it refers to. */
  readonly size: FrameSize | undefined
}

// Scratch memory of the thread, where packets are handled one at a time.
const bits = new BitReader()

/** The header that `buffer[start, end)` begins with; undefined where there is none, or only the number of a frame to be shown again. */
export function readVp9FrameHeader(buffer: Uint8Array, start: number, end: number): Vp9FrameHeader | undefined {
  bits.reset(buffer, start, end)
  if (bits.bits(2) !== FRAME_MARKER) return undefined
  const profile = bits.bits(1) + 2 * bits.bits(1)
  if (profile === 3) bits.skip(1)
  const showsExisting = bits.flag()
  if (showsExisting) return undefined
  const keyframe = !bits.flag()
  const shown = bits.flag()
  const errorResilient = bits.flag()
  const size = keyframe ? readKeyframe(profile) : readInterframe(profile, shown, errorResilient)
  return bits.failed || size === 'malformed' ? undefined : { keyframe, size }
}

function readKeyframe(profile: number): FrameSize | 'malformed' {
  if (bits.bits(24) !== SYNC_CODE) return 'malformed'
  skipColors(profile)
  return readSize()
}

function readInterframe(profile: number, shown: boolean, errorResilient: boolean): FrameSize | undefined | 'malformed' {
  const intraOnly = !shown && bits.flag()
  // reset_frame_context.
  if (!errorResilient) bits.skip(2)
  if (intraOnly) {
    if (bits.bits(24) !== SYNC_CODE) return 'malformed'
    if (profile > 0) skipColors(profile)
  }
  // refresh_frame_flags.
  bits.skip(8)
  if (intraOnly) return readSize()
  // Which frames it refers to, and a sign for each.
  bits.skip(4 * REFERENCES)
  for (let i = 0; i < REFERENCES; i++) if (bits.flag()) return undefined
  return readSize()
}

function readSize(): FrameSize | 'malformed' {
  const width = bits.bits(16) + 1
  const height = bits.bits(16) + 1
  return createFrameSize(width, height) ?? 'malformed'
}

function skipColors(profile: number): void {
  // ten_or_twelve_bit.
  if (profile >= 2) bits.skip(1)
  const isRgb = bits.bits(3) === COLOR_SPACE_RGB
  const saysSubsampling = profile === 1 || profile === 3
  // color_range, which RGB does not have.
  if (!isRgb) bits.skip(1)
  // Two flags of subsampling, which RGB does not have, and a reserved bit.
  if (saysSubsampling) bits.skip(isRgb ? 1 : 3)
}
