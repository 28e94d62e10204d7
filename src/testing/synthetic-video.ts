/**
 * A publisher's media without a camera: RTP packets of VP8 frames with valid descriptors (RFC 7741) and keyframe heads (RFC 6386, section 9.1),
 * and of audio frames the size of Opus. The contents are filler: everything a forwarder looks at is right, nothing shows a picture.
 */

import { writeUint16, writeUint32 } from '../rtp/bytes.js'
import { ExtensionWriter } from '../rtp/extension-writer.js'
import { writeRtpHeader } from '../rtp/rtp-writer.js'

/** The head of a keyframe fits. */
const MIN_PACKET_BYTES = 10

/** A header extension element to send with every packet. */
export interface SyntheticElement {
  readonly id: number
  readonly data: Uint8Array
}

/** How a synthetic stream is made. */
export interface SyntheticStreamOptions {
  readonly ssrc: number
  readonly payloadType: number
  /** The first sequence number. */
  readonly seq?: number
  /** The first timestamp. */
  readonly timestamp?: number
  readonly clockRate?: number
  /** Header extension elements, in the two-byte form where one of them does not fit the other. */
  readonly elements?: readonly SyntheticElement[]
}

/** Takes one packet; the bytes are the taker's. */
export type TakePacket = (packet: Buffer) => void

/** What audio and video have in common: numbering, header and sender reports. */
export class SyntheticStream {
  ssrc: number
  payloadType: number
  /** Of the next packet. */
  seq: number
  /** Of the next frame. */
  timestamp: number
  elements: readonly SyntheticElement[]
  readonly clockRate: number
  packetsSent = 0
  bytesSent = 0

  constructor(options: SyntheticStreamOptions, clockRate: number) {
    this.ssrc = options.ssrc
    this.payloadType = options.payloadType
    this.seq = options.seq ?? 0
    this.timestamp = options.timestamp ?? 0
    this.clockRate = options.clockRate ?? clockRate
    this.elements = options.elements ?? []
  }

  /** A packet with `payload` and, if wanted, padding behind it. */
  packet(payload: Uint8Array, marker: boolean, paddingBytes = 0): Buffer {
    const block = this.#extensionBlock()
    const packet = Buffer.alloc(12 + block.length + payload.length + paddingBytes)
    writeRtpHeader(packet, 0, marker, this.payloadType, this.seq, this.timestamp, this.ssrc, block.length > 0)
    if (paddingBytes > 0) {
      packet[0] = (packet[0] as number) | 0x20
      packet[packet.length - 1] = paddingBytes
    }
    packet.set(block, 12)
    packet.set(payload, 12 + block.length)
    this.seq = (this.seq + 1) & 0xffff
    this.packetsSent++
    this.bytesSent += payload.length
    return packet
  }

  /** A packet of padding alone, as senders use to probe for bandwidth. */
  paddingPacket(paddingBytes = 200): Buffer {
    return this.packet(new Uint8Array(0), false, paddingBytes)
  }

  /** Lets the media clock run. */
  advance(durationMs: number): void {
    this.timestamp = (this.timestamp + Math.round((durationMs * this.clockRate) / 1000)) >>> 0
  }

  #extensionBlock(): Buffer {
    const writer = new ExtensionWriter()
    for (const { id, data } of this.elements) writer.add(id, data, 0, data.length)
    const block = Buffer.alloc(writer.blockLength)
    writer.write(block, 0)
    return block
  }
}

/** How a {@link SyntheticVideo} is made. */
export interface SyntheticVideoOptions extends SyntheticStreamOptions {
  readonly width?: number
  readonly height?: number
  /** Packets of a keyframe and of any other frame. */
  readonly keyframePackets?: number
  readonly framePackets?: number
  /** VP8 data in each packet. */
  readonly packetBytes?: number
  /** The first picture id; undefined sends none, nor a TL0PICIDX. */
  readonly pictureId?: number | undefined
}

