import { expect, test } from 'vitest'
import { LayerSelector, type SwitchableStream } from '../../../../src/media/layers/layer-selector.js'
import type { LayerSink, MediaLayer, PacketHistoryView, StoredPacket } from '../../../../src/media/types.js'

const history: PacketHistoryView = { get: () => undefined, newestExtSeq: -1, keyframeExtSeq: -1 }

class Layer implements MediaLayer {
  info = () => ({ alive: true, bitrateBps: Number.NaN, fps: 30, width: undefined, height: undefined, sublayers: [] })
  readonly sinks = new Set<LayerSink>()
  requests = 0
  readonly history = history
  readonly keyframesOnDemand = true
  readonly codec = undefined
  readonly captureClock = undefined
  readonly layerIds = () => undefined

  constructor(readonly rid: string) {}

  addSink(sink: LayerSink): void {
    this.sinks.add(sink)
  }

  removeSink(sink: LayerSink): void {
    this.sinks.delete(sink)
  }

  requestKeyframe(): void {
    this.requests++
  }

  packet(keyframe: boolean, nowMs: number): void {
    for (const sink of [...this.sinks]) sink.onPacket({ keyframe } as StoredPacket, this, nowMs)
  }
}

class Stream implements SwitchableStream {
  live = true
  readonly attached: (string | undefined)[] = []
  readonly failed: (string | undefined)[] = []

  attach(layer: MediaLayer | undefined): void {
    this.attached.push(layer?.rid)
  }

  onSwitchFailed(layer: MediaLayer): void {
    this.failed.push(layer.rid)
  }
}

function setUp(): { low: Layer; high: Layer; stream: Stream; selector: LayerSelector } {
  const [low, high, stream] = [new Layer('l'), new Layer('h'), new Stream()]
  const selector = new LayerSelector(stream, 3000)
  selector.select(low, 0)
  return { low, high, stream, selector }
}

test('the first layer is taken at once', () => {
  const { stream, selector, low } = setUp()
  expect(stream.attached).toEqual(['l'])
  expect(selector.current).toBe(low)
  expect(selector.dueMs).toBe(Number.POSITIVE_INFINITY)
})

test('another one is taken with its keyframe, which is asked for, and not before', () => {
  const { high, stream, selector } = setUp()
  selector.select(high, 100)
  expect([high.requests, high.sinks.size]).toEqual([1, 1])
  high.packet(false, 120)
  expect(stream.attached).toEqual(['l'])
  high.packet(true, 160)
  expect(stream.attached).toEqual(['l', 'h'])
  expect(selector.current).toBe(high)
  // The stream itself is what listens from now on.
  expect(high.sinks.size).toBe(0)
  expect(selector.wanted).toBeUndefined()
})

test('the same wish again changes nothing', () => {
  const { low, high, stream, selector } = setUp()
  selector.select(low, 50)
  selector.select(high, 100)
  selector.select(high, 200)
  expect(high.requests).toBe(1)
  expect(stream.attached).toEqual(['l'])
})

test('a wish that is withdrawn leaves no demand behind', () => {
  const { low, high, stream, selector } = setUp()
  selector.select(high, 100)
  selector.select(low, 150)
  expect(high.sinks.size).toBe(0)
  high.packet(true, 160)
  expect(stream.attached).toEqual(['l'])
})

test('pausing takes everything off at once, and resuming takes the layer at once', () => {
  const { low, high, stream, selector } = setUp()
  selector.select(high, 100)
  selector.select(undefined, 150)
  expect(stream.attached).toEqual(['l', undefined])
  expect(high.sinks.size).toBe(0)
  selector.select(low, 200)
  expect(stream.attached).toEqual(['l', undefined, 'l'])
})

test('where nothing flows there is nothing to wait for', () => {
  const { high, stream, selector } = setUp()
  stream.live = false
  selector.select(high, 100)
  expect(stream.attached).toEqual(['l', 'h'])
})

test('a keyframe that does not come is given up on, and what flows goes on', () => {
  const { low, high, stream, selector } = setUp()
  selector.select(high, 100)
  expect(selector.tick(1000)).toBe(3100)
  expect(selector.tick(3100)).toBe(Number.POSITIVE_INFINITY)
  expect(stream.failed).toEqual(['h'])
  expect(stream.attached).toEqual(['l'])
  expect(selector.current).toBe(low)
  expect(high.sinks.size).toBe(0)
})
