/** VP8 frames: what is behind the payload descriptors (RFC 7741, sections 4.2 and 4.5). */
import { Vp8Descriptor } from '../codecs/vp8.js'
import { joinBytes } from './join-bytes.js'
import type { Depacketizer } from './types.js'

// Scratch memory of the thread, where packets are handled one at a time.
const descriptor = new Vp8Descriptor()

/** A frame begins with the only packet that starts partition 0. */
export class Vp8Depacketizer implements Depacketizer {
  readonly #maxFrameBytes: number

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes
  }

  depacketize(payloads: readonly Uint8Array[]): Uint8Array | undefined {
    const parts: Uint8Array[] = []
    for (const payload of payloads) {
      if (!descriptor.parse(payload, 0, payload.length)) return undefined
      const begins = descriptor.startOfPartition && descriptor.partitionId === 0
      if (begins !== (parts.length === 0)) return undefined
      parts.push(payload.subarray(descriptor.payloadOffset))
    }
    return parts.length === 0 ? undefined : joinBytes(parts, this.#maxFrameBytes)
  }
}
