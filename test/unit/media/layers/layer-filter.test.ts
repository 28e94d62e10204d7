import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { DependencyStream } from '../../../../src/media/codecs/dependency-stream.js'
import { LayerIds, readLayerIds } from '../../../../src/media/codecs/layer-ids.js'
import { Vp8Descriptor } from '../../../../src/media/codecs/vp8.js'
import { Vp9Descriptor } from '../../../../src/media/codecs/vp9.js'
import { LayerFilter } from '../../../../src/media/layers/layer-filter.js'
import { ALL_LAYERS } from '../../../../src/media/layers/layer-limits.js'
import { L1T3, L2T1_KEY, L2T2, type WrittenStructure, writeDescriptor } from '../codecs/dependency-bytes.js'

function ids(fields: Partial<LayerIds>): LayerIds {
  return Object.assign(new LayerIds(), fields)
}

const vp8 = (temporalId: number, layerSync = false): LayerIds => ids({ source: 'vp8', temporalId, layerSync })
const vp8Keyframe = ids({ source: 'vp8', interPredicted: false })
const vp9 = (fields: Partial<LayerIds>): LayerIds => ids({ source: 'vp9', ...fields })

/** The pattern of three temporal layers in VP8: sync frames in the first half only. */
const VP8_PATTERN = [vp8(0), vp8(2, true), vp8(1, true), vp8(2)]

/** Runs frames of one packet each through the filter; returns which of them came through. */
function pass(filter: LayerFilter, frames: readonly LayerIds[], firstTimestamp: number): boolean[] {
  return frames.map((frame, i) => filter.admit(frame, (firstTimestamp + i * 3000) >>> 0))
}

describe('a filter without limits', () => {
  it('lets everything through', () => {
    const filter = new LayerFilter()
    expect(pass(filter, [vp8Keyframe, ...VP8_PATTERN], 0)).toEqual([true, true, true, true, true])
  })
})

describe('temporal layers of VP8', () => {
  it('go down with the next picture, not amid one', () => {
    const filter = new LayerFilter()
    pass(filter, VP8_PATTERN, 0)
    expect(filter.admit(vp8(2), 12_000)).toBe(true)
    filter.setLimits(ALL_LAYERS, 0)
    expect(filter.admit(vp8(2), 12_000)).toBe(true)
    expect(filter.admit(vp8(1), 15_000)).toBe(false)
    expect(filter.admit(vp8(2), 18_000)).toBe(false)
    expect(filter.admit(vp8(0), 21_000)).toBe(true)
  })

  it('go up one by one, each at a sync frame of its own', () => {
    const filter = new LayerFilter()
    filter.setLimits(ALL_LAYERS, 0)
    filter.begin()
    expect(pass(filter, VP8_PATTERN, 0)).toEqual([true, false, false, false])
    filter.setLimits(ALL_LAYERS, 2)
    // The sync frame of layer 2 comes before layer 1 is there, and its other frames need layer 1.
    expect(pass(filter, VP8_PATTERN, 12_000)).toEqual([true, false, true, false])
    expect(filter.temporalId).toBe(1)
    expect(pass(filter, VP8_PATTERN, 24_000)).toEqual([true, true, true, true])
    expect(filter.temporalId).toBe(2)
  })

  it('do not go up at frames that are no sync frames', () => {
    const filter = new LayerFilter()
    filter.setLimits(ALL_LAYERS, 0)
    filter.begin()
    filter.setLimits(ALL_LAYERS, ALL_LAYERS)
    expect(pass(filter, [vp8(0), vp8(2), vp8(1), vp8(2)], 0)).toEqual([true, false, false, false])
    expect(filter.needsKeyframe).toBe(false)
  })

  it('are all there after a keyframe', () => {
    const filter = new LayerFilter()
    filter.setLimits(ALL_LAYERS, 0)
    filter.begin()
    filter.setLimits(ALL_LAYERS, ALL_LAYERS)
    expect(pass(filter, [vp8Keyframe, vp8(2), vp8(1)], 0)).toEqual([true, true, true])
  })

  it('have one fate per frame, however late its packets come', () => {
    const filter = new LayerFilter()
    filter.setLimits(ALL_LAYERS, 0)
    filter.begin()
    filter.setLimits(ALL_LAYERS, 1)
    expect(filter.admit(vp8(0), 0)).toBe(true)
    expect(filter.admit(vp8(1), 3000)).toBe(false)
    expect(filter.admit(vp8(0), 6000)).toBe(true)
    expect(filter.admit(vp8(1, true), 9000)).toBe(true)
    // Stragglers: of a frame that was left out, and a whole frame from before the layer was there.
    expect(filter.admit(vp8(1), 3000)).toBe(false)
    expect(filter.admit(vp8(1), 4500)).toBe(false)
    expect(filter.admit(vp8(1, true), 9000)).toBe(true)
  })

  it('keep what went out before the limit came, though it comes late', () => {
    const filter = new LayerFilter()
    filter.passed(9000)
    filter.setLimits(ALL_LAYERS, 0)
    expect(filter.admit(vp8(2), 9000)).toBe(true)
    expect(filter.admit(vp8(2), 6000)).toBe(true)
    expect(filter.admit(vp8(2), 12_000)).toBe(false)
  })

  it('work across the wrap of the timestamp', () => {
    const filter = new LayerFilter()
    filter.setLimits(ALL_LAYERS, 0)
    filter.begin()
    filter.admit(vp8(0), 0xffff_f000)
    filter.setLimits(ALL_LAYERS, 1)
    expect(filter.admit(vp8(1, true), 0x100)).toBe(true)
    expect(filter.admit(vp8(1), 0xffff_f800)).toBe(false)
  })
})

