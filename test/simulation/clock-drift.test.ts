import { describe, expect, test } from 'vitest'
import { DriftingPublisher, type DriftingPublisherOptions } from './support/drifting-publisher.js'
import type { SimulatedViewer } from './support/simulated-viewer.js'
import { Stage } from './support/stage.js'
import { SyncMeter } from './support/sync-meter.js'

const SEED = 7
const MINUTE_MS = 60_000
const DOWNLINK_MS = 30
/** Arrivals waver by this much, and overtake each other. */
const UPLINK = { delayMs: 25, jitterMs: 30 }
/** Video comes up to 35 ms later than audio of the same time: by arrival alone they would never be in sync. */
const DELAYS = { audioDelayMs: 25, videoDelaysMs: [40, 60] }
/** A report 20 ms after a change, its way, and the first frame behind it. */
const UNTIL_REPORT_MS = 20 + DOWNLINK_MS + 100
/** Until a new publisher's audio has reported, which browsers do after 2.5 s, and we behind it. */
const UNTIL_PUBLISHER_REPORTS_MS = 2500 + UPLINK.delayMs + UPLINK.jitterMs + UNTIL_REPORT_MS

interface Scene {
  readonly stage: Stage
  readonly viewer: SimulatedViewer
  readonly meter: SyncMeter
  /** When publishers took over. */
  readonly publishersMs: number[]
  publish(options: Partial<DriftingPublisherOptions>): DriftingPublisher
}

function setUp(): Scene {
  const stage = new Stage()
  const viewer = stage.viewer({ keep: false, downlink: { delayMs: DOWNLINK_MS } })
  const publishersMs: number[] = []
  const publish = (options: Partial<DriftingPublisherOptions>): DriftingPublisher => {
    const publisher = new DriftingPublisher(stage, {
      seed: SEED + publishersMs.length,
      uplink: UPLINK,
      ...DELAYS,
      ...options,
    })
    publishersMs.push(stage.nowMs)
    viewer.egress.setSource('main', publisher.ingest, stage.nowMs)
    publisher.start()
    return publisher
  }
  viewer.egress.start(stage.nowMs)
  return { stage, viewer, meter: new SyncMeter(stage, viewer), publishersMs, publish }
}

/** Half an hour with a change of layer, or a pause, every two minutes. */
function watchHalfAnHour({ stage, viewer }: Scene): void {
  const { egress } = viewer
  const pauses = [
    { at: 3, settings: { video: true }, ms: 8000 },
    { at: 7, settings: { audio: true }, ms: 8000 },
    { at: 11, settings: { video: true, audio: true }, ms: 30_000 },
  ]
  for (let i = 0; i < 15; i++) {
    stage.run(2 * MINUTE_MS - (pauses.find(({ at }) => at === i)?.ms ?? 0))
    const pause = pauses.find(({ at }) => at === i)
    if (pause === undefined) {
      egress.configure({ layer: { maxRid: i % 2 === 0 ? 'l' : 'h' } }, stage.nowMs)
      continue
    }
    egress.configure({ paused: pause.settings }, stage.nowMs)
    stage.run(pause.ms)
    egress.configure({ paused: { audio: false, video: false } }, stage.nowMs)
  }
}

