/** Redundant audio (RFC 2198): the newest of a packet's blocks, which is what the packet would be without redundancy. */
import { primaryBlockOffset } from '../../rtp/red.js'
import type { Codec } from '../../rtp/types.js'
import type { Depacketizer } from './types.js'

/** The frames are of the codec of the blocks. */
export class RedDepacketizer implements Depacketizer {
  readonly #blockPayloadType: number

  constructor(codec: Codec) {
    this.#blockPayloadType = codec.blocks?.payloadType ?? -1
  }

  depacketize(payloads: readonly Uint8Array[]): Uint8Array | undefined {
    const payload = payloads[0]
    if (payloads.length !== 1 || payload === undefined) return undefined
    const start = primaryBlockOffset(payload, 0, payload.length, this.#blockPayloadType)
    return start < 0 ? undefined : new Uint8Array(payload.subarray(start))
  }
}
