import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readFrameFacts } from '../../../../src/media/payload/frame-facts.js'
import type { CodecName } from '../../../../src/rtp/types.js'
import { H264_PARAMETER_SETS, H265_PARAMETER_SETS, VP8_KEYFRAMES, VP9_KEYFRAMES } from '../codecs/encoded-sizes.js'
import { codecOf } from './encoded-files.js'
import { superframe, vp9Interframe, vp9IntraOnly, vp9Keyframe } from './vp9-frames.js'

const VIDEO: readonly CodecName[] = ['VP8', 'VP9', 'H264', 'H265', 'AV1']
const UNKNOWN = { keyframe: false }

function facts(name: CodecName, bytes: readonly number[] | Uint8Array): unknown {
  return readFrameFacts(codecOf(name), Uint8Array.from(bytes))
}
function fromHex(hex: string): number[] {
  return [...Buffer.from(hex, 'hex')]
}
function stream(...units: readonly (readonly number[])[]): number[] {
  return units.flatMap((unit) => [0, 0, 0, 1, ...unit])
}

describe('frame facts', () => {
  it.each(VP8_KEYFRAMES)('of %s keyframes, %i by %i', (_, width, height, hex) => {
    const frame = fromHex(hex)
    expect(facts('VP8', frame)).toEqual({ keyframe: true, width, height })
    expect(facts('VP8', [frame[0]! | 1, ...frame.slice(1)])).toEqual(UNKNOWN)
    expect(facts('VP8', frame.slice(0, 9))).toEqual(UNKNOWN)
  })

  it.each(VP9_KEYFRAMES)('of VP9 keyframes: %s, %i by %i', (_, width, height, hex) => {
    expect(facts('VP9', fromHex(hex))).toEqual({ keyframe: true, width, height })
  })

  it.each(H264_PARAMETER_SETS)('of H264 keyframes: %s, %i by %i', (_, width, height, hex) => {
    expect(facts('H264', stream(fromHex(hex), [0x68, 1], [0x65, 1]))).toEqual({ keyframe: true, width, height })
    expect(facts('H264', stream(fromHex(hex), [0x68, 1], [0x41, 1]))).toEqual({ keyframe: false, width, height })
  })

  it.each(H265_PARAMETER_SETS)('of H265 keyframes: %s, %i by %i', (_, width, height, hex) => {
    for (let type = 0; type < 48; type++) {
      const frame = stream([0x40, 1, 1], fromHex(hex), [0x44, 1, 1], [type << 1, 1, 1])
      expect(facts('H265', frame)).toEqual({ keyframe: type >= 16 && type <= 21, width, height })
    }
  })

  it('of H264 keyframes without parameter sets', () => {
    expect(facts('H264', stream([0x06, 5], [0x65, 1]))).toEqual({ keyframe: true })
  })

  it.each([
    ['a frame that refers to others', vp9Interframe(), UNKNOWN],
    ['one of another size than those', vp9Interframe(640, 360), { keyframe: false, width: 640, height: 360 }],
    ['one that is hidden and refers to none', vp9IntraOnly(640, 360), { keyframe: false, width: 640, height: 360 }],
    ['one that shows another again', [0x8a, ...vp9Keyframe(640, 360).slice(1)], UNKNOWN],
    [
      'spatial layers',
      superframe([vp9Keyframe(320, 180), vp9Interframe(640, 360)]),
      { keyframe: true, width: 640, height: 360 },
    ],
    [
      'a keyframe behind another frame',
      superframe([vp9Interframe(), vp9Keyframe(640, 360)], 4),
      { keyframe: false, width: 640, height: 360 },
    ],
    [
      'a superframe whose sizes are too large',
      [...vp9Keyframe(320, 180), 0xc1, 3, 200, 0xc1],
      { keyframe: true, width: 320, height: 180 },
    ],
    ['an index and nothing else', superframe([[], []]), UNKNOWN],
    ['no frame marker', [0x42, 0x49, 0x83, 0x42, 0, 0, 0, 0, 0, 0], UNKNOWN],
    ['no sync code', [0x82, 0x49, 0x83, 0x43, 0, 0, 0, 0, 0, 0], UNKNOWN],
  ])('of VP9: %s', (_, frame, expected) => {
    expect(facts('VP9', frame)).toEqual(expected)
  })

  const sequence = [0x0a, 11, ...fromHex('00000024c6abdf36be4010')]
  const stillSequence = [0x0a, 7, ...fromHex('1926355efb4010')]
  const size = { width: 854, height: 480 }
  it.each([
    ['a keyframe', [...sequence, 0x32, 2, 0x10, 0], { keyframe: true, ...size }],
    ['a keyframe behind a delimiter', [0x12, 0, ...sequence, 0x32, 2, 0x10, 0], { keyframe: true, ...size }],
    ['a keyframe whose header is an OBU of its own', [...sequence, 0x1a, 1, 0x10], { keyframe: true, ...size }],
    ['a keyframe without its sequence header', [0x32, 2, 0x10, 0], { keyframe: true }],
    ['a keyframe that is hidden', [...sequence, 0x32, 2, 0x00, 0], { keyframe: false, ...size }],
    ['a keyframe that is shown again', [...sequence, 0x1a, 1, 0x90], { keyframe: false, ...size }],
    ['a still picture', [...stillSequence, 0x32, 2, 0x00, 0], { keyframe: true, ...size }],
    ['another frame', [0x32, 2, 0x30, 0], UNKNOWN],
    ['a frame without bytes', [0x32, 0], UNKNOWN],
    ['an empty sequence header', [0x0a, 0, 0x32, 1, 0x10], { keyframe: true }],
    ['no frame', sequence, { keyframe: false, ...size }],
  ])('of AV1: %s', (_, frame, expected) => {
    expect(facts('AV1', frame)).toEqual(expected)
  })

  it('of audio: every frame is a keyframe', () => {
    for (const name of ['opus', 'PCMU', 'PCMA', 'G722', 'red'] as const) {
      expect(facts(name, [1])).toEqual({ keyframe: true })
    }
  })

  it.each(VIDEO)('of no %s', (name) => {
    expect(facts(name, [])).toEqual(UNKNOWN)
  })

  it('of any bytes', () => {
    const bytes = fc.array(fc.oneof(fc.nat(3), fc.nat(255)), { maxLength: 60 })
    const head = fc.constantFrom<number[]>(
      [],
      [0x82, 0x49, 0x83, 0x42],
      [0x10, 0, 0, 0x9d, 1, 0x2a],
      [0, 0, 1, 0x67],
      [0x0a],
    )
    fc.assert(
      fc.property(fc.constantFrom(...VIDEO), head, bytes, (name, start, rest) => {
        expect(facts(name, [...start, ...rest])).toHaveProperty('keyframe')
      }),
      { numRuns: 2000 },
    )
  })
})