test('every VP8 frame that comes through can be decoded, whatever the limits do', () => {
  // Eight frames; layer 1 depends on itself in the second half. How many frames back what each needs lies.
  const pattern = [...VP8_PATTERN, vp8(0), vp8(2, true), vp8(1), vp8(2)]
  const needs = [[4], [1], [2], [1, 2], [4], [1], [2, 4], [1, 2]]
  const limit = fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined, freq: 3 })
  fc.assert(
    fc.property(fc.array(limit, { minLength: 20, maxLength: 200 }), (limits) => {
      const filter = new LayerFilter()
      filter.begin()
      const forwarded = new Set<number>()
      for (const [i, wanted] of limits.entries()) {
        if (wanted !== undefined) filter.setLimits(ALL_LAYERS, wanted)
        if (!filter.admit(i === 0 ? vp8Keyframe : (pattern[i % 8] as LayerIds), i * 3000)) continue
        forwarded.add(i)
        for (const back of i === 0 ? [] : (needs[i % 8] as number[])) {
          if (i - back >= 0) expect(forwarded.has(i - back)).toBe(true)
        }
      }
    }),
    { numRuns: 500 },
  )
})

describe('temporal layers of VP9', () => {
  it('go up to any layer behind a switching point of what is forwarded', () => {
    const filter = new LayerFilter()
    filter.setLimits(ALL_LAYERS, 0)
    filter.begin()
    filter.setLimits(ALL_LAYERS, 2)
    expect(filter.admit(vp9({ temporalId: 0 }), 0)).toBe(true)
    expect(filter.admit(vp9({ temporalId: 2, switchingUp: true }), 3000)).toBe(false)
    expect(filter.admit(vp9({ temporalId: 1, switchingUp: true }), 6000)).toBe(false)
    expect(filter.admit(vp9({ temporalId: 0, switchingUp: true }), 9000)).toBe(true)
    expect(filter.admit(vp9({ temporalId: 2 }), 12_000)).toBe(true)
  })
})

