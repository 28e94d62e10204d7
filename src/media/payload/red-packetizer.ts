/** Redundant audio without redundancy (RFC 2198, section 3): one block, in front of which one byte says its codec. */
import type { Codec } from '../../rtp/types.js'
import type { Packetizer } from './types.js'

const HEADER_LENGTH = 1

/** The frames are of the codec of the blocks. */
export class RedPacketizer implements Packetizer {
  readonly #blockPayloadType: number | undefined

  constructor(codec: Codec) {
    this.#blockPayloadType = codec.blocks?.payloadType
  }

  packetize(frame: Uint8Array, _keyframe: boolean, maxPayloadBytes: number): readonly Uint8Array[] {
    const length = HEADER_LENGTH + frame.length
    if (this.#blockPayloadType === undefined || frame.length === 0 || length > maxPayloadBytes) return []
    const payload = new Uint8Array(length)
    payload[0] = this.#blockPayloadType & 0x7f
    payload.set(frame, HEADER_LENGTH)
    return [payload]
  }
}
