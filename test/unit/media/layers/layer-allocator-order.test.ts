/** What the allocator remembers belongs to layers, not to their places. */
import { describe, expect, it } from 'vitest'
import type { LayerChange, VideoPreference } from '../../../../src/media/layers/allocation.js'
import { LayerAllocator } from '../../../../src/media/layers/layer-allocator.js'
import type { LayerInfo } from '../../../../src/media/layers/layer-info.js'

const RATES: Readonly<Record<string, number>> = { l: 150_000, m: 500_000, h: 2_000_000 }

/** A viewer of a video with the layers `l`, `m` and `h`. */
class Viewer {
  readonly allocator = new LayerAllocator()
  readonly changes: LayerChange[] = []
  /** Worst first. */
  order = 'lmh'
  silent = ''
  targetBps = 3_000_000
  preference: VideoPreference = { paused: false }
  nowMs = 5000
  #layer = -1

  /** The layer that it has. */
  get layer(): string | undefined {
    return this.order[this.#layer]
  }

  run(durationMs: number): string | undefined {
    const endMs = this.nowMs + durationMs
    for (; this.nowMs < endMs; this.nowMs += 100) {
      const layers = [...this.order].map((rid) => ({ rid, info: this.#info(rid) }))
      const videos = [{ id: 'v', layers, preference: this.preference }]
      const { targetBps } = this
      const input = { targetBps, carriedBps: targetBps, maxBitrateBps: Number.POSITIVE_INFINITY, audioBps: 0, videos }
      const { choices, changes } = this.allocator.allocate(input, this.nowMs)
      this.changes.push(...changes)
      this.#layer = choices[0]?.layer ?? -1
    }
    return this.layer
  }

  /** The layer brought no keyframe. */
  fail(rid: string): void {
    this.allocator.switchFailed('v', this.order.indexOf(rid), this.nowMs)
  }

  #info(rid: string): LayerInfo {
    const alive = !this.silent.includes(rid)
    const bitrateBps = alive ? (RATES[rid] as number) : Number.NaN
    return { alive, bitrateBps, fps: 30, width: undefined, height: undefined, sublayers: [] }
  }
}

describe('when the layers change their order', () => {
  it('the choice stays the layer that it is, which is no change', () => {
    const viewer = new Viewer()
    viewer.targetBps = 700_000
    expect(viewer.run(3000)).toBe('m')
    const { length } = viewer.changes
    for (const order of ['lhm', 'hlm', 'lmh', 'hlm', 'lmh']) {
      viewer.order = order
      expect(viewer.run(1000)).toBe('m')
    }
    expect(viewer.changes.length).toBe(length)
  })

  it('a step up that failed is not tried again because of that', () => {
    const viewer = new Viewer()
    viewer.run(3000)
    // Up, down soon after, and up no more for a while.
    viewer.targetBps = 1_500_000
    expect(viewer.run(3000)).toBe('m')
    viewer.targetBps = 2_400_000
    expect(viewer.run(4000)).toBe('h')
    viewer.targetBps = 1_550_000
    expect(viewer.run(1000)).toBe('m')
    viewer.order = 'mlh'
    viewer.run(100)
    viewer.order = 'lmh'
    viewer.targetBps = 2_400_000
    expect(viewer.run(20_000)).toBe('m')
  })

  it('a layer that brought no keyframe is left alone all the same, and no other is', () => {
    const viewer = new Viewer()
    viewer.targetBps = 700_000
    viewer.run(3000)
    viewer.targetBps = 3_000_000
    expect(viewer.run(4000)).toBe('h')
    viewer.order = 'mlh'
    viewer.run(100)
    viewer.fail('h')
    viewer.order = 'hlm'
    expect(viewer.run(5000)).toBe('m')
    viewer.order = 'lmh'
    expect(viewer.run(4000)).toBe('m')
    expect(viewer.run(5000)).toBe('h')
  })

  it('what was forwarded before a change that failed is found again', () => {
    const viewer = new Viewer()
    viewer.targetBps = 700_000
    viewer.run(3000)
    viewer.targetBps = 3_000_000
    expect(viewer.run(4000)).toBe('h')
    viewer.order = 'mlh'
    viewer.run(100)
    viewer.fail('h')
    viewer.order = 'lmh'
    const { length } = viewer.changes
    expect(viewer.run(5000)).toBe('m')
    expect(viewer.changes.length).toBe(length)
  })

  it('what has become better and costs less is taken', () => {
    const viewer = new Viewer()
    viewer.targetBps = 700_000
    expect(viewer.run(3000)).toBe('m')
    viewer.order = 'mlh'
    expect(viewer.run(3000)).toBe('l')
  })

  it('the reason of the next change is told as if it had always been this one', () => {
    const viewer = new Viewer()
    viewer.run(3000)
    viewer.order = 'mlh'
    viewer.run(100)
    viewer.silent = 'h'
    expect(viewer.run(1000)).toBe('l')
    expect(viewer.changes.at(-1)).toMatchObject({ reason: 'layer-ended', from: { layer: 2 }, to: { layer: 1 } })
    viewer.order = 'lmh'
    viewer.preference = { paused: true }
    expect(viewer.run(100)).toBeUndefined()
    expect(viewer.changes.at(-1)).toMatchObject({ reason: 'paused', from: { layer: 0 }, to: { layer: -1 } })
  })

  it('before anything has come, the first is still the first that was asked for', () => {
    const viewer = new Viewer()
    viewer.silent = 'lmh'
    viewer.order = 'hml'
    expect(viewer.run(1000)).toBe('h')
    viewer.order = 'lmh'
    viewer.silent = 'mh'
    expect(viewer.run(100)).toBe('l')
    expect(viewer.changes.length).toBe(2)
    expect(viewer.changes.at(-1)?.reason).toBe('layer-ended')
  })
})
