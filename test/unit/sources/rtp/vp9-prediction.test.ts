import { expect, it } from 'vitest'
import { isVp9KeyframeStart } from '../../../../src/media/codecs/vp9.js'
import { Vp9Prediction } from '../../../../src/sources/rtp/vp9-prediction.js'

/** The first byte of a frame's header: marker, profile 0, not a repetition, and whether it is a keyframe. */
const KEYFRAME = 0b1000_0000
const INTER = 0b1000_0100

/** The first and another packet of a frame as FFmpeg describes them. */
function packets(first: number): Uint8Array[] {
  return [Uint8Array.of(0x08, first, 1, 2), Uint8Array.of(0x04, 9, 9, 9)]
}

it('frames that refer to others say so afterwards, in all of their packets; keyframes stay what they are', () => {
  const prediction = new Vp9Prediction()
  const described = [KEYFRAME, INTER, INTER, KEYFRAME].flatMap((first, i) =>
    packets(first).map((packet) => {
      prediction.correct(packet, 0, packet.length, 3000 * i)
      return [(packet[0] as number) & 0x40, isVp9KeyframeStart(packet, 0, packet.length)]
    }),
  )
  expect(described).toEqual([
    [0, true],
    [0, false],
    [0x40, false],
    [0x40, false],
    [0x40, false],
    [0x40, false],
    [0, true],
    [0, false],
  ])
})

it('leaves alone what says its layers or its references, and what is no frame', () => {
  for (const flags of [0x28, 0x18, 0x48]) {
    const packet = Uint8Array.of(flags, 0, 0, INTER, 1, 2)
    new Vp9Prediction().correct(packet, 0, packet.length, 0)
    expect(packet[0]).toBe(flags)
  }
  const encrypted = Uint8Array.of(0x08, 0x44, 1, 2)
  new Vp9Prediction().correct(encrypted, 0, encrypted.length, 0)
  expect(encrypted[0]).toBe(0x08)
})
