/**
 * What forwarding needs to know of a stored packet, read once and used for every viewer: the fan-out hands the same packets to one
 * sink after the other.
 */
import { ExtensionElement } from '../rtp/header-extension.js'
import { primaryBlockOffset } from '../rtp/red.js'
import { RtpHeader } from '../rtp/rtp-header.js'
import { Vp8Descriptor } from './codecs/vp8.js'
import { Vp9Descriptor } from './codecs/vp9.js'
import type { StoredPacket } from './types.js'

const NOTHING = new Uint8Array(0)

/** As many as a batch has at most. A power of two. */
const READINGS = 64

/** Stands for all the ids that have no bit of their own. */
const OTHER_IDS = 1

const element = new ExtensionElement()

/** The bit of a header extension's id in a set of ids: the same for all ids above 30. */
export function idBit(id: number): number {
  return id > 0 && id <= 30 ? 1 << id : OTHER_IDS
}

/** What was read of one packet. */
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
  /** The ids of its header extension elements, see {@link idBit}. */
  elementIds = 0
  #packet: StoredPacket | undefined
  #extSeq = -1
  #bytes: Buffer | undefined
  #start = -1

  /** Of the packet. */
  get extSeq(): number {
    return this.#extSeq
  }

  /** Lets go of the packet's memory: it may be read again. */
  forget(): void {
    this.#packet = undefined
    this.#bytes = undefined
    this.payload = NOTHING
    this.primary = NOTHING
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
    this.elementIds = this.#readElementIds(bytes)
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

  #readElementIds(bytes: Buffer): number {
    let ids = 0
    if (this.header.extensionLength === 0) return ids
    element.reset(this.header)
    while (element.next(bytes)) ids |= idBit(element.id)
    return ids
  }
}

// Scratch memory of the thread: the newest readings, by the packets' numbers.
const readings = Array.from({ length: READINGS }, () => new PacketReading())

/** What is to be known of `packet`; valid until {@link forgetReading}, or another packet takes its place. */
export function readPacket(packet: StoredPacket): PacketReading {
  const reading = readings[packet.extSeq & (READINGS - 1)] as PacketReading
  reading.read(packet)
  return reading
}

/** The packet has been handed to everybody: a history that has no use any more must not be kept for the sake of its reading. */
export function forgetReading({ extSeq }: StoredPacket): void {
  readings[extSeq & (READINGS - 1)]?.forget()
}
