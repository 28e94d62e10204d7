import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Vp8RtpPayload } from 'werift'
import { isVp8KeyframeStart, readVp8FrameSize, rewriteVp8, Vp8Descriptor } from '../../../../src/media/codecs/vp8.js'
import { guarded, truncations } from '../../rtp/guarded-bytes.js'

interface Fields {
  nonReference: boolean
  startOfPartition: boolean
  partitionId: number
  pictureId: { value: number; bits: 7 | 15 } | null
  tl0PicIdx: number | null
  temporal: { id: number; layerSync: boolean } | null
  keyIdx: number | null
}

/** The descriptor of RFC 7741, section 4.2, figure 2. */
function descriptor(f: Fields): number[] {
  const extended = f.pictureId !== null || f.tl0PicIdx !== null || f.temporal !== null || f.keyIdx !== null
  const bytes = [(extended ? 0x80 : 0) | (f.nonReference ? 0x20 : 0) | (f.startOfPartition ? 0x10 : 0) | f.partitionId]
  if (!extended) return bytes
  const { pictureId, tl0PicIdx, temporal, keyIdx } = f
  bytes.push(
    (pictureId ? 0x80 : 0) | (tl0PicIdx !== null ? 0x40 : 0) | (temporal ? 0x20 : 0) | (keyIdx !== null ? 0x10 : 0),
  )
  if (pictureId?.bits === 15) bytes.push(0x80 | (pictureId.value >> 8), pictureId.value & 0xff)
  if (pictureId?.bits === 7) bytes.push(pictureId.value)
  if (tl0PicIdx !== null) bytes.push(tl0PicIdx)
  if (temporal || keyIdx !== null) {
    bytes.push(((temporal?.id ?? 0) << 6) | (temporal?.layerSync ? 0x20 : 0) | (keyIdx ?? 0))
  }
  return bytes
}

const anyFields: fc.Arbitrary<Fields> = fc.record({
  nonReference: fc.boolean(),
  startOfPartition: fc.boolean(),
  partitionId: fc.nat(7),
  pictureId: fc.option(
    fc.oneof(
      fc.record({ value: fc.nat(0x7f), bits: fc.constant(7 as const) }),
      fc.record({ value: fc.nat(0x7fff), bits: fc.constant(15 as const) }),
    ),
  ),
  tl0PicIdx: fc.option(fc.nat(255)),
  temporal: fc.option(fc.record({ id: fc.nat(3), layerSync: fc.boolean() })),
  keyIdx: fc.option(fc.nat(31)),
})

const full: Fields = {
  nonReference: false,
  startOfPartition: true,
  partitionId: 0,
  pictureId: { value: 0x1234, bits: 15 },
  tl0PicIdx: 9,
  temporal: { id: 2, layerSync: true },
  keyIdx: 3,
}

/** The first bytes of a keyframe of 640 by 360, with scaling bits that do not belong to the size. */
const keyframeData = [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x42, 0x68, 0xc1, 0x00]

