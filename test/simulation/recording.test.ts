/** What a recording has of a publisher on a bad link, and of its clocks. */
import { expect, test } from 'vitest'
import type { GapReason } from '../../src/recording/gap-list.js'
import { Recorder, type RecorderConfig } from '../../src/recording/recorder.js'
import type { WriteOp } from '../../src/recording/segment-plan.js'
import type { MediaKind } from '../../src/rtp/types.js'
import { SeededRandom } from '../../src/testing/seeded-random.js'
import { OPUS, PUBLISHER_EXTENSIONS, payloadCodec } from './support/sections.js'
import type { SimulatedPublisher, SimulatedPublisherOptions } from './support/simulated-publisher.js'
import { Stage } from './support/stage.js'
import { RTX, videoSection } from './support/upstream-delivery.js'

const SEED = 51
const MINUTE_MS = 60_000
const TICK_MS = 250

const CONFIG: RecorderConfig = {
  publisher: undefined,
  layer: undefined,
  kinds: ['video', 'audio'],
  format: 'webm',
  segmentMs: Number.POSITIVE_INFINITY,
  keyframeMs: 10_000,
  maxGapMs: 10_000,
}

const audioSection = {
  mid: '0',
  kind: 'audio' as const,
  codecs: [payloadCodec(111, OPUS)],
  extensions: PUBLISHER_EXTENSIONS,
  ssrcs: [],
  rids: [],
}

class Scene {
  readonly stage = new Stage()
  readonly ops: WriteOp[] = []
  readonly gaps: { readonly kind: MediaKind; readonly reason: GapReason; readonly ms: number }[] = []
  readonly recorder = new Recorder(CONFIG, {
    write: (op) => this.ops.push(op),
    hasRoom: () => true,
    onGap: (kind, reason, fromMs, toMs) => this.gaps.push({ kind, reason, ms: toMs - fromMs }),
    onLeftOut: () => {},
    onPublisher: () => {},
  })

  publisher(options: SimulatedPublisherOptions = {}): SimulatedPublisher {
    const path = { delayMs: 20, jitterMs: 5 }
    const publisher = this.stage.publisher({
      seed: SEED,
      sections: [audioSection, videoSection(true)],
      resends: RTX,
      uplink: path,
      downlink: path,
      ...options,
    })
    return publisher
  }

  record(publisher: SimulatedPublisher | undefined): void {
    this.recorder.sink.setSource('main', publisher?.ingest, this.stage.nowMs)
  }

  run(ms: number): void {
    for (let at = 0; at < ms; at += TICK_MS) {
      this.stage.run(TICK_MS)
      this.recorder.tick(this.stage.nowMs)
    }
  }

  times(kind: MediaKind): number[] {
    return this.ops.flatMap((op) => (op.op === 'frame' && op.kind === kind ? [op.timeMs] : []))
  }
}

/** By how much the times in the file differ from those of capture; the last of both belong together. */
function offsets(times: readonly number[], captured: readonly number[]): number[] {
  return times.map((ms, index) => ms - (captured.at(index - times.length) as number))
}

function losesVideo(publisher: SimulatedPublisher, rate: number): void {
  const random = new SeededRandom(SEED)
  publisher.uplink.drop = (packet) => ((packet[1] as number) & 0x7f) !== 111 && random.chance(rate)
}

test(`has every frame of a publisher whose link loses 5 % and repairs by RTX, seed ${SEED}`, () => {
  const scene = new Scene()
  const publisher = scene.publisher()
  losesVideo(publisher, 0)
  scene.record(publisher)
  publisher.start()
  scene.run(2000)
  losesVideo(publisher, 0.05)
  scene.run(MINUTE_MS)
  publisher.uplink.drop = undefined
  publisher.stop()
  scene.run(2000)
  scene.recorder.close(scene.stage.nowMs)
  expect(publisher.uplink.stats.lost).toBeGreaterThan(100)
  expect(scene.gaps).toEqual([])
  expect(scene.recorder.dropped.video).toBe(0)
  expect(scene.recorder.written.video).toBe(publisher.video.framesSent)
  expect(scene.ops.filter(({ op }) => op === 'begin')).toHaveLength(1)
})

test('marks what is not repaired, and goes on with a keyframe', () => {
  const scene = new Scene()
  const publisher = scene.publisher()
  scene.record(publisher)
  publisher.start()
  scene.run(3000)
  const random = new SeededRandom(SEED)
  publisher.uplink.drop = (packet) => {
    const payloadType = (packet[1] as number) & 0x7f
    return payloadType === RTX.payloadType || (payloadType === 96 && random.chance(0.01))
  }
  scene.run(10_000)
  publisher.uplink.drop = undefined
  scene.run(3000)
  const reasons = new Set(scene.gaps.map(({ kind, reason }) => `${kind} ${reason}`))
  expect([...reasons]).toEqual(['video loss'])
  expect(scene.ops.filter(({ op }) => op === 'begin')).toHaveLength(1)
  // Behind a gap there is nothing but a keyframe.
  const video = scene.ops.filter((op) => op.op === 'frame' && op.kind === 'video') as {
    timeMs: number
    keyframe: boolean
  }[]
  const behindHoles = video.filter(({ timeMs }, index) => timeMs - (video[index - 1]?.timeMs ?? timeMs) > 50)
  expect(behindHoles.length).toBeGreaterThan(0)
  expect(behindHoles.every(({ keyframe }) => keyframe)).toBe(true)
})

test.each([
  ['ours', 0, 0],
  ['five seconds ahead', 5000, 0],
  ['an hour behind, and pictures are 60 ms slower than sound', -3_600_000, 60],
])(
  'puts sound and pictures together within 5 ms, where the publisher has a clock of its own: %s',
  (_, skewMs, lateMs) => {
    const scene = new Scene()
    const publisher = scene.publisher({ clockSkewMs: skewMs, senderReportMs: 1000 })
    const { send } = publisher
    publisher.send = (packet) => {
      if (((packet[1] as number) & 0x7f) === 111) send.call(publisher, packet)
      else {
        const late = Buffer.from(packet)
        scene.stage.clock.setTimer(lateMs, () => send.call(publisher, late))
      }
    }
    scene.record(publisher)
    publisher.start()
    scene.run(MINUTE_MS)
    publisher.stop()
    scene.run(1000)
    scene.recorder.close(scene.stage.nowMs)
    const video = offsets(scene.times('video'), [...publisher.videoCapturedMs.values()])
    const audio = offsets(scene.times('audio'), [...publisher.audioCapturedMs.values()])
    const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length
    expect(scene.gaps).toEqual([])
    expect(Math.abs(mean(video) - mean(audio))).toBeLessThan(5)
    for (const list of [video, audio]) expect(Math.max(...list) - Math.min(...list)).toBeLessThan(5)
  },
)
