import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { LayerInfo } from '../../../../src/media/layers/layer-info.js'
import { LayerOrder } from '../../../../src/media/layers/layer-order.js'

interface Facts {
  readonly height?: number | undefined
  readonly bps?: number
  readonly alive?: boolean
}

function info({ height, bps = Number.NaN, alive = true }: Facts): LayerInfo {
  const width = height === undefined ? undefined : (height * 16) / 9
  return { alive, bitrateBps: alive ? bps : Number.NaN, fps: 30, width, height, sublayers: [] }
}

/** Layers by name, as their publisher has named them, asked about ten times a second. */
class Video {
  nowMs = 10_000
  order: string
  /** Every other order that it had, and after how long. */
  readonly changes: [order: string, afterMs: number][] = []
  readonly #layers: Map<string, Facts>
  readonly #names: string
  readonly #order: LayerOrder

  constructor(layers: Readonly<Record<string, Facts>>) {
    this.#layers = new Map(Object.entries(layers))
    this.#names = [...this.#layers.keys()].join('')
    this.#order = new LayerOrder(this.#names.length)
    this.order = this.#names
    this.run(0)
  }

  set(layers: Readonly<Record<string, Facts>>): void {
    for (const [name, facts] of Object.entries(layers)) this.#layers.set(name, { ...this.#layers.get(name), ...facts })
  }