describe('Vp8Descriptor', () => {
  it('reads every combination of fields', () => {
    fc.assert(
      fc.property(anyFields, fc.nat(255), (fields, firstDataByte) => {
        const head = descriptor(fields)
        const { buffer, start, end } = guarded(Buffer.from([...head, firstDataByte]))
        const parsed = new Vp8Descriptor()
        expect(parsed.parse(buffer, start, end)).toBe(true)
        expect(parsed).toMatchObject({
          nonReference: fields.nonReference,
          startOfPartition: fields.startOfPartition,
          partitionId: fields.partitionId,
          hasPictureId: fields.pictureId !== null,
          pictureId: fields.pictureId?.value ?? 0,
          pictureIdBits: fields.pictureId?.bits ?? 7,
          hasTl0PicIdx: fields.tl0PicIdx !== null,
          tl0PicIdx: fields.tl0PicIdx ?? 0,
          hasTemporalId: fields.temporal !== null,
          temporalId: fields.temporal?.id ?? 0,
          layerSync: fields.temporal?.layerSync ?? false,
          keyframe: fields.startOfPartition && fields.partitionId === 0 && (firstDataByte & 1) === 0,
          payloadOffset: start + head.length,
        })
      }),
      { numRuns: 500 },
    )
  })

  it('forgets the packet before', () => {
    const parsed = new Vp8Descriptor()
    parsed.parse(Buffer.from([...descriptor(full), 0]), 0, 8)
    const plain = { ...full, pictureId: null, tl0PicIdx: null, temporal: null, keyIdx: null, startOfPartition: false }
    parsed.parse(Buffer.from([...descriptor(plain), 0]), 0, 2)
    const fresh = new Vp8Descriptor()
    fresh.parse(Buffer.from([...descriptor(plain), 0]), 0, 2)
    expect(parsed).toEqual(fresh)
  })

  it('refuses every descriptor that is cut off, and one without data behind it', () => {
    for (const fields of [full, { ...full, pictureId: { value: 5, bits: 7 as const } }, { ...full, keyIdx: null }]) {
      for (const { buffer, start, end } of truncations(Buffer.from([...descriptor(fields), 0]))) {
        expect(new Vp8Descriptor().parse(buffer, start, end), `${end - start} bytes`).toBe(false)
      }
    }
  })

  it('agrees with werift', () => {
    fc.assert(
      // werift skips the byte of TID and KEYIDX by L instead of T, so only packets are compared where both say the same.
      fc.property(
        anyFields.filter((f) => f.keyIdx !== null || (f.tl0PicIdx !== null) === (f.temporal !== null)),
        (fields) => {
          const packet = Buffer.from([...descriptor(fields), ...keyframeData])
          const theirs = Vp8RtpPayload.deSerialize(packet)
          const ours = new Vp8Descriptor()
          expect(ours.parse(packet, 0, packet.length)).toBe(true)
          expect(packet.subarray(ours.payloadOffset)).toEqual(theirs.payload)
          if (ours.hasPictureId) expect(ours.pictureId).toBe(theirs.pictureId)
          expect(ours.keyframe).toBe(theirs.payloadHeaderExist && theirs.isKeyframe)
        },
      ),
    )
  })

  it('reads nothing outside of random bytes, and points nowhere else', () => {
    const parsed = new Vp8Descriptor()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        const { buffer, start, end } = guarded(bytes)
        const ok = parsed.parse(buffer, start, end)
        readVp8FrameSize(buffer, start, end)
        expect(isVp8KeyframeStart(buffer, start, end)).toBe(ok && parsed.keyframe)
        if (!ok) return
        expect(parsed.payloadOffset).toBeLessThan(end)
        expect(parsed.pictureIdOffset).toBeLessThan(parsed.payloadOffset)
        expect(parsed.tl0PicIdxOffset).toBeLessThan(parsed.payloadOffset)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('rewriteVp8', () => {
  it('changes picture id and TL0PICIDX and nothing else', () => {
    fc.assert(
      fc.property(anyFields, fc.nat(0x7fff), fc.nat(255), fc.nat(9), (fields, pictureId, tl0PicIdx, shift) => {
        const packet = Buffer.from([...descriptor(fields), 7, 7])
        const parsed = new Vp8Descriptor()
        expect(parsed.parse(packet, 0, packet.length)).toBe(true)
        const copy = Buffer.concat([Buffer.alloc(shift, 1), packet])
        rewriteVp8(copy, parsed, pictureId, tl0PicIdx, shift)
        const bits = fields.pictureId?.bits ?? 7
        const expected = descriptor({
          ...fields,
          pictureId: fields.pictureId && { bits, value: bits === 7 ? pictureId & 0x7f : pictureId },
          tl0PicIdx: fields.tl0PicIdx === null ? null : tl0PicIdx,
        })
        expect([...copy]).toEqual([...new Array<number>(shift).fill(1), ...expected, 7, 7])
      }),
    )
  })
})

describe('VP8 keyframes', () => {
  it('begin at the start of partition 0 with an inverse keyframe bit of zero, and nowhere else', () => {
    const starts = (head: number, data: number): boolean => isVp8KeyframeStart(Buffer.from([head, data]), 0, 2)
    expect(starts(0x10, 0x00)).toBe(true)
    expect(starts(0x10, 0x01)).toBe(false)
    expect(starts(0x00, 0x00)).toBe(false)
    expect(starts(0x11, 0x00)).toBe(false)
  })

  it('state their size', () => {
    const packet = Buffer.from([...descriptor(full), ...keyframeData])
    const { buffer, start, end } = guarded(packet)
    expect(readVp8FrameSize(buffer, start, end)).toEqual({ width: 640, height: 360 })
  })

  it('state no size when cut off, without start code, or between keyframes', () => {
    const whole = Buffer.from([...descriptor(full), ...keyframeData.slice(0, 10)])
    for (const { buffer, start, end } of truncations(whole))
      expect(readVp8FrameSize(buffer, start, end)).toBeUndefined()
    const data = whole.length - 10
    for (const at of [data + 3, data + 4, data + 5]) {
      const broken = Buffer.from(whole)
      broken[at] = 0
      expect(readVp8FrameSize(broken, 0, broken.length)).toBeUndefined()
    }
    whole[data] = 0x11
    expect(readVp8FrameSize(whole, 0, whole.length)).toBeUndefined()
  })
})
