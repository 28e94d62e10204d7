import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LayerIds } from '../../../../src/media/codecs/layer-ids.js'
import { LayerThinning } from '../../../../src/media/egress/layer-thinning.js'
import { ALL_LAYERS } from '../../../../src/media/layers/layer-limits.js'
import type { StoredPacket } from '../../../../src/media/types.js'
import type { Codec } from '../../../../src/rtp/types.js'

const codec: Codec = { name: 'VP8', kind: 'video', clockRate: 90_000, channels: 1, parameters: {} }

function packet(extSeq: number, timestamp: number, marker = false): StoredPacket {
  const facts = {
    bytes: Buffer.alloc(13),
    start: 0,
    length: 13,
    headerLength: 12,
    keyframe: false,
    arrivalMs: 0,
    codec,
  }
  return { ...facts, extSeq, timestamp, marker }
}

/** Asks, and sends what is to be sent. */
function admit(thinning: LayerThinning, one: StoredPacket, ids: LayerIds | undefined): boolean {
  const admitted = thinning.admit(one, ids)
  if (admitted) thinning.pass(one)
  return admitted
}

const vp8 = (temporalId: number, pictureId: number): LayerIds =>
  Object.assign(new LayerIds(), { source: 'vp8', temporalId, pictureId, layerSync: temporalId > 0 })

/** Pictures of three packets, the layers in turn 0, 2, 1, 2; returns what went out. */
function send(
  thinning: LayerThinning,
  pictures: number,
  first: number,
  lost: (extSeq: number) => boolean = () => false,
) {
  const out: { extSeq: number; pictureId: number; source: number }[] = []
  for (let i = first; i < first + pictures; i++) {
    for (let part = 0; part < 3; part++) {
      const extSeq = 1000 + i * 3 + part
      if (lost(extSeq)) continue
      const ids = vp8([0, 2, 1, 2][i % 4] as number, (500 + i) & 0x7fff)
      if (!admit(thinning, packet(extSeq, i * 3000, part === 2), ids)) continue
      out.push({
        extSeq: thinning.extSeq(extSeq),
        pictureId: thinning.pictureId(extSeq, ids.pictureId),
        source: extSeq,
      })
    }
  }
  return out
}

test('numbers and picture ids go on without what is left out', () => {
  const thinning = new LayerThinning()
  thinning.begin(packet(1000, 0))
  const all = send(thinning, 8, 0)
  expect(all.length).toBe(24)
  thinning.filter.setLimits(ALL_LAYERS, 0)
  const base = send(thinning, 8, 8)
  expect(base.map(({ extSeq }) => extSeq)).toEqual([1024, 1025, 1026, 1027, 1028, 1029])
  expect(base.map(({ pictureId }) => pictureId)).toEqual([508, 508, 508, 509, 509, 509])
  for (const { extSeq, source } of [...all, ...base]) expect(thinning.sourceExtSeq(extSeq)).toBe(source)
  expect(thinning.leftOut).toBe(18)
  expect(thinning.holes).toBe(0)
})

test('it keeps its numbers when nothing is limited any more, until something else begins', () => {
  const thinning = new LayerThinning()
  thinning.begin(packet(1000, 0))
  thinning.filter.setLimits(ALL_LAYERS, 0)
  send(thinning, 4, 0)
  thinning.filter.setLimits(ALL_LAYERS, ALL_LAYERS)
  const after = send(thinning, 8, 4)
  expect(after[0]?.extSeq).toBe(1003)
  thinning.begin(packet(90_000, 0))
  expect(thinning.extSeq(90_000)).toBe(90_000)
})

test('what passed before keeps its numbers', () => {
  const thinning = new LayerThinning()
  thinning.begin(packet(1000, 0))
  thinning.passed(packet(1000, 6000))
  thinning.passed(packet(1002, 6000))
  thinning.filter.setLimits(ALL_LAYERS, 0)
  expect(admit(thinning, packet(1003, 9000), vp8(2, 701))).toBe(false)
  expect(admit(thinning, packet(1004, 12_000), vp8(0, 702))).toBe(true)
  expect([1001, 1002, 1004].map((n) => thinning.extSeq(n))).toEqual([1001, 1002, 1003])
  expect(thinning.pictureId(1000, 700)).toBe(700)
  expect(thinning.pictureId(1004, 702)).toBe(701)
})

test('packets lost amid a frame that is left out are left out with it', () => {
  const thinning = new LayerThinning()
  thinning.filter.setLimits(ALL_LAYERS, 0)
  thinning.begin(packet(1000, 0))
  // The middle packet of each picture that is left out.
  const out = send(
    thinning,
    8,
    0,
    (extSeq) => [1, 2, 3, 5, 6, 7].includes(Math.floor((extSeq - 1000) / 3)) && (extSeq - 1000) % 3 === 1,
  )
  expect(out.map(({ extSeq }) => extSeq)).toEqual([1000, 1001, 1002, 1003, 1004, 1005])
})

