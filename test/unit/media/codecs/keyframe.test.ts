import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isKeyframeStart } from '../../../../src/media/codecs/keyframe.js'
import type { Codec, CodecName } from '../../../../src/rtp/types.js'
import { guarded } from '../../rtp/guarded-bytes.js'

const VIDEO: readonly CodecName[] = ['VP8', 'VP9', 'H264', 'H265', 'AV1']
const AUDIO: readonly CodecName[] = ['opus', 'PCMU', 'PCMA', 'G722']

function codec(name: CodecName): Codec {
  return AUDIO.includes(name)
    ? { name, kind: 'audio', clockRate: 48_000, channels: 2, parameters: {} }
    : { name, kind: 'video', clockRate: 90_000, channels: 1, parameters: {} }
}

/** The first payload of a keyframe, and one of another frame. */
const samples: Record<string, [keyframe: number[], other: number[]]> = {
  VP8: [
    [0x10, 0x00],
    [0x10, 0x01],
  ],
  VP9: [
    [0x08, 0x82],
    [0x48, 0x86],
  ],
  H264: [
    [0x67, 0x42],
    [0x41, 0x9a],
  ],
  H265: [
    [0x40, 0x01],
    [0x02, 0x01],
  ],
  AV1: [
    [0x18, 0x0a],
    [0x10, 0x30],
  ],
}

describe('isKeyframeStart', () => {
  it.each(VIDEO)('tells keyframes of %s from other frames', (name) => {
    const [keyframe, other] = samples[name] as [number[], number[]]
    expect(isKeyframeStart(codec(name), Buffer.from([9, ...keyframe, 9]), 1, 3)).toBe(true)
    expect(isKeyframeStart(codec(name), Buffer.from([9, ...other, 9]), 1, 3)).toBe(false)
  })

  it.each(VIDEO)('is false for an empty payload of %s', (name) => {
    expect(isKeyframeStart(codec(name), Buffer.alloc(0), 0, 0)).toBe(false)
  })

  it.each(AUDIO)('is always true for %s', (name) => {
    expect(isKeyframeStart(codec(name), Buffer.from([1, 2, 3]), 0, 3)).toBe(true)
    expect(isKeyframeStart(codec(name), Buffer.alloc(0), 0, 0)).toBe(true)
  })

  it('is a function of the payload alone: what lies around it changes nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom(...VIDEO), fc.uint8Array({ maxLength: 40 }), (name, bytes) => {
        const { buffer, start, end } = guarded(bytes)
        const alone = isKeyframeStart(codec(name), bytes, 0, bytes.length)
        expect(isKeyframeStart(codec(name), buffer, start, end)).toBe(alone)
      }),
      { numRuns: 1000 },
    )
  })
})
