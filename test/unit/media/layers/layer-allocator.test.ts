import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type {
  Allocation,
  AllocationInput,
  LayerChange,
  VideoDemand,
  VideoPreference,
} from '../../../../src/media/layers/allocation.js'
import { LayerAllocator } from '../../../../src/media/layers/layer-allocator.js'
import type { LayerInfo } from '../../../../src/media/layers/layer-info.js'
import { ALL_LAYERS } from '../../../../src/media/layers/layer-limits.js'
import { SeededRandom } from '../../../../src/testing/seeded-random.js'

const DEAD: LayerInfo = {
  alive: false,
  bitrateBps: Number.NaN,
  fps: Number.NaN,
  width: undefined,
  height: undefined,
  sublayers: [],
}

/** A layer with three temporal layers, of 40, 60 and 100 %, or with none. */
function layer(bitrateBps: number, height?: number, temporal = false): LayerInfo {
  const parts = temporal ? [0.4, 0.6, 1] : []
  const width = height === undefined ? undefined : (height * 16) / 9
  const size = { width, height }
  const sublayers = parts.map((part, temporalId) => ({
    spatialId: 0,
    temporalId,
    bitrateBps: part * bitrateBps,
    ...size,
  }))
  return { alive: true, bitrateBps, fps: 30, width, height, sublayers }
}

const SIMULCAST = [layer(150_000, 180), layer(500_000, 360), layer(2_000_000, 720)]

/** A viewer whose estimate a test moves. */
class Viewer {
  readonly allocator = new LayerAllocator()
  readonly changes: (LayerChange & { readonly atMs: number })[] = []
  videos: { id: string; layers: LayerInfo[]; preference: VideoPreference }[]
  targetBps = 3_000_000
  maxBitrateBps = Number.POSITIVE_INFINITY
  audioBps = 40_000
  nowMs = 5000
  last: Allocation | undefined

  constructor(...videos: LayerInfo[][]) {
    this.videos = videos.map((layers, i) => ({ id: `v${i}`, layers: [...layers], preference: { paused: false } }))
  }

  allocate(): Allocation {
    const videos: VideoDemand[] = this.videos.map(({ id, layers, preference }) => ({
      id,
      preference,
      layers: layers.map((info, i) => ({ rid: 'abc'[i], info })),
    }))
    const { targetBps, maxBitrateBps, audioBps } = this
    const input: AllocationInput = { targetBps, carriedBps: targetBps, maxBitrateBps, audioBps, videos }
    this.last = this.allocator.allocate(input, this.nowMs)
    for (const change of this.last.changes) this.changes.push({ ...change, atMs: this.nowMs })
    return this.last
  }

  /** Ten decisions a second. */
  run(durationMs: number, estimate?: (atMs: number) => number): void {
    const endMs = this.nowMs + durationMs
    for (; this.nowMs < endMs; this.nowMs += 100) {
      if (estimate !== undefined) this.targetBps = estimate(this.nowMs)
      this.allocate()
    }
  }

  prefer(preference: Partial<VideoPreference>, video = 0): void {
    const it = this.videos[video]
    if (it !== undefined) it.preference = { ...it.preference, ...preference }
  }

  setLayer(index: number, info: LayerInfo, video = 0): void {
    const it = this.videos[video]
    if (it !== undefined) it.layers[index] = info
  }

  get layers(): number[] {
    return this.last?.choices.map((choice) => choice.layer) ?? []
  }

  /** The greatest number of changes within any 30 seconds; what it begins with is none. */
  get mostChanges(): number {
    const times = this.changes.filter(({ from }) => from.layer >= 0).map(({ atMs }) => atMs)
    return Math.max(0, ...times.map((from) => times.filter((atMs) => atMs >= from && atMs < from + 30_000).length))
  }
}

