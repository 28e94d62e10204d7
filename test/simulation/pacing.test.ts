import { expect, test } from 'vitest'
import { Pacer } from '../../src/media/egress/pacer.js'
import { DEFAULT_PACER_CONFIG, type PacedStream } from '../../src/media/egress/pacer-config.js'
import type { PacerLane } from '../../src/media/egress/pacer-lane.js'
import type { LayerSink, MediaLayer, StoredPacket } from '../../src/media/types.js'
import { SeededRandom } from '../../src/testing/seeded-random.js'
import { type SimulatedLayer, SimulcastSource } from './support/simulcast-source.js'
import { Stage } from './support/stage.js'
import { drive } from './support/test-output.js'

interface Arrival {
  readonly extSeq: number
  readonly keyframe: boolean
  readonly atMs: number
  readonly waitedMs: number
}

/** A viewer of one layer behind a pacer. It numbers nothing: what arrives is told by the source's numbers. */
class PacedViewer implements LayerSink, PacedStream {
  readonly arrivals: Arrival[] = []
  /** Behind how many arrivals something was skipped. */
  readonly skips: number[] = []
  readonly pacer: Pacer
  requests = 0
  longestWaitMs = 0
  mostQueuedBytes = 0
  readonly #lane: PacerLane
  readonly #layer: MediaLayer
  #waiting = true

  constructor(stage: Stage, source: SimulatedLayer, targetBps: number) {
    this.#layer = source.layer
    const driver = {
      tick: (nowMs: number) => this.pacer.tick(nowMs),
      onDue: undefined as ((dueMs: number) => void) | undefined,
    }
    this.pacer = new Pacer({
      config: DEFAULT_PACER_CONFIG,
      sendPadding: () => 0,
      onDue: (dueMs) => driver.onDue?.(dueMs),
    })
    this.#lane = this.pacer.addLane(this)
    drive(stage.clock, driver)
    this.pacer.setTarget(targetBps, false, stage.nowMs)
    source.layer.addSink(this)
    source.layer.requestKeyframe(stage.nowMs)
  }

  onPacket(packet: StoredPacket, layer: MediaLayer, nowMs: number): void {
    if (this.pacer.offer(this.#lane, packet, layer, packet.length, nowMs)) this.#arrive(packet, nowMs)
    this.mostQueuedBytes = Math.max(this.mostQueuedBytes, this.pacer.queuedBytes)
  }

  sendPaced(layer: MediaLayer, extSeq: number, nowMs: number): number {
    const packet = layer.history.get(extSeq)
    if (packet === undefined) return 0
    this.#arrive(packet, nowMs)
    return packet.length
  }

  sendAgain(): number {
    return 0
  }

  skipToKeyframe(): void {
    this.skips.push(this.arrivals.length)
    this.#waiting = true
  }

  requestKeyframe(nowMs: number): void {
    this.requests++
    this.#layer.requestKeyframe(nowMs)
  }

  #arrive(packet: StoredPacket, nowMs: number): void {
    // As an outgoing stream does.
    if (this.#waiting && !packet.keyframe) return
    this.#waiting = false
    const { extSeq, keyframe, arrivalMs } = packet
    this.longestWaitMs = Math.max(this.longestWaitMs, nowMs - arrivalMs)
    this.arrivals.push({ extSeq, keyframe, atMs: nowMs, waitedMs: nowMs - arrivalMs })
  }
}

function setUp(): { stage: Stage; top: SimulatedLayer; source: SimulcastSource } {
  const stage = new Stage()
  const source = new SimulcastSource(stage.clock, stage.config)
  const top = source.layers[2]
  if (top === undefined) throw new Error('there are three layers')
  return { stage, top, source }
}

test('where the link carries the layer, frames wait a moment at most, and keyframes are spread', () => {
  const { stage, top, source } = setUp()
  const viewer = new PacedViewer(stage, top, 2_600_000)
  source.start()
  stage.run(20_000)
  expect(viewer.skips).toEqual([])
  const waits = viewer.arrivals.map(({ waitedMs }) => waitedMs).sort((a, b) => a - b)
  expect(waits[Math.floor(waits.length / 2)]).toBeLessThan(10)
  expect(viewer.longestWaitMs).toBeLessThan(100)
  expect(viewer.longestWaitMs).toBeGreaterThan(10)
})

test('where it does not, the wait is bounded, every new beginning is a keyframe, and what follows it has no gap', () => {
  const { stage, top, source } = setUp()
  const viewer = new PacedViewer(stage, top, 300_000)
  source.start()
  stage.run(30_000)
  expect(viewer.skips.length).toBeGreaterThan(3)
  expect(viewer.longestWaitMs).toBeLessThan(550)
  expect(viewer.mostQueuedBytes).toBeLessThanOrEqual(DEFAULT_PACER_CONFIG.maxQueueBytes)
  let previous: Arrival | undefined
  for (const [i, arrival] of viewer.arrivals.entries()) {
    if (i === 0 || viewer.skips.includes(i)) expect(arrival.keyframe).toBe(true)
    else expect(arrival.extSeq).toBe((previous?.extSeq ?? 0) + 1)
    previous = arrival
  }
})

test('a viewer that is much too slow does not make the publisher send keyframes all the time', () => {
  const { stage, top, source } = setUp()
  const viewer = new PacedViewer(stage, top, 100_000)
  source.start()
  stage.run(120_000)
  expect(viewer.requests).toBeGreaterThan(3)
  expect(viewer.requests).toBeLessThan(20)
})

test('a slow viewer changes nothing for the one beside it', () => {
  const run = (targets: readonly number[]): readonly Arrival[] => {
    const { stage, top, source } = setUp()
    // Keyframes change what everybody gets: here they come at their own times.
    top.answers = false
    const [first] = targets.map((targetBps) => new PacedViewer(stage, top, targetBps))
    source.start()
    stage.run(10_000)
    return first?.arrivals ?? []
  }
  expect(run([3_000_000, 200_000, 150_000])).toEqual(run([3_000_000]))
})

test('targets that move at random never let the queue grow nor stop for good', () => {
  for (const seed of [1, 2, 3]) {
    const random = new SeededRandom(seed)
    const { stage, top, source } = setUp()
    const viewer = new PacedViewer(stage, top, 1_000_000)
    source.start()
    for (let i = 0; i < 100; i++) {
      const bps = random.chance(0.1) ? Number.POSITIVE_INFINITY : random.integer(50_000, 4_000_000)
      viewer.pacer.setTarget(bps, false, stage.nowMs)
      stage.run(random.integer(50, 1000))
      expect(viewer.pacer.queueAgeMs(stage.nowMs), `seed ${seed}`).toBeLessThan(600)
    }
    viewer.pacer.setTarget(3_000_000, false, stage.nowMs)
    stage.run(20_000)
    const before = viewer.arrivals.length
    stage.run(1000)
    expect(viewer.arrivals.length - before, `seed ${seed}`).toBeGreaterThan(150)
  }
})
