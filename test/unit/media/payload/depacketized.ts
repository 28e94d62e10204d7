/** What a depacketizer makes of payloads written as plain bytes. */
import { createDepacketizer } from '../../../../src/media/payload/create-depacketizer.js'
import type { Depacketizer } from '../../../../src/media/payload/types.js'
import type { Codec, CodecName } from '../../../../src/rtp/types.js'

export type Bytes = readonly number[]

/** A codec of that name, as an SDP would say it. */
export function codecOf(name: CodecName, parameters: Readonly<Record<string, string>> = {}): Codec {
  const isVideo = ['VP8', 'VP9', 'H264', 'H265', 'AV1'].includes(name)
  const codec: Codec = {
    name,
    kind: isVideo ? 'video' : 'audio',
    clockRate: isVideo ? 90_000 : name === 'opus' || name === 'red' ? 48_000 : 8000,
    channels: name === 'opus' || name === 'red' ? 2 : 1,
    parameters,
  }
  return name === 'red' ? { ...codec, blocks: { payloadType: 111, codec: codecOf('opus') } } : codec
}

/** The frame as an array of its bytes, undefined for what is malformed. */
export function depacketized(
  depacketizer: CodecName | Depacketizer,
  ...payloads: readonly Bytes[]
): number[] | undefined {
  const target = typeof depacketizer === 'string' ? createDepacketizer(codecOf(depacketizer)) : depacketizer
  const frame = target.depacketize(payloads.map((payload) => Uint8Array.from(payload)))
  return frame && [...frame]
}