describe('spatial layers of VP9', () => {
  const picture = (key: boolean, layers = 3): LayerIds[] =>
    Array.from({ length: layers }, (_, spatialId) => vp9({ spatialId, interPredicted: !key, endOfFrame: true }))
  const passPicture = (filter: LayerFilter, frames: LayerIds[], timestamp: number): [boolean, boolean][] =>
    frames.map((frame) => [filter.admit(frame, timestamp), filter.endsPicture])

  it('go down with the next picture, and the marker moves to the end of what is left', () => {
    const filter = new LayerFilter()
    passPicture(filter, picture(true), 0)
    filter.setLimits(1, ALL_LAYERS)
    expect(passPicture(filter, picture(false), 3000)).toEqual([
      [true, false],
      [true, true],
      [false, false],
    ])
  })

  it('go up at a keyframe only, and say that they need one', () => {
    const filter = new LayerFilter()
    filter.setLimits(0, ALL_LAYERS)
    filter.begin()
    expect(passPicture(filter, picture(true), 0).map(([through]) => through)).toEqual([true, false, false])
    filter.setLimits(1, ALL_LAYERS)
    expect(passPicture(filter, picture(false), 3000).map(([through]) => through)).toEqual([true, false, false])
    expect(filter.needsKeyframe).toBe(true)
    expect(passPicture(filter, picture(true), 6000).map(([through]) => through)).toEqual([true, true, false])
    expect(filter.needsKeyframe).toBe(false)
  })

  it('go up with a keyframe, though its upper layers overtake the lowest, but not with one of which something was left out', () => {
    const filter = new LayerFilter()
    filter.setLimits(0, ALL_LAYERS)
    filter.begin()
    const [base, upper] = picture(true, 2) as [LayerIds, LayerIds]
    filter.admit(vp9({ interPredicted: true }), 0)
    expect(filter.admit(vp9({ spatialId: 1 }), 0)).toBe(false)
    expect(filter.admit(upper, 3000)).toBe(false)
    filter.setLimits(1, ALL_LAYERS)
    expect(filter.admit(base, 3000)).toBe(true)
    expect(filter.admit(upper, 3000)).toBe(false)
    expect(filter.admit(vp9({ spatialId: 1 }), 6000)).toBe(false)
    expect(filter.needsKeyframe).toBe(true)
    expect(filter.admit(upper, 9000)).toBe(true)
    expect(filter.admit(base, 9000)).toBe(true)
    expect(filter.endsPicture).toBe(false)
    expect(filter.admit(vp9({ spatialId: 1 }), 12_000)).toBe(true)
  })
})

describe('pictures from before a change that come behind it', () => {
  const frame = (spatialId: number): LayerIds => vp9({ spatialId, endOfFrame: true })

  it('are forwarded as what was in force then, with the marker where it was', () => {
    const filter = new LayerFilter()
    filter.setLimits(1, ALL_LAYERS)
    filter.begin()
    expect(filter.admit(vp9({ interPredicted: false }), 0)).toBe(true)
    expect(filter.admit(frame(0), 3000)).toBe(true)
    filter.setLimits(0, ALL_LAYERS)
    expect(filter.admit(frame(0), 6000)).toBe(true)
    expect(filter.endsPicture).toBe(true)
    // The rest of the picture before, which is still to have two layers.
    expect(filter.admit(frame(0), 3000)).toBe(true)
    expect(filter.endsPicture).toBe(false)
    expect(filter.admit(frame(1), 3000)).toBe(true)
    expect(filter.endsPicture).toBe(true)
    expect(filter.admit(frame(1), 6000)).toBe(false)
  })

  it('are not forwarded where less was in force then', () => {
    const filter = new LayerFilter()
    filter.setLimits(ALL_LAYERS, 0)
    filter.begin()
    filter.admit(vp8Keyframe, 0)
    filter.setLimits(ALL_LAYERS, 1)
    expect(filter.admit(vp8(1, true), 9000)).toBe(true)
    expect(filter.admit(vp8(1, true), 3000)).toBe(false)
  })
})

describe('a higher spatial limit', () => {
  it('takes no keyframe where no higher layer was there to be left out', () => {
    const filter = new LayerFilter()
    filter.setLimits(0, ALL_LAYERS)
    filter.begin()
    filter.admit(vp9({ interPredicted: false }), 0)
    filter.setLimits(1, ALL_LAYERS)
    expect(filter.needsKeyframe).toBe(false)
    expect(filter.admit(vp9({}), 3000)).toBe(true)
    expect(filter.spatialId).toBe(1)
  })
})

