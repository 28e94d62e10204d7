/**
 * VP9 pictures: what is behind the payload descriptors (RFC 9628, section 4.2). The frames of several spatial layers become a superframe,
 * which has an index of them at its end (VP9 bitstream specification, annex B).
 */
import { Vp9Descriptor } from '../codecs/vp9.js'
import { joinBytes } from './join-bytes.js'
import type { Depacketizer } from './types.js'

/** Of a superframe. */
const MAX_LAYER_FRAMES = 8
/** In the first and last byte of the index; less one byte per size, and less one frame, are in the lower bits. */
const SUPERFRAME_MARKER = 0xc0

// Scratch memory of the thread, where packets are handled one at a time.
const descriptor = new Vp9Descriptor()

/** A layer frame begins with B and goes on to the next one; E is not relied on. */
export class Vp9Depacketizer implements Depacketizer {
  readonly #maxFrameBytes: number

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes
  }

  depacketize(payloads: readonly Uint8Array[]): Uint8Array | undefined {
    const parts: Uint8Array[] = []
    /** Of each layer frame. */
    const sizes: number[] = []
    let ended = true
    for (const payload of payloads) {
      if (!descriptor.parse(payload, 0, payload.length)) return undefined
      if (descriptor.startOfFrame) sizes.push(0)
      // The beginning of a layer frame is missing.
      else if (ended) return undefined
      ended = descriptor.endOfFrame
      const part = payload.subarray(descriptor.payloadOffset)
      parts.push(part)
      sizes[sizes.length - 1] = (sizes.at(-1) as number) + part.length
    }
    if (sizes.length === 0 || sizes.length > MAX_LAYER_FRAMES) return undefined
    if (sizes.length > 1) parts.push(superframeIndex(sizes))
    return joinBytes(parts, this.#maxFrameBytes)
  }
}

function superframeIndex(sizes: readonly number[]): Uint8Array {
  const largest = Math.max(...sizes)
  const sizeBytes = largest < 0x100 ? 1 : largest < 0x1_0000 ? 2 : largest < 0x100_0000 ? 3 : 4
  const marker = SUPERFRAME_MARKER | ((sizeBytes - 1) << 3) | (sizes.length - 1)
  const index = new Uint8Array(2 + sizeBytes * sizes.length)
  index[0] = marker
  index[index.length - 1] = marker
  for (const [i, size] of sizes.entries()) {
    // Little-endian.
    for (let byte = 0; byte < sizeBytes; byte++) index[1 + i * sizeBytes + byte] = size >>> (8 * byte)
  }
  return index
}