describe('at the beginning', () => {
  it('takes the best that fits, at once', () => {
    const viewer = new Viewer(SIMULCAST)
    viewer.targetBps = 1_000_000
    expect(viewer.allocate().choices).toEqual([{ layer: 1, spatialId: ALL_LAYERS, temporalId: ALL_LAYERS }])
    expect(viewer.changes[0]?.reason).toBe('layer-started')
  })

  it('takes the best there is where nothing limits', () => {
    const viewer = new Viewer(SIMULCAST)
    viewer.targetBps = Number.POSITIVE_INFINITY
    viewer.allocate()
    expect(viewer.layers).toEqual([2])
  })

  it('takes the only layer even if the estimate is too low for it yet, and lets go of it if that stays so', () => {
    const viewer = new Viewer([layer(2_000_000)])
    viewer.targetBps = 300_000
    viewer.run(4900)
    expect(viewer.layers).toEqual([0])
    viewer.run(500)
    expect(viewer.layers).toEqual([-1])
    expect(viewer.changes.at(-1)?.reason).toBe('bandwidth')
    viewer.targetBps = 3_000_000
    viewer.run(4000)
    expect(viewer.layers).toEqual([0])
  })

  it('takes the least while nothing has come, and goes on from there when it does', () => {
    const viewer = new Viewer([DEAD, DEAD, DEAD])
    viewer.run(1000)
    expect(viewer.layers).toEqual([0])
    expect(viewer.changes.length).toBe(1)
    viewer.videos[0]?.layers.splice(0, 3, ...SIMULCAST)
    viewer.allocate()
    expect(viewer.layers).toEqual([2])
  })

  it('takes the least of what is there while no rate is known', () => {
    const unknown = { ...layer(0), bitrateBps: Number.NaN }
    const viewer = new Viewer([DEAD, unknown, unknown])
    viewer.allocate()
    expect(viewer.layers).toEqual([1])
  })
})

describe('when the estimate falls', () => {
  it('goes down at once, to what fits', () => {
    const viewer = new Viewer(SIMULCAST)
    viewer.run(10_000)
    viewer.targetBps = 700_000
    viewer.allocate()
    expect(viewer.layers).toEqual([1])
    expect(viewer.changes.at(-1)).toMatchObject({ reason: 'bandwidth', from: { layer: 2 }, to: { layer: 1 } })
  })

  it('stays where it is within the tolerance', () => {
    const viewer = new Viewer(SIMULCAST)
    viewer.run(10_000)
    viewer.targetBps = 1_980_000
    viewer.run(5000)
    expect(viewer.layers).toEqual([2])
  })

  it('leaves out frames before the picture is gone', () => {
    const viewer = new Viewer([layer(200_000, 180, true), layer(1_000_000, 360, true)])
    viewer.run(5000)
    viewer.targetBps = 700_000
    viewer.allocate()
    expect(viewer.last?.choices[0]).toEqual({ layer: 1, spatialId: ALL_LAYERS, temporalId: 1 })
    viewer.targetBps = 170_000
    viewer.allocate()
    expect(viewer.last?.choices[0]).toEqual({ layer: 0, spatialId: ALL_LAYERS, temporalId: 1 })
    viewer.targetBps = 125_000
    viewer.allocate()
    expect(viewer.last?.choices[0]).toEqual({ layer: 0, spatialId: ALL_LAYERS, temporalId: 0 })
  })
})

describe('when the estimate rises', () => {
  it('goes up when it has been enough, with a margin, for a while', () => {
    const viewer = new Viewer(SIMULCAST)
    viewer.targetBps = 700_000
    viewer.run(10_000)
    viewer.targetBps = 2_040_000 * 1.05
    viewer.run(20_000)
    expect(viewer.layers).toEqual([1])
    viewer.targetBps = 2_040_000 * 1.08
    viewer.run(900)
    expect(viewer.layers).toEqual([1])
    viewer.run(300)
    expect(viewer.layers).toEqual([2])
  })

  it('is back at the top within seconds after a link was slow for a while', () => {
    const viewer = new Viewer(SIMULCAST)
    // Just begun, so that the way down is soon after the way up.
    viewer.run(3000, () => 1_000_000)
    viewer.run(5000, () => 3_000_000)
    expect(viewer.layers).toEqual([2])
    viewer.run(10_000, (atMs) => Math.max(700_000, 3_000_000 - (atMs - 13_000) * 2000))
    expect(viewer.layers).toEqual([1])
    viewer.run(4000, () => 3_000_000)
    expect(viewer.layers).toEqual([2])
  })

  it('waits longer after each step up that failed', () => {
    const viewer = new Viewer(SIMULCAST)
    viewer.run(3000, () => 1_000_000)
    // A link that carries the lower layer, and an estimate that learns only by trying that it does not carry the upper.
    let upAtMs = Number.POSITIVE_INFINITY
    viewer.run(300_000, (atMs) => {
      const last = viewer.changes.at(-1)
      upAtMs = last?.to.layer === 2 ? last.atMs : Number.POSITIVE_INFINITY
      return atMs > upAtMs + 2000 ? 1_700_000 : 2_500_000
    })
    const ups = viewer.changes.filter(({ to }) => to.layer === 2).map(({ atMs }) => atMs)
    const gaps = ups.slice(1).map((atMs, i) => atMs - (ups[i] as number))
    expect(gaps.length).toBeGreaterThanOrEqual(2)
    expect(gaps[0]).toBeGreaterThan(30_000)
    expect(gaps[1]).toBeGreaterThan(60_000)
    expect(viewer.mostChanges).toBeLessThanOrEqual(3)
  })
})

