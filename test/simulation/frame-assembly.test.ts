import { expect, test } from 'vitest'
import type { EncodedFrame } from '../../src/media/frames/encoded-frame.js'
import { FrameAssembler } from '../../src/media/frames/frame-assembler.js'
import type { FrameAssemblerOptions, FrameGap } from '../../src/media/frames/frame-assembler-options.js'
import type { MediaLayer } from '../../src/media/types.js'
import type { LinkConditions } from '../../src/testing/virtual-network.js'
import type { SimulatedPublisher } from './support/simulated-publisher.js'
import { Stage } from './support/stage.js'
import { drive } from './support/test-output.js'
import { RTX, videoOptions, videoSection } from './support/upstream-delivery.js'

const SEED = 31
const FRAME_MS = 1000 / 30
const FRAME_BYTES = 12 * 1000
const KEYFRAME_BYTES = 24 * 1000

/** A publisher of 3 Mbps with numbers and timestamps that wrap soon, and the frames that are made of what arrives. */
class Scene {
  readonly stage = new Stage()
  readonly publisher: SimulatedPublisher
  readonly frames: EncodedFrame[] = []
  readonly gaps: FrameGap[] = []
  /** How long after it was captured each frame was handed over. */
  readonly delaysMs: number[] = []
  readonly assembler: FrameAssembler

  constructor(link: Partial<LinkConditions>, repairs: boolean, options: Partial<FrameAssemblerOptions> = {}) {
    const base = videoOptions(true)
    this.publisher = this.stage.publisher({
      ...base,
      ...(repairs ? { resends: RTX } : { sections: [videoSection(false, ['nack pli'])] }),
      video: { ...base.video, seq: 65_000, timestamp: 0xffff_ffff - 90_000 },
      seed: SEED,
      uplink: link,
      downlink: repairs ? link : { ...link, lossRate: 0 },
    })
    this.assembler = new FrameAssembler({
      onFrame: (frame) => {
        this.frames.push(frame)
        const capturedMs = this.publisher.videoCapturedMs.get(frame.timestamp) ?? Number.NaN
        this.delaysMs.push(this.stage.nowMs - capturedMs)
      },
      onGap: (gap) => this.gaps.push(gap),
      ...options,
    })
    const layer = this.publisher.ingest.tracks.at(-1)?.layers[0] as MediaLayer
    layer.addSink(this.assembler)
    drive(this.stage.clock, this.assembler)
  }

  /** The timestamps of all frames that were sent. */
  get sent(): number[] {
    return [...this.publisher.videoCapturedMs.keys()]
  }

  /** Runs the publisher, and then the network empty. The last frame is sent without loss, as nothing behind it shows what is missing. */
  run(durationMs: number): void {
    this.publisher.start()
    this.stage.run(durationMs)
    this.publisher.stop()
    this.publisher.uplink.conditions.lossRate = 0
    this.publisher.videoFrame(FRAME_MS)
    this.stage.run(3000)
  }
}

/** Frames that are neither of a keyframe's size nor of another's are not what was sent. */
function wrongSizes(frames: readonly EncodedFrame[]): number {
  return frames.filter(({ data, keyframe }) => data.length !== (keyframe ? KEYFRAME_BYTES : FRAME_BYTES)).length
}

test.each([
  [0, 20],
  [0.01, 100],
  [0.05, 40],
  [0.05, 100],
  [0.1, 40],
])(
  `where the part %d is lost and repaired over %d ms there and back, every frame is complete; seed ${SEED}`,
  (lossRate, rttMs) => {
    const scene = new Scene({ delayMs: rttMs / 2, lossRate }, true, { patienceMs: 1000 })
    scene.run(60_000)
    const { assembler, frames, gaps, publisher, sent } = scene
    expect(frames.map(({ timestamp }) => timestamp)).toEqual(sent)
    expect([wrongSizes(frames), gaps.length, frames.filter(({ gapBefore }) => gapBefore).length]).toEqual([0, 0, 0])
    expect(assembler.stats).toMatchObject({
      missingPackets: 0,
      droppedFrames: 0,
      keyframeRequests: 0,
      bufferedBytes: 0,
    })
    expect(publisher.keyframeRequests).toEqual([])
    if (lossRate > 0) expect(publisher.uplink.stats.lost).toBeGreaterThan(sent.length * 12 * lossRate * 0.8)
    // What is complete is not held back.
    if (lossRate === 0) expect(Math.max(...scene.delaysMs)).toBeCloseTo(rttMs / 2)
  },
)

test(`packets that overtake each other are put in order, seed ${SEED}`, () => {
  const scene = new Scene({ delayMs: 20, jitterMs: 50, lossRate: 0.05 }, true, { patienceMs: 1000 })
  scene.run(30_000)
  // The first frame may have been overtaken before anything was known of it.
  const begin = scene.sent.indexOf(scene.frames[0]?.timestamp ?? -1)
  expect(begin).toBeLessThan(5)
  expect(scene.frames.map(({ timestamp }) => timestamp)).toEqual(scene.sent.slice(begin))
  expect(scene.gaps).toEqual([])
})

test(`what is lost without repair is a gap up to the next keyframe, which comes because it is asked for; seed ${SEED}`, () => {
  const scene = new Scene({ delayMs: 20, lossRate: 0.001 }, false)
  scene.run(60_000)
  const { assembler, frames, gaps, publisher, sent } = scene
  const { stats } = assembler
  expect(wrongSizes(frames)).toBe(0)
  expect(gaps.length).toBeGreaterThan(10)
  // Frames go on without a hole but for the gaps, behind which there is a keyframe.
  const indexes = frames.map(({ timestamp }) => sent.indexOf(timestamp))
  const jumps = frames.filter((_, i) => i > 0 && indexes[i] !== (indexes[i - 1] as number) + 1)
  expect(frames.filter(({ gapBefore }) => gapBefore)).toEqual(jumps)
  expect(jumps.map(({ timestamp }) => timestamp)).toEqual(gaps.map(({ toTimestamp }) => toTimestamp))
  expect(jumps.every(({ keyframe }) => keyframe)).toBe(true)
  // Patience, the way there and back, and what is being sent; more only where the keyframe was hit, too.
  const inTime = gaps.filter(({ durationMs }) => durationMs < 500 + 40 + 4 * FRAME_MS)
  expect(inTime.length / gaps.length).toBeGreaterThan(0.8)
  expect(stats.gapMs).toBeCloseTo(gaps.reduce((sum, { durationMs }) => sum + durationMs, 0))
  expect(stats.missingPackets).toBe(publisher.uplink.stats.lost)
  expect(stats.droppedFrames + stats.frames).toBeGreaterThan(sent.length - 10)
  expect(publisher.keyframeRequests.length).toBeLessThanOrEqual(stats.keyframeRequests)
})
