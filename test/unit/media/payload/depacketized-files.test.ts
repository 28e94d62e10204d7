import { describe, expect, it } from 'vitest'
import { createDepacketizer } from '../../../../src/media/payload/create-depacketizer.js'
import { createPacketizer } from '../../../../src/media/payload/create-packetizer.js'
import { ENCODED_FILES } from './encoded-files.js'
import { av1UnitsOf, nalUnitsOf } from './reassembly.js'

/** A frame as it should come out. */
function canonical(codec: string, frame: Buffer): Buffer {
  if (codec === 'H264' || codec === 'H265') {
    return Buffer.concat(nalUnitsOf(codec, frame).flatMap((unit) => [Buffer.of(0, 0, 0, 1), unit]))
  }
  return codec === 'AV1' ? Buffer.concat(av1UnitsOf(frame).map(sizedObu)) : frame
}

function sizedObu(unit: Buffer): Buffer {
  const headerLength = (unit[0]! & 4) === 0 ? 1 : 2
  const size = unit.length - headerLength
  const sizeBytes = size < 128 ? [size] : [(size & 127) | 128, size >> 7]
  if (size >= 128 * 128) throw new Error('larger than is written here')
  return Buffer.from([unit[0]! | 2, ...unit.subarray(1, headerLength), ...sizeBytes, ...unit.subarray(headerLength)])
}

describe.each(ENCODED_FILES)('$name', ({ codec, frames, keyframes }) => {
  it.each([16, 100, 1188, 65_000])('comes out of payloads of %i bytes in its canonical form', (limit) => {
    const packetizer = createPacketizer(codec)
    const depacketizer = createDepacketizer(codec)
    for (const [i, frame] of frames.entries()) {
      const received = depacketizer.depacketize(packetizer.packetize(frame, keyframes.includes(i), limit))
      expect(Buffer.from(received ?? [])).toEqual(canonical(codec.name, frame))
    }
  })
})