describe(`clocks that drift by 100 ppm, jitter of 30 ms, seed ${SEED}`, () => {
  test('audio and video are within 20 ms for an hour, through layer switches, pauses and another publisher', () => {
    const scene = setUp()
    const { stage, meter, publishersMs } = scene
    const first = scene.publish({ wallPpm: 100, audioPpm: -100, videoPpm: 100, wallOffsetMs: -5_000_000 })
    watchHalfAnHour(scene)
    first.close()
    scene.publish({ wallPpm: -100, audioPpm: 100, videoPpm: -100, wallOffsetMs: 86_400_000 })
    watchHalfAnHour(scene)
    expect(stage.nowMs - (publishersMs[0] as number)).toBe(60 * MINUTE_MS)
    expect(meter.changes.length).toBeGreaterThan(25)
    expect(meter.samples.length).toBeGreaterThan(80_000)
    // Not even right behind a change of layer or a pause: timestamps go on by when frames were captured.
    expect(meter.worstMs('byLastMs', publishersMs, UNTIL_PUBLISHER_REPORTS_MS)).toBeLessThan(10)
    // A receiver that draws a line through its newest reports has some from before the publisher's among them.
    expect(meter.worstMs('byLineMs', publishersMs, UNTIL_PUBLISHER_REPORTS_MS + 2500)).toBeLessThan(20)
    expect([meter.stepsBack, meter.reportStepsBack]).toEqual([0, 0])
    for (const { stepMs, capturedMs, atMs } of meter.changes) {
      if (publishersMs.some((startMs) => atMs >= startMs && atMs < startMs + UNTIL_PUBLISHER_REPORTS_MS)) continue
      expect(Math.abs(stepMs - capturedMs)).toBeLessThan(5)
    }
  })

  test('a publisher whose video takes longer than the last one had is in sync soon, also by a line through twenty reports', () => {
    for (const [before, behind] of [
      [40, 140],
      [140, 40],
    ] as const) {
      const scene = setUp()
      const { stage, meter, publishersMs } = scene
      const first = scene.publish({ wallPpm: 100, videoDelaysMs: [before, before] })
      stage.run(MINUTE_MS)
      first.close()
      scene.publish({ wallPpm: -100, wallOffsetMs: 5000, videoDelaysMs: [behind, behind] })
      stage.run(MINUTE_MS)
      // Twenty reports of ours, 100 ms apart.
      expect(meter.worstMs('byLineMs', publishersMs, UNTIL_PUBLISHER_REPORTS_MS + 2000)).toBeLessThan(10)
      // They are not repeated for ever.
      const [, secondMs = 0] = publishersMs
      const late = scene.viewer.video.reports.filter(({ atMs }) => atMs > secondMs + 10_000)
      expect(late.length).toBeLessThan(60)
    }
  })

  test('a pause of several minutes costs what the clocks have drifted, until the next report', () => {
    const { stage, viewer, meter, publish } = setUp()
    publish({ wallPpm: 100, videoPpm: 100 })
    stage.run(MINUTE_MS)
    viewer.egress.configure({ paused: { video: true } }, stage.nowMs)
    stage.run(10 * MINUTE_MS)
    viewer.egress.configure({ paused: { video: false } }, stage.nowMs)
    const resumedMs = stage.nowMs
    stage.run(MINUTE_MS)
    expect(meter.changes.at(-1)?.atMs).toBeGreaterThan(resumedMs)
    meter.samples.splice(
      0,
      meter.samples.findIndex(({ atMs }) => atMs > resumedMs),
    )
    expect(meter.worstMs('byLastMs')).toBeGreaterThan(20)
    expect(meter.worstMs('byLastMs', [resumedMs], 200 + UNTIL_REPORT_MS)).toBeLessThan(10)
  })

  test('a publisher that never reports is in sync by its arrivals, and stays so', () => {
    const { stage, viewer, meter, publish, publishersMs } = setUp()
    // Where audio and video take equally long.
    publish({ audioPpm: 100, videoPpm: -100, audioReportMs: 0, videoReportMs: 0, videoDelaysMs: [25, 30] })
    stage.run(5 * MINUTE_MS)
    viewer.egress.configure({ layer: { maxRid: 'l' } }, stage.nowMs)
    stage.run(15 * MINUTE_MS)
    // What comes first may come late; the least delayed packets show soon.
    const changesMs = [...publishersMs, ...meter.changes.map(({ atMs }) => atMs)]
    expect(changesMs.length).toBeGreaterThan(1)
    expect(meter.worstMs('byLastMs', publishersMs, 1000)).toBeLessThan(UPLINK.jitterMs + 10)
    expect(meter.worstMs('byLastMs', changesMs, 3000)).toBeLessThan(20)
    expect([meter.stepsBack, meter.reportStepsBack]).toEqual([0, 0])
  })

  test('a publisher whose wall clock is set is in sync again when both streams have reported', () => {
    const { stage, meter, publish, publishersMs } = setUp()
    const publisher = publish({ audioPpm: 100 })
    stage.run(MINUTE_MS)
    const setMs: number[] = []
    for (const ms of [3_600_000, -7_200_000, 3000, -400]) {
      publisher.setWallForward(ms)
      setMs.push(stage.nowMs)
      stage.run(MINUTE_MS)
    }
    const starts = [publishersMs[0] as number, ...setMs]
    // Reports of audio are 5 s apart, ours a second or so.
    expect(meter.worstMs('byLastMs', starts, 5000 + 1250 + UNTIL_REPORT_MS)).toBeLessThan(10)
    expect([meter.stepsBack, meter.reportStepsBack]).toEqual([0, 0])
  })
})

test(`switches amid jitter of 50 ms and loss of 5 %, at 30 frames a second, keep to the capture, seed ${SEED}`, () => {
  const { stage, viewer, meter, publish, publishersMs } = setUp()
  publish({ fps: 30, audioFrameMs: 60, uplink: { delayMs: 25, jitterMs: 50, lossRate: 0.05 } })
  stage.run(8000)
  meter.samples.length = 0
  for (let i = 0; i < 100; i++) {
    viewer.egress.configure({ layer: { maxRid: i % 2 === 0 ? 'l' : 'h' } }, stage.nowMs)
    stage.run(2000)
  }
  const [startMs] = publishersMs as [number]
  const switches = meter.changes.filter(({ atMs }) => atMs > startMs + 8000)
  expect(switches.length).toBeGreaterThan(95)
  // What is missing of a keyframe follows it: nobody waits for another one.
  for (const { capturedMs } of switches) expect(capturedMs).toBeLessThan(150)
  // A keyframe whose first packet was overtaken, or lost, shows again what has been shown: in a hurry, and then the time is right again.
  const late = switches.filter(({ capturedMs }) => capturedMs < 0)
  expect(late.length).toBeGreaterThan(5)
  for (const { stepMs, capturedMs } of switches) expect(Math.abs(stepMs - Math.max(0, capturedMs))).toBeLessThan(5)
  const lateMs = late.map(({ atMs }) => atMs)
  expect(meter.worstMs('byLastMs', lateMs, UNTIL_REPORT_MS)).toBeLessThan(10)
  expect(meter.worstMs('byLineMs', lateMs, UNTIL_REPORT_MS)).toBeLessThan(20)
  expect([meter.stepsBack, meter.reportStepsBack]).toEqual([0, 0])
})
