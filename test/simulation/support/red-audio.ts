/** A microphone whose packets repeat the one before (RFC 2198), as Chromium's do when red is preferred. */
import type { Codec, PayloadCodec } from '../../../src/rtp/types.js'
import type { SyntheticAudio } from '../../../src/testing/synthetic-video.js'
import { OPUS, payloadCodec } from './sections.js'

/** The payload types of redundant audio and of its blocks. */
export function redCodecs(
  redPayloadType: number,
  opusPayloadType: number,
  feedback: readonly string[] = [],
): PayloadCodec[] {
  const opus = payloadCodec(opusPayloadType, OPUS, feedback)
  const list = `${opusPayloadType}/${opusPayloadType}`
  const red: Codec = {
    ...OPUS,
    name: 'red',
    parameters: { [list]: '' },
    blocks: { payloadType: opusPayloadType, codec: opus.codec },
  }
  return [opus, payloadCodec(redPayloadType, red, feedback)]
}

/** Makes packets, each with the block of the packet before. */
export class RedAudio {
  /** The Opus frames so far. */
  readonly frames: Buffer[] = []

  constructor(
    readonly audio: SyntheticAudio,
    readonly redPayloadType: number,
    readonly opusPayloadType: number,
  ) {}

  /** The next packet: redundant, or plain Opus. */
  packet(redundant: boolean, bytes = 80): Buffer {
    const frame = Buffer.alloc(bytes, this.frames.length & 0xff)
    const before = this.frames.at(-1)
    this.frames.push(frame)
    this.audio.payloadType = redundant ? this.redPayloadType : this.opusPayloadType
    const packet = this.audio.packet(redundant ? this.#payload(frame, before) : frame, false)
    this.audio.advance(20)
    return packet
  }

  #payload(frame: Buffer, before: Buffer | undefined): Buffer {
    if (before === undefined) return Buffer.concat([Buffer.from([this.opusPayloadType]), frame])
    const head = Buffer.from([
      0x80 | this.opusPayloadType,
      960 >> 6,
      ((960 & 0x3f) << 2) | (before.length >> 8),
      before.length & 0xff,
    ])
    return Buffer.concat([head, Buffer.from([this.opusPayloadType]), before, frame])
  }
}
