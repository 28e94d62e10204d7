import { expect, it } from 'vitest'
import { KnownCodecs } from '../../../../src/media/egress/known-codecs.js'
import type { Codec, PayloadCodec } from '../../../../src/rtp/types.js'

const video = { kind: 'video', clockRate: 90_000, channels: 1, parameters: {} } as const
const VP8: Codec = { ...video, name: 'VP8' }
const AV1: Codec = { ...video, name: 'AV1' }
const negotiated: PayloadCodec = { payloadType: 96, codec: VP8, feedback: [] }

it('are those that were negotiated, and no others', () => {
  const codecs = new KnownCodecs({ codecs: [negotiated] })
  expect([codecs.match(VP8), codecs.match({ ...VP8 }), codecs.match(AV1)]).toEqual([negotiated, negotiated, undefined])
})

it('are besides those that the stream names itself, each of which is asked for once', () => {
  const asked: string[] = []
  const payloadFor = (codec: Codec): PayloadCodec | undefined => {
    asked.push(codec.name)
    return codec.name === 'AV1' ? { payloadType: 45, codec, feedback: [] } : undefined
  }
  const codecs = new KnownCodecs({ codecs: [negotiated], payloadFor })
  expect([codecs.match(VP8)?.payloadType, codecs.match(AV1)?.payloadType]).toEqual([96, 45])
  const H264: Codec = { ...video, name: 'H264' }
  expect([codecs.match(AV1)?.payloadType, codecs.match(H264), codecs.match(H264)]).toEqual([45, undefined, undefined])
  expect(asked).toEqual(['AV1', 'H264'])
})