describe('layers by dependency descriptor', () => {
  class Sender {
    readonly stream = new DependencyStream()
    frame = 0
    constructor(readonly structure: WrittenStructure) {}

    ids(templateId: number, key = false, activeTargets?: number): LayerIds {
      const fields = { templateId, frameNumber: this.frame++, inForce: this.structure, activeTargets }
      const bytes = writeDescriptor({ ...fields, structure: key ? this.structure : undefined })
      if (!this.stream.read(bytes, 0, bytes.length, this.frame)) throw new Error('a descriptor is not understood')
      const read = new LayerIds()
      read.readDescriptor(this.stream.descriptor)
      return read
    }
  }

  it('go down and up where the stream allows it', () => {
    const sender = new Sender(L1T3)
    const filter = new LayerFilter()
    const run = (templates: readonly number[], from: number): boolean[] =>
      templates.map((template, i) => filter.admit(sender.ids(template, from + i === 0), (from + i) * 3000))
    expect(run([0, 3, 2, 4], 0)).toEqual([true, true, true, true])
    filter.setLimits(ALL_LAYERS, 0)
    expect(run([1, 3, 2, 4], 4)).toEqual([true, false, false, false])
    filter.setLimits(ALL_LAYERS, 1)
    expect(run([3, 2, 4], 8)).toEqual([false, false, false])
    expect(run([1, 3, 2, 4], 11)).toEqual([true, false, true, false])
    expect(filter.temporalId).toBe(1)
  })

  it('fall to a lower spatial layer at once where it is a part of the higher, with the marker on its end', () => {
    const sender = new Sender(L2T2)
    const filter = new LayerFilter()
    expect(filter.admit(sender.ids(0, true), 0)).toBe(true)
    expect(filter.admit(sender.ids(3), 0)).toBe(true)
    filter.setLimits(0, ALL_LAYERS)
    expect(filter.admit(sender.ids(2), 3000)).toBe(true)
    expect(filter.endsPicture).toBe(true)
    expect(filter.admit(sender.ids(5), 3000)).toBe(false)
    filter.setLimits(ALL_LAYERS, ALL_LAYERS)
    // Its base frames are no switching points for the upper layer.
    expect(filter.admit(sender.ids(1), 6000)).toBe(true)
    expect(filter.admit(sender.ids(4), 6000)).toBe(false)
    expect(filter.needsKeyframe).toBe(true)
    expect(filter.admit(sender.ids(0, true), 9000)).toBe(true)
    expect(filter.admit(sender.ids(3), 9000)).toBe(true)
    expect(filter.needsKeyframe).toBe(false)
  })

  it('wait for a keyframe where the lower layer was not forwarded with the higher', () => {
    const sender = new Sender(L2T1_KEY)
    const filter = new LayerFilter()
    expect(filter.admit(sender.ids(0, true), 0)).toBe(true)
    expect(filter.admit(sender.ids(2), 0)).toBe(true)
    expect(filter.admit(sender.ids(1), 3000)).toBe(false)
    expect(filter.admit(sender.ids(3), 3000)).toBe(true)
    filter.setLimits(0, ALL_LAYERS)
    expect(filter.admit(sender.ids(1), 6000)).toBe(false)
    expect(filter.admit(sender.ids(3), 6000)).toBe(true)
    expect(filter.needsKeyframe).toBe(true)
    expect(filter.admit(sender.ids(0, true), 9000)).toBe(true)
    expect(filter.admit(sender.ids(2), 9000)).toBe(false)
    expect(filter.admit(sender.ids(1), 12_000)).toBe(true)
  })

  it('take no keyframe for more frames, as those come by themselves', () => {
    const sender = new Sender(L1T3)
    const filter = new LayerFilter()
    filter.setLimits(ALL_LAYERS, 0)
    filter.begin()
    filter.admit(sender.ids(0, true), 0)
    expect(filter.admit(sender.ids(3), 3000)).toBe(false)
    filter.setLimits(ALL_LAYERS, ALL_LAYERS)
    expect(filter.needsKeyframe).toBe(false)
  })

  it('go up to more frames at a frame of an upper spatial layer', () => {
    const sender = new Sender(L2T2)
    const filter = new LayerFilter()
    filter.setLimits(1, 0)
    filter.begin()
    const picture = (timestamp: number, ...templates: number[]): boolean[] =>
      templates.map((template, i) => filter.admit(sender.ids(template, timestamp === 0 && i === 0), timestamp))
    expect(picture(0, 0, 3)).toEqual([true, true])
    expect(picture(3000, 2, 5)).toEqual([false, false])
    filter.setLimits(1, 1)
    expect(filter.needsKeyframe).toBe(false)
    // The base frame lets only receivers of the base layer go on with more.
    expect(picture(6000, 1, 4)).toEqual([true, true])
    expect(filter.temporalId).toBe(1)
    expect(picture(9000, 2, 5)).toEqual([true, true])
  })

  it('fall and rise at once where both are wanted', () => {
    const sender = new Sender(L2T2)
    const filter = new LayerFilter()
    filter.setLimits(1, 0)
    filter.begin()
    expect(filter.admit(sender.ids(0, true), 0)).toBe(true)
    expect(filter.admit(sender.ids(3), 0)).toBe(true)
    filter.setLimits(0, 1)
    expect(filter.needsKeyframe).toBe(false)
    expect(filter.admit(sender.ids(1), 6000)).toBe(true)
    expect(filter.endsPicture).toBe(true)
    expect(filter.admit(sender.ids(4), 6000)).toBe(false)
    expect(filter.admit(sender.ids(2), 9000)).toBe(true)
  })

  it('do not fall amid a picture', () => {
    const sender = new Sender(L2T2)
    const filter = new LayerFilter()
    filter.admit(sender.ids(0, true), 0)
    filter.admit(sender.ids(3), 0)
    // Overtaken by the frame of the upper layer.
    const base = sender.frame++
    expect(filter.admit(sender.ids(4), 6000)).toBe(true)
    filter.setLimits(0, ALL_LAYERS)
    sender.frame = base
    expect(filter.admit(sender.ids(1), 6000)).toBe(true)
    expect(filter.endsPicture).toBe(false)
    expect(filter.spatialId).toBe(1)
  })

  it('follow what is still produced when the sender gives a layer up', () => {
    const sender = new Sender(L2T2)
    const filter = new LayerFilter()
    filter.admit(sender.ids(0, true), 0)
    filter.admit(sender.ids(3), 0)
    expect(filter.spatialId).toBe(1)
    expect(filter.admit(sender.ids(2, false, 0b0011), 3000)).toBe(true)
    expect(filter.spatialId).toBe(0)
  })

  it('were all forwarded when a filter meets them amid a sequence', () => {
    const sender = new Sender(L2T1_KEY)
    const filter = new LayerFilter()
    sender.ids(0, true)
    filter.passed(0)
    filter.setLimits(0, ALL_LAYERS)
    // The lower one was not decoded, so it cannot be gone on with.
    expect(filter.admit(sender.ids(1), 3000)).toBe(false)
    expect(filter.admit(sender.ids(3), 3000)).toBe(true)
  })
})

