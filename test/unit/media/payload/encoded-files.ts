/** The frames of `test/fixtures/frames`, which encoders have made. */
import { readFileSync } from 'node:fs'
import type { Codec, CodecName } from '../../../../src/rtp/types.js'

const FOLDER = new URL('../../../fixtures/frames/', import.meta.url)

export interface EncodedFile {
  readonly name: string
  readonly codec: Codec
  readonly frames: readonly Buffer[]
  /** Which of them are keyframes. */
  readonly keyframes: readonly number[]
}

export function codecOf(name: CodecName, parameters: Codec['parameters'] = {}): Codec {
  const isAudio = ['opus', 'PCMU', 'PCMA', 'G722', 'red'].includes(name)
  return { name, kind: isAudio ? 'audio' : 'video', clockRate: isAudio ? 48_000 : 90_000, channels: 1, parameters }
}

export const H264 = codecOf('H264', { 'packetization-mode': '1' })

/** All of them are pictures of this size. */
export const PICTURE = { width: 176, height: 144 }

export const ENCODED_FILES: readonly EncodedFile[] = [
  { name: 'vp8.ivf', codec: codecOf('VP8'), frames: readIvf('vp8.ivf'), keyframes: [0, 4] },
  { name: 'vp9.ivf', codec: codecOf('VP9'), frames: readIvf('vp9.ivf'), keyframes: [0, 12] },
  { name: 'av1.ivf', codec: codecOf('AV1'), frames: readIvf('av1.ivf'), keyframes: [0, 4] },
  { name: 'av1-lag.ivf', codec: codecOf('AV1'), frames: readIvf('av1-lag.ivf'), keyframes: [0] },
  {
    name: 'h264-baseline.h264',
    codec: H264,
    frames: readByteStream('h264-baseline.h264', [0x09]),
    keyframes: [0, 4],
  },
  { name: 'h264-high.h264', codec: H264, frames: readByteStream('h264-high.h264', [0x09]), keyframes: [0, 4] },
  { name: 'h265.h265', codec: codecOf('H265'), frames: readByteStream('h265.h265', [0x46, 0x01]), keyframes: [0, 4] },
]

/** A file header of 32 bytes; then, for each frame, its length in 4 bytes, a time in 8, and the frame. */
function readIvf(name: string): Buffer[] {
  const file = readFileSync(new URL(name, FOLDER))
  const frames: Buffer[] = []
  for (let at = 32; at < file.length; ) {
    const length = file.readUInt32LE(at)
    frames.push(file.subarray(at + 12, at + 12 + length))
    at += 12 + length
  }
  return frames
}

/** Access units, each of which begins with a delimiter behind a start code of four bytes. */
function readByteStream(name: string, delimiter: readonly number[]): Buffer[] {
  const file = readFileSync(new URL(name, FOLDER))
  const begin = Buffer.from([0, 0, 0, 1, ...delimiter])
  const frames: Buffer[] = []
  for (let at = file.indexOf(begin); at >= 0; ) {
    const next = file.indexOf(begin, at + 1)
    frames.push(file.subarray(at, next < 0 ? file.length : next))
    at = next
  }
  return frames
}