describe('on a steady link with an estimate that wavers by 15 %', () => {
  it('never changes more than three times in 30 seconds, whatever the link carries', () => {
    const run = fc.record({
      linkBps: fc.integer({ min: 100_000, max: 4_000_000 }),
      seed: fc.integer({ min: 1, max: 1_000_000 }),
      periodMs: fc.constantFrom(100, 300, 1000, 3000),
      temporal: fc.boolean(),
    })
    fc.assert(
      fc.property(run, ({ linkBps, seed, periodMs, temporal }) => {
        const random = new SeededRandom(seed)
        const viewer = new Viewer([
          layer(150_000, 180, temporal),
          layer(500_000, 360, temporal),
          layer(2_000_000, 720, temporal),
        ])
        let noise = 1
        viewer.run(120_000, (atMs) => {
          if (atMs % periodMs === 0) noise = 0.85 + 0.3 * random.next()
          return linkBps * noise
        })
        expect(viewer.mostChanges).toBeLessThanOrEqual(3)
      }),
      { numRuns: 60 },
    )
  })

  it('nor when it wavers slowly', () => {
    const run = fc.record({
      linkBps: fc.integer({ min: 100_000, max: 4_000_000 }),
      periodMs: fc.integer({ min: 2000, max: 60_000 }),
    })
    fc.assert(
      fc.property(run, ({ linkBps, periodMs }) => {
        const viewer = new Viewer(SIMULCAST)
        viewer.run(180_000, (atMs) => linkBps * (1 + 0.15 * Math.sin((2 * Math.PI * atMs) / periodMs)))
        expect(viewer.mostChanges).toBeLessThanOrEqual(3)
      }),
      { numRuns: 60 },
    )
  })
})

describe('a layer', () => {
  it('that ends is left at once, and taken again when it is back', () => {
    const viewer = new Viewer(SIMULCAST)
    viewer.run(10_000)
    viewer.setLayer(2, DEAD)
    viewer.allocate()
    expect(viewer.layers).toEqual([1])
    expect(viewer.changes.at(-1)?.reason).toBe('layer-ended')
    viewer.run(5000)
    viewer.setLayer(2, layer(2_000_000, 720))
    viewer.run(3000)
    expect(viewer.layers).toEqual([2])
    expect(viewer.changes.at(-1)?.reason).toBe('layer-started')
  })

  it('is kept when all of them fall silent together', () => {
    const viewer = new Viewer(SIMULCAST)
    viewer.run(5000)
    viewer.videos[0]?.layers.splice(0, 3, DEAD, DEAD, DEAD)
    viewer.run(5000)
    expect(viewer.layers).toEqual([2])
    expect(viewer.changes.length).toBe(1)
    const unknown = { ...layer(0), bitrateBps: Number.NaN }
    viewer.videos[0]?.layers.splice(0, 3, unknown, unknown, unknown)
    viewer.run(500)
    expect(viewer.layers).toEqual([2])
  })

  it('that costs as much as a better one is not chosen', () => {
    const viewer = new Viewer([layer(900_000), layer(400_000)])
    viewer.targetBps = 1_500_000
    viewer.allocate()
    expect(viewer.layers).toEqual([1])
  })

  it('that could not be switched to is left alone for a while', () => {
    const viewer = new Viewer(SIMULCAST)
    viewer.targetBps = 700_000
    viewer.run(5000)
    viewer.targetBps = 3_000_000
    viewer.run(1500)
    expect(viewer.layers).toEqual([2])
    viewer.allocator.switchFailed('v0', 2, viewer.nowMs)
    viewer.run(9000)
    expect(viewer.layers).toEqual([1])
    viewer.run(4000)
    expect(viewer.layers).toEqual([2])
  })
})