test('reading layers from descriptors says undefined where there are none', () => {
  const packet = { descriptor: undefined, vp8: new Vp8Descriptor(), vp9: new Vp9Descriptor() }
  expect(readLayerIds(packet, undefined, new LayerIds())).toBeUndefined()
  // X; I, T and K; picture id 5; TID 2 with Y; a frame behind.
  const withLayers = Buffer.from([0x90, 0xa0, 0x05, 0xa0, 0x01])
  packet.vp8.parse(withLayers, 0, withLayers.length)
  const found = readLayerIds({ ...packet, descriptor: 'vp8' }, undefined, new LayerIds())
  expect([found?.temporalId, found?.layerSync, found?.pictureId]).toEqual([2, true, 5])
  const without = Buffer.from([0x90, 0x80, 0x05, 0x01])
  packet.vp8.parse(without, 0, without.length)
  expect(readLayerIds({ ...packet, descriptor: 'vp8' }, undefined, new LayerIds())).toBeUndefined()
  // A dependency descriptor stands in for what the payload's own does not say, and the picture id is still the payload's.
  const stream = new DependencyStream()
  const descriptor = writeDescriptor({ templateId: 0, frameNumber: 1, structure: L1T3 })
  stream.read(descriptor, 0, descriptor.length, 1)
  const both = readLayerIds({ ...packet, descriptor: 'vp8' }, stream.descriptor, new LayerIds())
  expect([both?.source, both?.pictureId]).toEqual(['descriptor', 5])
  packet.vp8.parse(withLayers, 0, withLayers.length)
  expect(readLayerIds({ ...packet, descriptor: 'vp8' }, stream.descriptor, new LayerIds())?.source).toBe('vp8')
  // I, P, L, F, B, E; picture id 1; TID 1, U, SID 2, D; a reference; data.
  const flexible = Buffer.from([0xfc, 0x01, 0x35, 0x02, 0x00])
  packet.vp9.parse(flexible, 0, flexible.length)
  const vp9Ids = readLayerIds({ ...packet, descriptor: 'vp9' }, undefined, new LayerIds())
  expect([vp9Ids?.temporalId, vp9Ids?.spatialId, vp9Ids?.switchingUp, vp9Ids?.interLayerPredicted]).toEqual([
    1,
    2,
    true,
    true,
  ])
  expect([vp9Ids?.flexible, vp9Ids?.endOfFrame]).toEqual([true, true])
})
