/** Puts the payloads of frames into RTP packets (RFC 3550, section 5.1). */
import { RTP_FIXED_HEADER_LENGTH } from '../rtp/rtp-header.js'
import type { Codec } from '../rtp/types.js'

/** Takes the packet `buffer[0, length)`. */
export type TakePacket = (buffer: Buffer, length: number) => void

const VERSION = 0x80
const MARKER = 0x80
/** Of no meaning in here: what a packet is goes along with it. */
const PAYLOAD_TYPE = 96

/** The packets of one track. */
export class FrameWriter {
  #packet = Buffer.alloc(2048)

  constructor(private readonly codec: Codec) {
    this.#packet[0] = VERSION
  }

  /** The 32-bit RTP timestamp of that media time. */
  timestampOf(timestampUs: number): number {
    const ticks = Math.round((timestampUs * this.codec.clockRate) / 1_000_000)
    // Bitwise operators take numbers modulo 2^32.
    return ticks >>> 0
  }

  /** Hands a packet per payload to `take`, the first under the sequence number `seq`. */
  write(payloads: readonly Uint8Array[], timestampUs: number, seq: number, take: TakePacket): void {
    const timestamp = this.timestampOf(timestampUs)
    // The marker is for the last packet of a picture; in audio it would begin a talk spurt (RFC 3551, section 4.1).
    const lastMarker = this.codec.kind === 'video' ? MARKER : 0
    payloads.forEach((payload, index) => {
      const length = RTP_FIXED_HEADER_LENGTH + payload.length
      if (length > this.#packet.length) this.#grow(length)
      this.#packet[1] = PAYLOAD_TYPE | (index === payloads.length - 1 ? lastMarker : 0)
      this.#packet.writeUInt16BE((seq + index) & 0xffff, 2)
      this.#packet.writeUInt32BE(timestamp, 4)
      this.#packet.set(payload, RTP_FIXED_HEADER_LENGTH)
      take(this.#packet, length)
    })
  }

  #grow(length: number): void {
    this.#packet = Buffer.alloc(2 * length)
    this.#packet[0] = VERSION
  }
}
