import { describe, expect, test } from 'vitest'
import { middle32ToMs, ntpMiddle32 } from '../../src/rtp/ntp-time.js'
import { VirtualClock } from '../../src/testing/virtual-clock.js'
import { DriftingPublisher } from './support/drifting-publisher.js'
import { TRANSPORT_WIDE_URI } from './support/sections.js'
import { Stage } from './support/stage.js'
import { SyncMeter } from './support/sync-meter.js'
import { videoOptions, videoSection } from './support/upstream-delivery.js'

const SEED = 5
const NTP_UNIX_OFFSET_SECONDS = 2_208_988_800
const LSR_CYCLE_SECONDS = 65_536
/** 16 bits of seconds come round every 18 hours, 32 bits in February 2036. */
const LSR_WRAP_MS =
  (Math.ceil((Date.UTC(2026, 0, 1) / 1000 + NTP_UNIX_OFFSET_SECONDS) / LSR_CYCLE_SECONDS) * LSR_CYCLE_SECONDS -
    NTP_UNIX_OFFSET_SECONDS) *
  1000
const ERA_WRAP_MS = Date.UTC(2036, 1, 7, 6, 28, 16)

describe.each([
  ['the seconds of a report reference', LSR_WRAP_MS],
  ['the seconds of NTP, in 2036,', ERA_WRAP_MS],
])('where %s wrap', (_name, wrapMs) => {
  const startStage = (): Stage => new Stage({}, new VirtualClock(1_000_000, wrapMs - 10_000))

  test('both round trips are measured', () => {
    const stage = startStage()
    const link = { delayMs: 35 }
    const publisher = stage.publisher({ uplink: link, downlink: link, senderReportMs: 250 })
    const viewer = stage.join(publisher, { downlink: link, uplink: link, receiverReportMs: 250 })
    publisher.start()
    stage.run(5000)
    for (let i = 0; i < 40; i++) {
      stage.run(250)
      expect(viewer.egress.stats(stage.nowMs).rttMs).toBeCloseTo(70, 0)
    }
    let told = 0
    for (const { block, atMs } of publisher.receivedBlocks) {
      if (block.lastSenderReport === 0) continue
      const nowMiddle = ntpMiddle32(atMs + stage.clock.unixOffsetMs)
      const rtt = (nowMiddle - block.lastSenderReport - block.delaySinceLastSenderReport) >>> 0
      expect(middle32ToMs(rtt)).toBeCloseTo(70, 0)
      told++
    }
    expect(told).toBeGreaterThan(20)
  })

  test('audio and video stay in sync, and the clock of the viewer does not jump', () => {
    const stage = startStage()
    const viewer = stage.viewer({ keep: false })
    const meter = new SyncMeter(stage, viewer)
    const publisher = new DriftingPublisher(stage, {
      seed: SEED,
      uplink: { delayMs: 20, jitterMs: 20 },
      audioReportMs: 1000,
      videoReportMs: 300,
      // Its own clock wraps a little later.
      wallOffsetMs: -3000,
    })
    viewer.egress.setSource('main', publisher.ingest, stage.nowMs)
    viewer.egress.start(stage.nowMs)
    publisher.start()
    stage.run(3000)
    meter.samples.length = 0
    stage.run(20_000)
    expect(meter.worstMs('byLastMs')).toBeLessThan(10)
    expect(meter.worstMs('byLineMs')).toBeLessThan(20)
    expect([meter.stepsBack, meter.reportStepsBack]).toEqual([0, 0])
  })
})

test(`audio and video stay in sync where their timestamps wrap, one after the other, seed ${SEED}`, () => {
  const stage = new Stage()
  const viewer = stage.viewer({ keep: false, initialTimestamp: 0xffff_ffff - 15 * 90_000 })
  const meter = new SyncMeter(stage, viewer)
  const publisher = new DriftingPublisher(stage, {
    seed: SEED,
    uplink: { delayMs: 20, jitterMs: 20 },
    audioTimestamp: 0xffff_ffff - 5 * 48_000,
    videoTimestamp: 0xffff_ffff - 10 * 90_000,
  })
  viewer.egress.setSource('main', publisher.ingest, stage.nowMs)
  viewer.egress.start(stage.nowMs)
  publisher.start()
  stage.run(4000)
  meter.samples.length = 0
  for (const maxRid of ['l', 'h', 'l', 'h']) {
    viewer.egress.configure({ layer: { maxRid } }, stage.nowMs)
    stage.run(6000)
  }
  expect(meter.changes.length).toBeGreaterThanOrEqual(4)
  expect(meter.worstMs('byLastMs')).toBeLessThan(10)
  expect([meter.stepsBack, meter.reportStepsBack]).toEqual([0, 0])
})

test('arrivals are told right where the reference time of feedback wraps, every twelve days', () => {
  const id = 5
  const cycleMs = 2 ** 24 * 64
  const stage = new Stage({}, new VirtualClock(cycleMs - 5000))
  const section = videoSection(false, ['nack', 'nack pli', 'transport-cc'])
  const extensions = [...section.extensions, { id, uri: TRANSPORT_WIDE_URI }]
  const options = { sections: [{ ...section, extensions }], transportWideId: id }
  const publisher = stage.publisher({ ...videoOptions(false), ...options, uplink: { delayMs: 40 } })
  publisher.start()
  stage.run(10_000)
  const told = publisher.toldArrivals.filter(({ arrivalMs }) => arrivalMs !== undefined)
  expect(told.length).toBeGreaterThan(3000)
  for (const { seq, arrivalMs = 0 } of told) {
    const sentMs = publisher.stampedMs[seq] as number
    const errorMs = arrivalMs - sentMs - 40
    expect(Math.abs(errorMs - cycleMs * Math.round(errorMs / cycleMs))).toBeLessThan(0.3)
  }
})