test('what is left out too late leaves an empty number, which is told', () => {
  const thinning = new LayerThinning()
  thinning.filter.setLimits(ALL_LAYERS, 0)
  thinning.begin(packet(1000, 0))
  admit(thinning, packet(1000, 0), vp8(0, 1))
  admit(thinning, packet(1002, 6000), vp8(0, 3))
  expect(admit(thinning, packet(1001, 3000), vp8(1, 2))).toBe(false)
  expect(thinning.emptyExtSeq).toBe(1001)
  expect(thinning.holes).toBe(1)
  expect([1000, 1001].map((n) => thinning.isWithheld(n))).toEqual([false, true])
  expect(thinning.sourceExtSeq(1001)).toBe(1001)
})

test('the marker that a lower spatial layer gets is remembered', () => {
  const thinning = new LayerThinning()
  const vp9 = (spatialId: number, interPredicted: boolean): LayerIds =>
    Object.assign(new LayerIds(), { source: 'vp9', spatialId, interPredicted, endOfFrame: true })
  thinning.filter.setLimits(0, ALL_LAYERS)
  thinning.begin(packet(1000, 0))
  expect(admit(thinning, packet(1000, 0), vp9(0, false))).toBe(true)
  expect(admit(thinning, packet(1001, 0, true), vp9(1, false))).toBe(false)
  expect(admit(thinning, packet(1002, 3000), vp9(0, true))).toBe(true)
  expect([1000, 1002].map((n) => thinning.setsMarker(n))).toEqual([true, true])
  expect(thinning.extSeq(1002)).toBe(1001)
})

test('a packet whose layers nothing says is always forwarded', () => {
  const thinning = new LayerThinning()
  thinning.filter.setLimits(0, 0)
  thinning.begin(packet(1000, 0))
  expect(admit(thinning, packet(1000, 0), undefined)).toBe(true)
  expect(thinning.extSeq(1000)).toBe(1000)
})

test('picture ids go on across their wrap', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x7fff }), fc.array(fc.boolean(), { maxLength: 400 }), (first, drops) => {
      const thinning = new LayerThinning()
      thinning.filter.setLimits(ALL_LAYERS, 0)
      thinning.begin(packet(1000, 0))
      let expected = first
      for (const [i, drop] of drops.entries()) {
        const id = (first + i) & 0x7fff
        if (!admit(thinning, packet(1000 + i, i * 3000), vp8(drop ? 2 : 0, id))) continue
        expect(thinning.pictureId(1000 + i, id)).toBe(expected)
        expected = (expected + 1) & 0x7fff
      }
    }),
  )
})

test('packets of pictures that are left out may come mixed, and each picture counts once', () => {
  const thinning = new LayerThinning()
  thinning.filter.setLimits(ALL_LAYERS, 0)
  thinning.begin(packet(1000, 0))
  admit(thinning, packet(1000, 0), vp8(0, 50))
  for (const [extSeq, id] of [
    [1001, 51],
    [1003, 52],
    [1002, 51],
    [1004, 52],
  ] as const) {
    expect(admit(thinning, packet(extSeq, id * 3000), vp8(id - 50, id))).toBe(false)
  }
  admit(thinning, packet(1005, 9000), vp8(0, 53))
  expect(thinning.pictureId(1005, 53)).toBe(51)
})

test('a packet that is made again has the picture id that it had, whatever ids the publisher has used since', () => {
  const picture = fc.record({
    id: fc.oneof(fc.integer({ min: 0, max: 127 }), fc.integer({ min: 0, max: 0x7fff })),
    drop: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(picture, { minLength: 2, maxLength: 300 }), (pictures) => {
      const thinning = new LayerThinning()
      thinning.filter.setLimits(ALL_LAYERS, 0)
      thinning.begin(packet(1000, 0))
      const sent: { extSeq: number; id: number; as: number }[] = []
      for (const [i, { id, drop }] of pictures.entries()) {
        const extSeq = 1000 + i
        if (!admit(thinning, packet(extSeq, i * 3000), vp8(drop ? 2 : 0, id))) continue
        sent.push({ extSeq, id, as: thinning.pictureId(extSeq, id) })
      }
      for (const { extSeq, id, as } of sent) expect(thinning.pictureId(extSeq, id)).toBe(as)
    }),
  )
})

test('it remembers as much as can be sent again', () => {
  const thinning = new LayerThinning(4096)
  thinning.begin(packet(1000, 0))
  thinning.filter.setLimits(ALL_LAYERS, 0)
  const out = send(thinning, 3000, 0)
  const oldest = 1000 + 3 * 3000 - 4096
  const kept = out.filter(({ source }) => source >= oldest)
  expect(kept.length).toBeGreaterThan(1000)
  for (const { extSeq, source } of kept) expect(thinning.sourceExtSeq(extSeq)).toBe(source)
})