describe('what the viewer prefers', () => {
  it('holds at once, in both directions', () => {
    const viewer = new Viewer(SIMULCAST)
    viewer.allocate()
    viewer.prefer({ maxRid: 'a' })
    viewer.allocate()
    expect(viewer.layers).toEqual([0])
    expect(viewer.changes.at(-1)?.reason).toBe('preference')
    viewer.prefer({ maxRid: 'b' })
    viewer.allocate()
    expect(viewer.layers).toEqual([1])
    expect(viewer.changes.at(-1)?.reason).toBe('preference')
  })

  it('may be a size, a rate, or temporal layers', () => {
    const viewer = new Viewer(SIMULCAST)
    viewer.prefer({ maxHeight: 480 })
    viewer.allocate()
    expect(viewer.layers).toEqual([1])
    viewer.prefer({ maxBitrateBps: 200_000 })
    viewer.allocate()
    expect(viewer.layers).toEqual([0])
    const temporal = new Viewer([layer(500_000, 360, true)])
    temporal.prefer({ maxTemporalId: 1 })
    expect(temporal.allocate().choices[0]).toEqual({ layer: 0, spatialId: ALL_LAYERS, temporalId: 1 })
  })

  it('may be few frames of a large picture', () => {
    const wanted = (preference: Partial<VideoPreference>, ...layers: LayerInfo[]) => {
      const viewer = new Viewer(layers)
      viewer.targetBps = Number.POSITIVE_INFINITY
      viewer.prefer(preference)
      return viewer.allocate().choices[0]
    }
    const sublayers = [0, 1, 2].flatMap((spatialId) =>
      [0, 1, 2].map((temporalId) => ({
        spatialId,
        temporalId,
        bitrateBps: 100_000 * 3 ** spatialId * 1.5 ** temporalId,
        width: undefined,
        height: undefined,
      })),
    )
    const spatial: LayerInfo = { ...layer(2_025_000, 720), sublayers }
    expect(wanted({ maxTemporalId: 0 }, spatial)).toEqual({ layer: 0, spatialId: ALL_LAYERS, temporalId: 0 })
    expect(wanted({ maxTemporalId: 0, maxSpatialId: 1 }, spatial)).toEqual({ layer: 0, spatialId: 1, temporalId: 0 })
    const simulcast = [layer(200_000, 180, true), layer(700_000, 360, true)]
    expect(wanted({ maxTemporalId: 0 }, ...simulcast)).toEqual({ layer: 1, spatialId: ALL_LAYERS, temporalId: 0 })
  })

  it('may be a size that only a part of a layer has: each as the publisher states it, else half of the one above', () => {
    const whole = layer(3_000_000, 720)
    const parts = (heights: readonly (number | undefined)[]): LayerInfo => ({
      ...whole,
      sublayers: heights.map((height, spatialId) => ({
        spatialId,
        temporalId: 0,
        bitrateBps: [400_000, 1_000_000, 3_000_000][spatialId] as number,
        width: height && (height * 16) / 9,
        height,
      })),
    })
    const highest = (info: LayerInfo, preference: Partial<VideoPreference>): number | undefined => {
      const viewer = new Viewer([info])
      viewer.targetBps = Number.POSITIVE_INFINITY
      viewer.prefer(preference)
      return viewer.allocate().choices[0]?.spatialId
    }
    const stated = parts([180, 270, 720])
    const unstated = parts([undefined, undefined, undefined])
    expect([180, 269, 270, 300, 719].map((maxHeight) => highest(stated, { maxHeight }))).toEqual([0, 0, 1, 1, 1])
    expect([180, 269, 359, 360, 719].map((maxHeight) => highest(unstated, { maxHeight }))).toEqual([0, 0, 0, 1, 1])
    expect([479, 480].map((maxWidth) => highest(stated, { maxWidth }))).toEqual([0, 1])
    expect([639, 640].map((maxWidth) => highest(unstated, { maxWidth }))).toEqual([0, 1])
    for (const info of [stated, unstated]) expect(highest(info, { maxHeight: 720 })).toBe(ALL_LAYERS)
  })

  it('is met by the least there is if nothing meets it', () => {
    const viewer = new Viewer(SIMULCAST)
    viewer.prefer({ maxHeight: 90, maxRid: 'unknown' })
    viewer.allocate()
    expect(viewer.layers).toEqual([0])
  })

  it('may be nothing at all for now', () => {
    const viewer = new Viewer(SIMULCAST)
    viewer.run(2000)
    viewer.prefer({ paused: true })
    viewer.allocate()
    expect(viewer.layers).toEqual([-1])
    expect(viewer.changes.at(-1)?.reason).toBe('paused')
    viewer.run(2000)
    viewer.prefer({ paused: false })
    viewer.allocate()
    expect(viewer.layers).toEqual([2])
    expect(viewer.changes.at(-1)?.reason).toBe('resumed')
  })

  it('may be a rate for everything', () => {
    const viewer = new Viewer(SIMULCAST)
    viewer.run(2000)
    viewer.maxBitrateBps = 800_000
    viewer.allocate()
    expect(viewer.layers).toEqual([1])
    expect(viewer.changes.at(-1)?.reason).toBe('preference')
    expect(viewer.last?.wantedBps).toBe(800_000)
  })
})