/** A VP8 encoder and packetizer without pictures. */
export class SyntheticVideo extends SyntheticStream {
  /** Of the next frame, 15 bit. */
  pictureId: number
  /** Of the next frame, 8 bit. */
  tl0PicIdx = 0
  /** The next frame is a keyframe, as after a request. */
  keyframeWanted = true
  framesSent = 0
  keyframesSent = 0
  /** What keyframes state from the next one on. */
  width: number
  height: number
  readonly #keyframePackets: number
  readonly #framePackets: number
  readonly #packetBytes: number
  readonly #withPictureId: boolean

  constructor(options: SyntheticVideoOptions) {
    super(options, 90_000)
    this.width = options.width ?? 640
    this.height = options.height ?? 360
    this.#keyframePackets = options.keyframePackets ?? 8
    this.#framePackets = options.framePackets ?? 3
    this.#packetBytes = options.packetBytes ?? 1000
    this.#withPictureId = !('pictureId' in options) || options.pictureId !== undefined
    this.pictureId = options.pictureId ?? 0
  }

  /**
   * Sends the packets of one frame, and lets the media clock run for its duration.
   *
   * @param frameBytes VP8 data of the frame, in packets of equal size no larger than `packetBytes`; as the options say if not given.
   */
  frame(durationMs: number, take: TakePacket, frameBytes?: number): void {
    const keyframe = this.keyframeWanted
    this.keyframeWanted = false
    let count = keyframe ? this.#keyframePackets : this.#framePackets
    let packetBytes = this.#packetBytes
    if (frameBytes !== undefined) {
      count = Math.max(1, Math.ceil(frameBytes / packetBytes))
      packetBytes = Math.max(MIN_PACKET_BYTES, Math.ceil(frameBytes / count))
    }
    for (let i = 0; i < count; i++) take(this.packet(this.#payload(keyframe, i === 0, packetBytes), i === count - 1))
    this.framesSent++
    if (keyframe) this.keyframesSent++
    this.pictureId = (this.pictureId + 1) & 0x7fff
    this.tl0PicIdx = (this.tl0PicIdx + 1) & 0xff
    this.advance(durationMs)
  }

  #payload(keyframe: boolean, first: boolean, packetBytes: number): Buffer {
    const descriptorLength = this.#withPictureId ? 6 : 1
    const payload = Buffer.alloc(descriptorLength + packetBytes, this.framesSent & 0xff)
    payload[0] = (this.#withPictureId ? 0x80 : 0) | (first ? 0x10 : 0)
    if (this.#withPictureId) {
      // I, L and T: picture id of 15 bits, TL0PICIDX, temporal layer 0.
      payload[1] = 0xe0
      writeUint16(payload, 2, 0x8000 | this.pictureId)
      payload[4] = this.tl0PicIdx
      payload[5] = 0
    }
    if (first) this.#writeFrameHead(payload, descriptorLength, keyframe)
    return payload
  }

  #writeFrameHead(payload: Buffer, at: number, keyframe: boolean): void {
    // Frame tag: P in the lowest bit, version 0, shown, size of the first partition above.
    payload[at] = keyframe ? 0x10 : 0x11
    payload[at + 1] = 0x02
    payload[at + 2] = 0
    if (!keyframe) return
    payload.set([0x9d, 0x01, 0x2a], at + 3)
    payload.writeUInt16LE(this.width, at + 6)
    payload.writeUInt16LE(this.height, at + 8)
  }
}

/** Audio packets the size of Opus at 20 ms. */
export class SyntheticAudio extends SyntheticStream {
  constructor(options: SyntheticStreamOptions) {
    super(options, 48_000)
  }

  /** Sends one packet, and lets the media clock run for its duration. */
  frame(durationMs: number, take: TakePacket): void {
    const payload = Buffer.alloc(80)
    // TOC byte: CELT, fullband, 20 ms, mono, one frame (RFC 6716, section 3.1); the packet's number behind it.
    payload[0] = 0xf8
    writeUint32(payload, 1, this.packetsSent)
    take(this.packet(payload, false))
    this.advance(durationMs)
  }
}