  run(durationMs: number): string {
    const startMs = this.nowMs
    const endMs = startMs + durationMs
    for (; this.nowMs <= endMs; this.nowMs += 100) {
      const order = this.#order.update([...this.#layers.values()].map(info), this.nowMs)
      const names = order.map((layer) => this.#names[layer]).join('')
      if (names !== this.order) this.changes.push([names, this.nowMs - startMs])
      this.order = names
    }
    return this.order
  }
}

const L = { height: 180, bps: 150_000 }
const M = { height: 360, bps: 500_000 }
const H = { height: 720, bps: 2_000_000 }

describe('at the beginning', () => {
  it.each(['lmh', 'hml', 'mhl', 'hlm'])('sizes decide at once, whatever the publisher prefers: %s', (named) => {
    const facts: Record<string, Facts> = { l: L, m: M, h: H }
    expect(new Video(Object.fromEntries([...named].map((name) => [name, facts[name] as Facts]))).order).toBe('lmh')
  })

  it('rates decide where a layer does not say its size', () => {
    expect(new Video({ h: { bps: 2_000_000 }, m: { bps: 500_000 }, l: L }).order).toBe('lmh')
    expect(new Video({ h: { bps: 2_000_000 }, m: { ...M, bps: 500_000 }, l: { ...H, bps: 100_000 } }).order).toBe('lmh')
  })

  it('rates decide between layers of one size', () => {
    expect(new Video({ h: { ...H, bps: 2_000_000 }, l: { ...H, bps: 500_000 }, s: L }).order).toBe('slh')
  })

  it('rates that are nearly the same decide nothing', () => {
    expect(new Video({ a: { bps: 600_000 }, b: { bps: 500_000 } }).run(60_000)).toBe('ab')
  })

  it('nothing is known of layers that have not come yet, and they stay where they were named', () => {
    const video = new Video({ h: { alive: false }, m: { alive: false }, l: { alive: false } })
    expect(video.run(1000)).toBe('hml')
    video.set({ l: { alive: true, ...L } })
    expect(video.run(1000)).toBe('hml')
    video.set({ m: { alive: true, ...M } })
    expect(video.run(0)).toBe('hlm')
    video.set({ h: { alive: true, ...H } })
    expect(video.run(0)).toBe('lmh')
  })

  it('the size of a layer that is silent is as good as any', () => {
    expect(new Video({ h: { ...H, alive: false }, m: { ...M, alive: false }, l: L }).order).toBe('lmh')
  })

  it('a layer that never came does not keep sizes from deciding', () => {
    const video = new Video({ x: { alive: false }, m: { ...M, bps: 100_000 }, l: { ...L, bps: 900_000 } })
    expect(video.order).toBe('xlm')
  })
})

describe('later', () => {
  it('sizes have to say the contrary for two seconds', () => {
    const video = new Video({ l: L, m: M, h: H })
    video.set({ l: { height: 1080 } })
    expect(video.run(1900)).toBe('lmh')
    expect(video.run(300)).toBe('mhl')
    expect(video.changes.length).toBe(1)
  })

  it('sizes that change one after the other change nothing', () => {
    const video = new Video({ l: L, m: M, h: H })
    for (let i = 0; i < 20; i++) {
      const [l, m, h] = i % 2 === 0 ? [45, 90, 180] : [180, 360, 720]
      video.set({ h: { height: h } })
      video.run(800)
      video.set({ m: { height: m } })
      video.run(800)
      video.set({ l: { height: l } })
      video.run(800)
    }
    expect(video.changes).toEqual([])
  })

  it('rates have to say the contrary clearly, for five seconds', () => {
    const video = new Video({ a: { bps: 200_000 }, b: { bps: 1_000_000 } })
    video.set({ b: { bps: 140_000 } })
    expect(video.run(20_000)).toBe('ab')
    video.set({ b: { bps: 100_000 } })
    expect(video.run(4900)).toBe('ab')
    video.set({ b: { bps: 150_000 } })
    video.run(100)
    video.set({ b: { bps: 100_000 } })
    expect(video.run(4900)).toBe('ab')
    expect(video.run(300)).toBe('ba')
  })

  it('sizes that become known are believed at once, rates that become known are not believed against them', () => {
    const video = new Video({ a: { bps: 200_000 }, b: { bps: 1_000_000 } })
    expect(video.order).toBe('ab')
    video.set({ a: { height: 720 }, b: { height: 360 } })
    expect(video.run(0)).toBe('ba')
    expect(video.run(60_000)).toBe('ba')
  })

  it('rates say nothing about layers of different sizes', () => {
    const video = new Video({ l: L, m: M, h: H })
    video.set({ l: { bps: 3_000_000 }, h: { bps: 50_000 } })
    expect(video.run(60_000)).toBe('lmh')
  })
})

describe('silence', () => {
  it('of any layers changes nothing, however long', () => {
    const sized = { l: L, m: M, h: H }
    const unsized = { l: { bps: 150_000 }, m: { bps: 500_000 }, h: { bps: 2_000_000 } }
    for (const layers of [sized, unsized]) {
      const video = new Video(layers)
      for (const silent of ['h', 'm', 'l', 'mh', 'lm', 'lh', 'lmh']) {
        for (const name of silent) video.set({ [name]: { alive: false } })
        video.run(silent.length * 4000)
        for (const name of silent) video.set({ [name]: { alive: true } })
        video.run(200)
      }
      expect(video.changes).toEqual([])
    }
  })

  it('of one layer hides that the others have changed theirs, until it is back for a while', () => {
    const video = new Video({ l: L, m: M, h: H })
    video.set({ m: { alive: false }, h: { height: 270 } })
    expect(video.run(30_000)).toBe('lmh')
    video.set({ m: { alive: true, height: 135 }, l: { height: 67.5 } })
    expect(video.run(30_000)).toBe('lmh')
    expect(video.changes).toEqual([])
  })

  it('again and again is no reason to forget, nor to change', () => {
    const video = new Video({ a: { bps: 200_000 }, b: { bps: 1_000_000 } })
    video.set({ b: { bps: 100_000 } })
    for (let i = 0; i < 20; i++) {
      video.set({ b: { alive: true } })
      video.run(3000)
      video.set({ b: { alive: false } })
      video.run(1000)
    }
    expect(video.changes).toEqual([])
  })

  it('of a layer whose size nothing says does not change what all are compared by, once it has been there', () => {
    const video = new Video({
      x: { bps: 3_000_000, alive: false },
      h: { ...H, bps: 100_000 },
      l: { ...L, bps: 900_000 },
    })
    expect(video.order).toBe('xlh')
    for (let i = 0; i < 20; i++) {
      video.set({ x: { alive: true } })
      video.run(3000)
      video.set({ x: { alive: false } })
      video.run(3000)
    }
    expect(video.changes.map(([order]) => order)).toEqual(['xlh', 'lhx', 'hlx'])
  })
})

const anyFacts: fc.Arbitrary<Facts> = fc.record({
  height: fc.option(fc.constantFrom(90, 180, 180, 360, 720), { nil: undefined }),
  bps: fc.oneof(fc.constant(Number.NaN), fc.integer({ min: 50_000, max: 3_000_000 })),
  alive: fc.boolean(),
})

test('whatever comes: an order of all layers, at rest once they are, and changed seldom', () => {
  const video = fc.array(anyFacts, { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(video, fc.array(fc.tuple(fc.nat(5), anyFacts, fc.nat(4000)), { maxLength: 30 }), (layers, steps) => {
      const names = 'abcdef'.slice(0, layers.length)
      const it = new Video(Object.fromEntries(layers.map((facts, i) => [names[i], facts])))
      for (const [layer, facts, durationMs] of steps) {
        it.set({ [names[layer % names.length] as string]: facts })
        it.run(durationMs)
        expect([...it.order].sort().join('')).toBe(names)
      }
      it.run(6000)
      const { length } = it.changes
      it.run(30_000)
      expect(it.changes.length).toBe(length)
    }),
    { numRuns: 300 },
  )
})

test('in the end, layers that are there and say their sizes are in the order of their sizes', () => {
  const heights = fc.uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 2, maxLength: 6 })
  fc.assert(
    fc.property(heights, heights, (before, after) => {
      const names = 'abcdef'.slice(0, Math.min(before.length, after.length))
      const facts = (list: number[]): Record<string, Facts> =>
        Object.fromEntries([...names].map((name, i) => [name, { height: (list[i] as number) * 9, bps: 100_000 }]))
      const sorted = (list: number[]): string =>
        [...names].sort((a, b) => (list[names.indexOf(a)] as number) - (list[names.indexOf(b)] as number)).join('')
      const video = new Video(facts(before))
      expect(video.order).toBe(sorted(before))
      video.set(facts(after))
      expect(video.run(2500)).toBe(sorted(after))
    }),
  )
})
