/**
 * What forwarding needs to know of a stored packet, read once and used for every viewer: the fan-out hands the same packet to one
 * sink after the other.
 */
import { primaryBlockOffset } from '../rtp/red.js'
import { RtpHeader } from '../rtp/rtp-header.js'
import { Vp8Descriptor } from './codecs/vp8.js'
import { Vp9Descriptor } from './codecs/vp9.js'
import type { StoredPacket } from './types.js'

const NOTHING = new Uint8Array(0)

/** The packet that was read last. */
export class PacketReading {
  /** The payload where the history keeps it. One view per packet, so that copying it out needs none per viewer. */
  payload: Uint8Array = NOTHING
  /** The part of it that is left without the redundancy of redundant audio; all of it for other codecs. */
  primary: Uint8Array = NOTHING
  /** The header, for its extension elements; its offsets are into the packet's `bytes`. */
  readonly header = new RtpHeader()
  readonly vp8 = new Vp8Descriptor()
  readonly vp9 = new Vp9Descriptor()
  /** Which descriptor is valid for this packet. */
  descriptor: 'vp8' | 'vp9' | undefined
  #packet: StoredPacket | undefined
  #extSeq = -1
  #bytes: Buffer | undefined
  #start = -1

  /** Of the packet. */
  get extSeq(): number {
    return this.#extSeq
  }

  /** Reads `packet`, unless it is the one that was read last. */
  read(packet: StoredPacket): void {
    const { bytes, start, extSeq } = packet
    // The history reuses its objects and may move the bytes, so identity alone does not say that it is the same.
    if (packet === this.#packet && extSeq === this.#extSeq && bytes === this.#bytes && start === this.#start) return
    this.#packet = packet
    this.#extSeq = extSeq
    this.#bytes = bytes
    this.#start = start
    const end = start + packet.length
    const payloadStart = start + packet.headerLength
    this.payload = new Uint8Array(bytes.buffer, bytes.byteOffset + payloadStart, end - payloadStart)
    this.header.parse(bytes, start, end)
    this.descriptor = undefined
    const { name, blocks } = packet.codec
    this.primary = this.payload
    if (blocks !== undefined) {
      const primaryStart = primaryBlockOffset(bytes, payloadStart, end, blocks.payloadType)
      if (primaryStart >= 0) this.primary = this.payload.subarray(primaryStart - payloadStart)
    }
    if (name === 'VP8' && this.vp8.parse(bytes, payloadStart, end)) this.descriptor = 'vp8'
    else if (name === 'VP9' && this.vp9.parse(bytes, payloadStart, end)) this.descriptor = 'vp9'
  }
}

/** The reading of this thread, where packets are handled one at a time. */
export const reading = new PacketReading()
