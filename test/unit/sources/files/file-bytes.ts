/** Files in memory, as the readers want them. */
import { ByteWindow, type RandomAccess } from '../../../../src/sources/files/byte-window.js'
import type { MediaFileOptions, MediaFrame } from '../../../../src/sources/files/media-file.js'

export const FILE_OPTIONS: MediaFileOptions = {
  frameRate: undefined,
  skipUnsupported: false,
  allowReordering: false,
  maxFrameBytes: 1024 * 1024,
}

/** A file of these bytes, which counts what is read of it. */
export class MemoryFile implements RandomAccess {
  reads = 0
  bytesRead = 0
  closed = 0
  constructor(readonly bytes: Uint8Array) {}

  async read(buffer: Uint8Array, offset: number, length: number, position: number) {
    const piece = this.bytes.subarray(position, position + length)
    buffer.set(piece, offset)
    this.reads++
    this.bytesRead += piece.length
    return { bytesRead: piece.length }
  }

  async close(): Promise<void> {
    this.closed++
  }
}

export function windowOf(bytes: Uint8Array, chunkBytes = 64): ByteWindow {
  return new ByteWindow(new MemoryFile(bytes), chunkBytes)
}

/** An IVF file. Times are in ticks of `scale / rate` seconds. */
export function ivf(
  frames: readonly { pts: number; data: Uint8Array }[],
  fourcc = 'VP80',
  rate = 30,
  scale = 1,
): Buffer {
  const header = Buffer.alloc(32)
  header.write('DKIF', 0, 'latin1')
  header.writeUInt16LE(32, 6)
  header.write(fourcc, 8, 'latin1')
  header.writeUInt32LE(rate, 16)
  header.writeUInt32LE(scale, 20)
  const parts = frames.flatMap(({ pts, data }) => {
    const head = Buffer.alloc(12)
    head.writeUInt32LE(data.length, 0)
    head.writeBigUInt64LE(BigInt(pts), 4)
    return [head, Buffer.from(data)]
  })
  return Buffer.concat([header, ...parts])
}

/** A VP8 frame of that length; a keyframe of 160 x 120. */
export function vp8Frame(keyframe: boolean, length = 40): Buffer {
  const frame = Buffer.alloc(length, 7)
  frame[0] = keyframe ? 0x10 : 0x11
  if (keyframe) frame.set([0, 0, 0x9d, 0x01, 0x2a, 160, 0, 120, 0], 1)
  return frame
}

export async function collect<T>(items: AsyncIterable<T>, max = Number.POSITIVE_INFINITY): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) {
    found.push(item)
    if (found.length >= max) break
  }
  return found
}

export function timesMs(frames: readonly MediaFrame[]): number[] {
  return frames.map(({ timestampUs }) => Math.round(timestampUs / 1000))
}
