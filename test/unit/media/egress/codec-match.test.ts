import { expect, test } from 'vitest'
import { codecsForwardable, selectPayloadCodec } from '../../../../src/media/egress/codec-match.js'
import type { Codec, CodecName } from '../../../../src/rtp/types.js'

function video(name: CodecName, parameters: Record<string, string> = {}): Codec {
  return { name, kind: 'video', clockRate: 90_000, channels: 1, parameters }
}

function h264(profile: string | undefined, mode?: string): Codec {
  return video('H264', {
    ...(profile === undefined ? {} : { 'profile-level-id': profile }),
    ...(mode === undefined ? {} : { 'packetization-mode': mode }),
  })
}

function audio(name: CodecName, clockRate: number, channels: number, parameters: Record<string, string> = {}): Codec {
  return { name, kind: 'audio', clockRate, channels, parameters }
}

test.each<[string, Codec, Codec, boolean]>([
  ['VP8 to VP8', video('VP8'), video('VP8', { 'max-fs': '3600' }), true],
  ['VP8 to VP9', video('VP8'), video('VP9'), false],
  ['VP9 profile by default', video('VP9'), video('VP9', { 'profile-id': '0' }), true],
  ['VP9 of another profile', video('VP9', { 'profile-id': '2' }), video('VP9', { 'profile-id': '0' }), false],
  ['AV1 profile by default', video('AV1', { profile: '0', 'level-idx': '5' }), video('AV1'), true],
  ['AV1 of another profile', video('AV1', { profile: '1' }), video('AV1'), false],
  ['H265 of the same profile', video('H265', { 'level-id': '93' }), video('H265', { 'profile-id': '1' }), true],
  ['H265 of another profile', video('H265', { 'profile-id': '2' }), video('H265'), false],
  ['H264 of another level', h264('42e01f', '1'), h264('42e034', '1'), true],
  ['H264 constrained baseline, spelled otherwise', h264('42c01f', '1'), h264('42E01F', '1'), true],
  ['H264 constrained baseline to main', h264('42e01f', '1'), h264('4d001f', '1'), true],
  ['H264 constrained baseline to high', h264('42e01f', '1'), h264('64001f', '1'), true],
  ['H264 baseline to high', h264('42001f', '1'), h264('64001f', '1'), false],
  ['H264 baseline to constrained baseline', h264('42001f', '1'), h264('42e01f', '1'), false],
  ['H264 main to high', h264('4d001f', '1'), h264('640c1f', '1'), false],
  ['H264 main to full high', h264('4d001f', '1'), h264('64001f', '1'), true],
  ['H264 high to constrained baseline', h264('64001f', '1'), h264('42e01f', '1'), false],
  ['H264 without a profile to baseline', h264(undefined), h264('42001f'), true],
  ['H264 high 4:4:4 to itself', h264('f4001f', '1'), h264('f40020', '1'), true],
  ['H264 high 4:4:4 to high', h264('f4001f', '1'), h264('64001f', '1'), false],
  ['H264 high to high 4:4:4', h264('64001f', '1'), h264('f4001f', '1'), true],
  ['H264 main to high 4:4:4', h264('4d001f', '1'), h264('f4001f', '1'), true],
  ['H264 baseline to high 4:4:4', h264('42001f', '1'), h264('f4001f', '1'), false],
  ['H264 high to the intra profile of high 4:4:4', h264('64001f', '1'), h264('f4101f', '1'), false],
  ['H264 mode 1 to mode 0', h264('42e01f', '1'), h264('42e01f'), false],
  ['H264 mode 0 to mode 1', h264('42e01f', '0'), h264('42e01f', '1'), true],
  ['opus with other parameters', audio('opus', 48_000, 2, { useinbandfec: '1' }), audio('opus', 48_000, 2), true],
  ['PCMU to PCMA', audio('PCMU', 8000, 1), audio('PCMA', 8000, 1), false],
  ['one channel to two', audio('opus', 48_000, 1), audio('opus', 48_000, 2), false],
])('%s', (_name, from, to, expected) => {
  expect(codecsForwardable(from, to)).toBe(expected)
})

const red = (block: Codec, payloadType: number): Codec => ({
  ...block,
  name: 'red',
  parameters: {},
  blocks: { payloadType, codec: block },
})

test('redundant audio goes out as such where its blocks can, else without its redundancy; plain audio never with', () => {
  const [opus, pcmu] = [audio('opus', 48_000, 2), audio('PCMU', 8000, 1)]
  const codecs = [opus, pcmu, red(pcmu, 101), red(opus, 100)].map((codec, i) => ({
    payloadType: 100 + i,
    codec,
    feedback: [],
  }))
  expect(selectPayloadCodec(red(opus, 5), codecs)?.payloadType).toBe(103)
  expect(selectPayloadCodec(red(pcmu, 5), codecs)?.payloadType).toBe(102)
  expect(selectPayloadCodec(red(opus, 5), codecs.slice(0, 3))?.payloadType).toBe(100)
  expect(selectPayloadCodec(red(opus, 5), codecs.slice(1, 3))).toBeUndefined()
  expect(selectPayloadCodec(opus, codecs)?.payloadType).toBe(100)
  expect(selectPayloadCodec(opus, codecs.slice(3))).toBeUndefined()
})

test('the payload type of the very same configuration is preferred to one that merely fits', () => {
  const codecs = [h264('64001f', '1'), h264('4d001f', '1'), h264('42e01f', '1')].map((codec, i) => ({
    payloadType: 100 + i,
    codec,
    feedback: [],
  }))
  expect(selectPayloadCodec(h264('42e034', '1'), codecs)?.payloadType).toBe(102)
  expect(selectPayloadCodec(h264('42e034', '1'), codecs.slice(0, 2))?.payloadType).toBe(100)
  expect(selectPayloadCodec(video('VP8'), codecs)).toBeUndefined()
})
