import { describe, expect, it } from 'vitest'
import { beginsFrame, beginsKeyframe } from '../../../../src/media/payload/begins-frame.js'
import type { CodecName } from '../../../../src/rtp/types.js'
import { codecOf } from './depacketized.js'

const H264_SPS = [0x67, 0x42]
const FIRST_SLICE = [0x41, 0x9a]
const LATER_SLICE = [0x41, 0x1a]
const sized = (unit: readonly number[]): number[] => [0, unit.length, ...unit]

describe.each<[CodecName, readonly (readonly [string, readonly number[], boolean])[]]>([
  [
    'VP8',
    [
      ['partition 0', [0x10, 0x11], true],
      ['another partition', [0x11, 0x11], false],
      ['the rest of one', [0x00, 0x11], false],
      ['nothing', [0x10], false],
    ],
  ],
  [
    'VP9',
    [
      ['a frame', [0x08, 1], true],
      ['the rest of one', [0x04, 1], false],
      ['the base layer', [0x28, 0x00, 0, 1], true],
      ['a higher layer', [0x28, 0x03, 0, 1], false],
    ],
  ],
  [
    'AV1',
    [
      ['a sequence', [0x18, 0x08, 1], true],
      ['an OBU of any kind', [0x10, 0x30, 1], false],
      ['the rest of one', [0x90, 1], false],
    ],
  ],
  [
    'H264',
    [
      ['an SPS', H264_SPS, true],
      ['a delimiter', [0x09, 0xf0], true],
      ['a PPS', [0x68, 0xce], false],
      ['an aggregate of SEI and SPS', [0x78, ...sized([6, 5]), ...sized(H264_SPS)], true],
      ['an aggregate of SEI and a slice', [0x78, ...sized([6, 5]), ...sized(FIRST_SLICE)], true],
      ['the first slice', FIRST_SLICE, true],
      ['a later slice', LATER_SLICE, false],
      ['the first slice of an IDR', [0x65, 0x88], true],
      ['a later slice of an IDR', [0x65, 0x48], false],
      ['a slice without anything in it', [0x65], false],
      ['the first fragment of the first slice', [0x7c, 0x85, 0x88], true],
      ['the first fragment of a later slice', [0x7c, 0x85, 0x48], false],
      ['a later fragment', [0x7c, 0x05, 0x88], false],
      ['nothing', [], false],
    ],
  ],
  [
    'H265',
    [
      ['a VPS', [0x40, 1, 0x0c], true],
      ['an SPS', [0x42, 1, 0x01], true],
      ['a PPS', [0x44, 1, 0xc1], false],
      ['the first slice', [0x02, 1, 0xd0], true],
      ['a later slice', [0x02, 1, 0x50], false],
      ['the first fragment of the first slice', [0x62, 1, 0x93, 0xaf], true],
      ['the first fragment of a later slice', [0x62, 1, 0x93, 0x2f], false],
      ['a later fragment', [0x62, 1, 0x13, 0xaf], false],
    ],
  ],
  ['opus', [['anything', [0xf8], true]]],
])('the payload begins a frame of %s', (name, cases) => {
  it.each(cases)('%s', (_, payload, expected) => {
    expect(beginsFrame(codecOf(name), Uint8Array.from(payload))).toBe(expected)
  })
})

describe.each<[CodecName, readonly (readonly [string, readonly number[], boolean])[]]>([
  [
    'VP8',
    [
      ['a keyframe', [0x10, 0x10], true],
      ['another frame', [0x10, 0x11], false],
    ],
  ],
  ['AV1', [['a sequence', [0x18, 0x08, 1], true]]],
  [
    'H264',
    [
      ['an SPS', H264_SPS, true],
      ['an aggregate of SPS and IDR', [0x78, ...sized(H264_SPS), ...sized([0x65, 0x88])], true],
      ['an IDR', [0x65, 0x88], false],
      ['a delimiter', [0x09, 0xf0], false],
    ],
  ],
  [
    'H265',
    [
      ['a VPS', [0x40, 1, 0x0c], true],
      ['an IDR', [0x26, 1, 0xaf], false],
    ],
  ],
  ['opus', [['anything', [0xf8], false]]],
])('the payload begins a whole keyframe of %s', (name, cases) => {
  it.each(cases)('%s', (_, payload, expected) => {
    expect(beginsKeyframe(codecOf(name), Uint8Array.from(payload))).toBe(expected)
  })
})