describe('several videos', () => {
  it('get their least each before one gets more, and more in turn', () => {
    const viewer = new Viewer(SIMULCAST, SIMULCAST, SIMULCAST)
    viewer.targetBps = 500_000
    viewer.allocate()
    expect(viewer.layers).toEqual([0, 0, 0])
    const richer = new Viewer(SIMULCAST, SIMULCAST, SIMULCAST)
    richer.targetBps = 1_300_000
    richer.allocate()
    expect(richer.layers).toEqual([1, 1, 0])
  })

  it('share by priority first', () => {
    const viewer = new Viewer(SIMULCAST, SIMULCAST, SIMULCAST)
    viewer.prefer({ priority: 1 }, 2)
    viewer.targetBps = 2_500_000
    viewer.allocate()
    expect(viewer.layers).toEqual([0, 0, 2])
  })

  it('of which not all fit leave out the last', () => {
    const viewer = new Viewer(SIMULCAST, SIMULCAST, SIMULCAST)
    viewer.run(3000)
    viewer.targetBps = 360_000
    viewer.allocate()
    expect(viewer.layers).toEqual([0, 0, -1])
  })

  it('make room for one more', () => {
    const viewer = new Viewer(SIMULCAST)
    viewer.targetBps = 2_100_000
    viewer.allocate()
    expect(viewer.layers).toEqual([2])
    viewer.videos.push({ id: 'v1', layers: [...SIMULCAST], preference: { paused: false } })
    viewer.allocate()
    expect(viewer.layers).toEqual([1, 1])
  })
})

test('what is needed does not exceed the estimate for long where there is a choice', () => {
  const rate = fc.integer({ min: 50_000, max: 5_000_000 })
  const videos = fc.array(fc.array(rate, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(videos, fc.array(rate, { minLength: 1, maxLength: 6 }), (rates, estimates) => {
      const viewer = new Viewer(...rates.map((layers) => layers.map((bps) => layer(bps))))
      for (const estimate of estimates) {
        viewer.targetBps = estimate
        viewer.run(2300)
        const { neededBps = 0, wantedBps = 0, choices = [] } = viewer.last ?? {}
        const onlyLeast = choices.filter(({ layer: index }) => index >= 0).length <= 1
        if (!onlyLeast) expect(neededBps).toBeLessThanOrEqual(estimate * 1.05 + 1)
        expect(wantedBps).toBeGreaterThanOrEqual(neededBps)
      }
    }),
  )
})

test('the same input gives the same choices', () => {
  const decide = (): unknown => {
    const random = new SeededRandom(7)
    const viewer = new Viewer(SIMULCAST, SIMULCAST)
    viewer.run(60_000, () => 500_000 + 3_000_000 * random.next())
    return viewer.changes
  }
  expect(decide()).toEqual(decide())
})
