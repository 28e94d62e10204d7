/** A whole VP9 picture: one frame, or several in a superframe (VP9 bitstream specification, annex B). */
import type { FrameSize } from '../codecs/frame-size.js'
import { readVp9FrameHeader } from '../codecs/vp9-frame-header.js'

/** What a picture says of itself. */
export interface Vp9Picture {
  /** Its first frame depends on no other. */
  readonly keyframe: boolean
  /** That of its largest frame, as spatial layers are frames of their own; undefined where none states one. */
  readonly size: FrameSize | undefined
}

/** Reads the headers of the picture's frames; undefined if that of the first cannot be read. */
export function readVp9Picture(picture: Uint8Array): Vp9Picture | undefined {
  const headers = vp9Frames(picture).map((frame) => readVp9FrameHeader(frame, 0, frame.length))
  const first = headers[0]
  if (first === undefined) return undefined
  let size: FrameSize | undefined
  for (const header of headers) if (areaOf(header?.size) > areaOf(size)) size = header?.size
  return { keyframe: first.keyframe, size }
}

/** The frames of a picture, which point into it; the picture itself where it is no superframe. */
function vp9Frames(picture: Uint8Array): Uint8Array[] {
  const marker = picture.at(-1) ?? 0
  const count = (marker & 0x07) + 1
  const width = ((marker >> 3) & 0x03) + 1
  const indexAt = picture.length - 2 - count * width
  const hasIndex = (marker & 0xe0) === 0xc0 && indexAt >= 0 && picture[indexAt] === marker
  if (!hasIndex) return [picture]
  const frames: Uint8Array[] = []
  let start = 0
  for (let i = 0; i < count; i++) {
    const end = start + readSize(picture, indexAt + 1 + i * width, width)
    if (end > indexAt) return [picture]
    if (end > start) frames.push(picture.subarray(start, end))
    start = end
  }
  return frames
}

/** A little-endian number. */
function readSize(bytes: Uint8Array, at: number, width: number): number {
  let size = 0
  for (let i = width - 1; i >= 0; i--) size = size * 256 + (bytes[at + i] as number)
  return size
}

function areaOf(size: FrameSize | undefined): number {
  return size === undefined ? 0 : size.width * size.height
}
