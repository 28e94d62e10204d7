/** What keyframes of encoders in use say of themselves. */
import { expect, it } from 'vitest'
import { readVideoFormat } from '../../../src/recording/video-format.js'
import { vp8Keyframe } from '../../support/encoded-frames.js'

const START = '00000001'
const H264_SPS = '6742c014da0507ec0440000003004000000f03c50aa8'
const H264_PPS = '68ce3c80'
const H265_VPS = '40010c01ffff01600000030090000003000003003cba0240'
const H265_SPS = '42010101600000030090000003000003003ca00a080f165ba4a4c2f0168080000003008000000f0422'
const H265_PPS = '4401c073c18927'

const bytes = (...hex: string[]): Uint8Array => Buffer.from(hex.join(''), 'hex')

it.each([
  ['VP8', vp8Keyframe(1280, 720), 'vp8', 1280, 720],
  ['VP9', bytes('824983420013f00ef60638241c1842000d905fcdf7fbfcdf8bffc7f87ee47dfc'), 'vp09.00.21.08', 320, 240],
  ['AV1', bytes('0a0b000000043cffbcfbf900403200'), 'av01.0.00M.08', 320, 240],
  ['H264', bytes(START, H264_SPS, START, H264_PPS, START, '6588'), 'avc1.42c014', 320, 240],
  ['H265', bytes(START, H265_VPS, START, H265_SPS, START, H265_PPS), 'hvc1.1.6.L60.90', 320, 240],
])('reads %s', (codec, keyframe, codecString, width, height) => {
  expect(readVideoFormat(codec, keyframe)).toMatchObject({ codec, codecString, width, height })
})

it('has one key for pictures that one file may hold, and another for others', () => {
  const keyOf = (codec: string, frame: Uint8Array) => readVideoFormat(codec, frame)?.key
  expect(keyOf('VP8', vp8Keyframe(640, 360))).toBe(keyOf('VP8', vp8Keyframe(1280, 720)))
  const h264 = (pps: string) => bytes(START, H264_SPS, START, pps, START, '6588')
  expect(keyOf('H264', h264(H264_PPS))).toBe(keyOf('H264', h264(H264_PPS)))
  expect(keyOf('H264', h264(H264_PPS))).not.toBe(keyOf('H264', h264('68ce3c81')))
})

it.each([
  ['VP8', bytes('010000aa')],
  ['VP8', vp8Keyframe(0, 360)],
  ['VP9', bytes('00')],
  ['AV1', bytes('3200')],
  ['H264', bytes(START, '6588')],
  ['H265', bytes(START, H265_VPS, START, H265_PPS)],
  ['H265', bytes(START, H265_VPS, START, '4201', START, H265_PPS)],
  ['G722', bytes('00')],
])('knows nothing of %s without what says it', (codec, frame) => {
  expect(readVideoFormat(codec, frame)).toBeUndefined()
  expect(readVideoFormat(codec, new Uint8Array(0))).toBeUndefined()
})
