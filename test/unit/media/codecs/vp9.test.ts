import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Vp9RtpPayload } from 'werift'
import { isVp9KeyframeStart, rewriteVp9, Vp9Descriptor } from '../../../../src/media/codecs/vp9.js'
import { readVp9FrameSize } from '../../../../src/media/codecs/vp9-frame-size.js'
import { guarded, truncations } from '../../rtp/guarded-bytes.js'

interface Structure {
  sizes: Array<[number, number]> | null
  /** Where sizes are not sent, how many layers there are all the same. */
  layers: number
  /** Reference counts of the pictures in the group. */
  group: number[] | null
}

interface Fields {
  interPredicted: boolean
  flexible: boolean
  startOfFrame: boolean
  endOfFrame: boolean
  notReferenceForUpper: boolean
  pictureId: { value: number; bits: 7 | 15 } | null
  layer: { temporalId: number; switchingUp: boolean; spatialId: number; interLayerPredicted: boolean } | null
  tl0PicIdx: number
  references: number[]
  structure: Structure | null
}

/** The descriptor of RFC 9628, section 4.2, figures 2 and 3. */
function descriptor(f: Fields): number[] {
  const bit = (set: boolean, mask: number): number => (set ? mask : 0)
  const bytes = [
    bit(f.pictureId !== null, 0x80) |
      bit(f.interPredicted, 0x40) |
      bit(f.layer !== null, 0x20) |
      bit(f.flexible, 0x10) |
      bit(f.startOfFrame, 0x08) |
      bit(f.endOfFrame, 0x04) |
      bit(f.structure !== null, 0x02) |
      bit(f.notReferenceForUpper, 0x01),
  ]
  if (f.pictureId?.bits === 15) bytes.push(0x80 | (f.pictureId.value >> 8), f.pictureId.value & 0xff)
  if (f.pictureId?.bits === 7) bytes.push(f.pictureId.value)
  if (f.layer) {
    const { temporalId, switchingUp, spatialId, interLayerPredicted } = f.layer
    bytes.push((temporalId << 5) | bit(switchingUp, 0x10) | (spatialId << 1) | bit(interLayerPredicted, 0x01))
    if (!f.flexible) bytes.push(f.tl0PicIdx)
  }
  if (f.flexible && f.interPredicted) {
    for (const [i, difference] of f.references.entries()) {
      bytes.push((difference << 1) | bit(i + 1 < f.references.length, 0x01))
    }
  }
  if (f.structure) {
    const { sizes, layers, group } = f.structure
    bytes.push((((sizes?.length ?? layers) - 1) << 5) | bit(sizes !== null, 0x10) | bit(group !== null, 0x08))
    for (const [width, height] of sizes ?? []) bytes.push(width >> 8, width & 0xff, height >> 8, height & 0xff)
    if (group) {
      bytes.push(group.length)
      for (const references of group) bytes.push(references << 2, ...new Array<number>(references).fill(1))
    }
  }
  return bytes
}

const anyFields: fc.Arbitrary<Fields> = fc.record({
  interPredicted: fc.boolean(),
  flexible: fc.boolean(),
  startOfFrame: fc.boolean(),
  endOfFrame: fc.boolean(),
  notReferenceForUpper: fc.boolean(),
  pictureId: fc.option(
    fc.oneof(
      fc.record({ value: fc.nat(0x7f), bits: fc.constant(7 as const) }),
      fc.record({ value: fc.nat(0x7fff), bits: fc.constant(15 as const) }),
    ),
  ),
  layer: fc.option(
    fc.record({
      temporalId: fc.nat(7),
      switchingUp: fc.boolean(),
      spatialId: fc.nat(7),
      interLayerPredicted: fc.boolean(),
    }),
  ),
  tl0PicIdx: fc.nat(255),
  references: fc.array(fc.nat(127), { minLength: 1, maxLength: 3 }),
  structure: fc.option(
    fc.record({
      sizes: fc.option(fc.array(fc.tuple(fc.nat(0xffff), fc.nat(0xffff)), { minLength: 1, maxLength: 8 })),
      layers: fc.integer({ min: 1, max: 8 }),
      group: fc.option(fc.array(fc.nat(3), { maxLength: 10 })),
    }),
  ),
})

const full: Fields = {
  interPredicted: false,
  flexible: false,
  startOfFrame: true,
  endOfFrame: false,
  notReferenceForUpper: false,
  pictureId: { value: 0x1234, bits: 15 },
  layer: { temporalId: 0, switchingUp: false, spatialId: 0, interLayerPredicted: false },
  tl0PicIdx: 9,
  references: [],
  structure: {
    sizes: [
      [320, 180],
      [640, 360],
      [1280, 720],
    ],
    layers: 3,
    group: [0, 1, 2],
  },
}

function startsKeyframe(change: Partial<Fields>): boolean {
  const packet = Buffer.from([...descriptor({ ...full, ...change }), 0x82])
  return isVp9KeyframeStart(packet, 0, packet.length)
}

describe('Vp9Descriptor', () => {
  it('reads every combination of fields, in both modes', () => {
    fc.assert(
      fc.property(anyFields, (fields) => {
        const head = descriptor(fields)
        const { buffer, start, end } = guarded(Buffer.from([...head, 0x82]))
        const parsed = new Vp9Descriptor()
        expect(parsed.parse(buffer, start, end)).toBe(true)
        const hasTl0PicIdx = fields.layer !== null && !fields.flexible
        expect(parsed).toMatchObject({
          interPredicted: fields.interPredicted,
          flexible: fields.flexible,
          startOfFrame: fields.startOfFrame,
          endOfFrame: fields.endOfFrame,
          notReferenceForUpper: fields.notReferenceForUpper,
          hasPictureId: fields.pictureId !== null,
          pictureId: fields.pictureId?.value ?? 0,
          pictureIdBits: fields.pictureId?.bits ?? 7,
          hasLayerIds: fields.layer !== null,
          temporalId: fields.layer?.temporalId ?? 0,
          switchingUp: fields.layer?.switchingUp ?? false,
          spatialId: fields.layer?.spatialId ?? 0,
          interLayerPredicted: fields.layer?.interLayerPredicted ?? false,
          hasTl0PicIdx,
          tl0PicIdx: hasTl0PicIdx ? fields.tl0PicIdx : 0,
          keyframe: fields.startOfFrame && !fields.interPredicted && (fields.layer?.spatialId ?? 0) === 0,
          payloadOffset: start + head.length,
        })
        expect(readVp9FrameSize(buffer, start, end)).toEqual(sizeOf(fields))
      }),
      { numRuns: 500 },
    )
  })

  function sizeOf({ structure }: Fields): { width: number; height: number } | undefined {
    const largest = structure?.sizes?.at(-1)
    return largest?.every((length) => length > 0) ? { width: largest[0], height: largest[1] } : undefined
  }

  it('refuses every descriptor that is cut off, and one without data behind it', () => {
    const inter = { ...full, interPredicted: true, flexible: true, references: [1, 2, 3] }
    for (const fields of [full, inter, { ...full, pictureId: { value: 5, bits: 7 as const }, structure: null }]) {
      for (const { buffer, start, end } of truncations(Buffer.from([...descriptor(fields), 0x82]))) {
        expect(new Vp9Descriptor().parse(buffer, start, end), `${end - start} bytes`).toBe(false)
        expect(readVp9FrameSize(buffer, start, end)).toBeUndefined()
      }
    }
  })

  it('agrees with werift', () => {
    fc.assert(
      fc.property(anyFields, (fields) => {
        const packet = Buffer.from([...descriptor(fields), 0x82, 0x49])
        const theirs = Vp9RtpPayload.deSerialize(packet)
        const ours = new Vp9Descriptor()
        expect(ours.parse(packet, 0, packet.length)).toBe(true)
        expect(packet.subarray(ours.payloadOffset)).toEqual(theirs.payload)
        expect(ours.keyframe).toBe(theirs.isKeyframe)
        if (ours.hasPictureId) expect(ours.pictureId).toBe(theirs.pictureId)
        if (ours.hasTl0PicIdx) expect(ours.tl0PicIdx).toBe(theirs.tl0PicIdx)
      }),
    )
  })

  it('reads nothing outside of random bytes, and points nowhere else', () => {
    const parsed = new Vp9Descriptor()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
        const { buffer, start, end } = guarded(bytes)
        const ok = parsed.parse(buffer, start, end)
        readVp9FrameSize(buffer, start, end)
        expect(isVp9KeyframeStart(buffer, start, end)).toBe(ok && parsed.keyframe)
        if (!ok) return
        expect(parsed.payloadOffset).toBeLessThan(end)
        for (const offset of [parsed.pictureIdOffset, parsed.tl0PicIdxOffset, parsed.structureOffset]) {
          expect(offset).toBeLessThan(parsed.payloadOffset)
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('rewriteVp9', () => {
  it('changes picture id and TL0PICIDX and nothing else', () => {
    fc.assert(
      fc.property(anyFields, fc.nat(0x7fff), fc.nat(255), fc.nat(9), (fields, pictureId, tl0PicIdx, shift) => {
        const packet = Buffer.from([...descriptor(fields), 7, 7])
        const parsed = new Vp9Descriptor()
        expect(parsed.parse(packet, 0, packet.length)).toBe(true)
        const copy = Buffer.concat([Buffer.alloc(shift, 1), packet])
        rewriteVp9(copy, parsed, pictureId, tl0PicIdx, shift)
        const bits = fields.pictureId?.bits ?? 7
        const expected = descriptor({
          ...fields,
          pictureId: fields.pictureId && { bits, value: bits === 7 ? pictureId & 0x7f : pictureId },
          tl0PicIdx,
        })
        expect([...copy]).toEqual([...new Array<number>(shift).fill(1), ...expected, 7, 7])
      }),
    )
  })
})

describe('VP9 keyframes', () => {
  it('begin at the base layer of a picture without inter-picture prediction, and nowhere else', () => {
    const layer = { temporalId: 0, switchingUp: false, spatialId: 0, interLayerPredicted: false }
    expect(startsKeyframe({})).toBe(true)
    expect(startsKeyframe({ layer: null })).toBe(true)
    expect(startsKeyframe({ flexible: true })).toBe(true)
    expect(startsKeyframe({ interPredicted: true })).toBe(false)
    expect(startsKeyframe({ startOfFrame: false })).toBe(false)
    expect(startsKeyframe({ layer: { ...layer, spatialId: 1, interLayerPredicted: true } })).toBe(false)
  })

  it('state the size of their largest layer', () => {
    const packet = Buffer.from([...descriptor(full), 0x82])
    expect(readVp9FrameSize(packet, 0, packet.length)).toEqual({ width: 1280, height: 720 })
  })
})
