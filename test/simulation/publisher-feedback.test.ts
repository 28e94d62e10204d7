import { describe, expect, test } from 'vitest'
import type { IngestSection } from '../../src/media/ingest/publisher-ingest.js'
import { PUBLISHER_EXTENSIONS, TRANSPORT_WIDE_URI } from './support/sections.js'
import type { SimulatedPublisherOptions } from './support/simulated-publisher.js'
import { Stage } from './support/stage.js'
import { videoOptions, videoSection } from './support/upstream-delivery.js'

const ID = 5
const SEED = 31

function section(feedback: readonly string[], withExtension = true): IngestSection {
  const extensions = [...PUBLISHER_EXTENSIONS, ...(withExtension ? [{ id: ID, uri: TRANSPORT_WIDE_URI }] : [])]
  return { ...videoSection(false, ['nack', 'nack pli', ...feedback]), extensions }
}

function options(feedback: readonly string[], more: SimulatedPublisherOptions = {}): SimulatedPublisherOptions {
  return { ...videoOptions(false), seed: SEED, sections: [section(feedback)], transportWideId: ID, ...more }
}

describe('transport-wide feedback', () => {
  test('tells of every packet when it came, and of every loss, at 10 to 20 messages a second', () => {
    const stage = new Stage()
    const uplink = { delayMs: 40, jitterMs: 15, lossRate: 0.05 }
    const publisher = stage.publisher(options(['transport-cc'], { uplink }))
    // Somebody watches, so that there are retransmissions, which have numbers of their own.
    stage.join(publisher)
    publisher.start()
    stage.run(30_000)
    publisher.stop()
    stage.run(500)
    const told = new Map<number, number | undefined>()
    for (const { seq, arrivalMs } of publisher.toldArrivals) {
      if (arrivalMs !== undefined || told.get(seq) === undefined) told.set(seq, arrivalMs)
    }
    const { stampedMs, uplink: link } = publisher
    expect(told.size).toBeGreaterThan(stampedMs.length - 30)
    const lost = [...told.values()].filter((arrivalMs) => arrivalMs === undefined).length
    expect(Math.abs(lost - link.stats.lost)).toBeLessThan(10)
    for (const [seq, arrivalMs] of told) {
      if (arrivalMs === undefined) continue
      const tripMs = arrivalMs - (stampedMs[seq] as number)
      // Rounded to a quarter of a millisecond, and to the phase of a clock of 64 ms periods.
      expect(tripMs % 64).toBeGreaterThanOrEqual(39.7)
      expect(tripMs % 64).toBeLessThanOrEqual(55.3)
    }
    const perSecond = publisher.feedbackPackets / 30
    expect(perSecond).toBeGreaterThan(9)
    expect(perSecond).toBeLessThan(20.5)
    // What is reported is fresh.
    const late = publisher.toldArrivals.filter(({ arrivalMs, atMs }) => atMs - (arrivalMs ?? atMs) > 150)
    expect(late).toEqual([])
  })

  test('tells a late packet that was reported missing', () => {
    const stage = new Stage()
    const publisher = stage.publisher(options(['transport-cc'], { uplink: { delayMs: 10, jitterMs: 300 } }))
    publisher.start()
    stage.run(5000)
    publisher.stop()
    stage.run(1000)
    const arrived = new Set(
      publisher.toldArrivals.filter(({ arrivalMs }) => arrivalMs !== undefined).map(({ seq }) => seq),
    )
    const missing = new Set(
      publisher.toldArrivals.filter(({ arrivalMs }) => arrivalMs === undefined).map(({ seq }) => seq),
    )
    expect(missing.size).toBeGreaterThan(100)
    expect(arrived.size).toBe(publisher.stampedMs.length)
  })

  test('goes on through the wrap of the transport-wide number', () => {
    const stage = new Stage()
    const video = { ...videoOptions(false).video, framePackets: 60, packetBytes: 50 }
    const publisher = stage.publisher(options(['transport-cc'], { video }))
    publisher.start()
    stage.run(40_000)
    publisher.stop()
    stage.run(300)
    expect(publisher.stampedMs.length).toBeGreaterThan(70_000)
    expect(publisher.toldArrivals.length).toBe(publisher.stampedMs.length)
    expect(
      publisher.toldArrivals.every(({ seq, arrivalMs }, i) => seq === (i & 0xffff) && arrivalMs !== undefined),
    ).toBe(true)
  })

  test('stays out where it was not negotiated, and falls silent with the publisher', () => {
    const stage = new Stage()
    const without = stage.publisher(options(['goog-remb']))
    const noExtension = stage.publisher({ ...options([]), sections: [section(['transport-cc'], false)] })
    const silent = stage.publisher(options(['transport-cc']))
    for (const publisher of [without, noExtension, silent]) publisher.start()
    stage.run(3000)
    silent.stop()
    stage.run(500)
    const { feedbackPackets } = silent
    stage.run(5000)
    expect([without.feedbackPackets, noExtension.feedbackPackets]).toEqual([0, 0])
    expect(feedbackPackets).toBeGreaterThan(20)
    expect(silent.feedbackPackets).toBe(feedbackPackets)
    expect(silent.rembs).toEqual([])
  })
})

describe('REMB', () => {
  const last = (rembs: readonly { bitrateBps: number }[]): number => rembs.at(-1)?.bitrateBps ?? 0

  test('leaves an encoder room to climb where transport-wide feedback is not there', () => {
    const stage = new Stage()
    const publisher = stage.publisher(options(['goog-remb'], { transportWideId: undefined as never }))
    publisher.start()
    stage.run(10_000)
    expect(publisher.rembs.length).toBeGreaterThanOrEqual(9)
    expect(publisher.rembs.length).toBeLessThanOrEqual(11)
    const receivedBps = publisher.ingest.stats(stage.nowMs).bitrateBps
    expect(last(publisher.rembs)).toBeGreaterThan(1.4 * receivedBps)
    expect(publisher.rembs[0]?.ssrcCount).toBe(1)
    // A still picture does not bring it down.
    const before = last(publisher.rembs)
    publisher.videoPaused = true
    stage.run(3000)
    publisher.videoPaused = false
    stage.run(3000)
    expect(last(publisher.rembs)).toBeGreaterThanOrEqual(before)
  })

  test('comes down with loss, and goes up again without', () => {
    const stage = new Stage()
    const publisher = stage.publisher({ ...options(['goog-remb']), sections: [section(['goog-remb'], false)] })
    publisher.start()
    stage.run(5000)
    const before = last(publisher.rembs)
    publisher.uplink.conditions.lossRate = 0.25
    stage.run(5000)
    expect(last(publisher.rembs)).toBeLessThan(0.6 * before)
    publisher.uplink.conditions.lossRate = 0
    stage.run(5000)
    expect(last(publisher.rembs)).toBeGreaterThan(0.9 * before)
  })

  test('serves a publisher that has negotiated transport-wide feedback but stamps nothing', () => {
    const stage = new Stage()
    const { transportWideId: _, ...unstamped } = options(['transport-cc', 'goog-remb'])
    const publisher = stage.publisher(unstamped)
    publisher.start()
    stage.run(5000)
    expect(publisher.feedbackPackets).toBe(0)
    expect(publisher.rembs.length).toBeGreaterThan(3)
  })

  test('is the cap that was asked for, with transport-wide feedback and without', () => {
    for (const feedback of [['goog-remb'], ['goog-remb', 'transport-cc']]) {
      const stage = new Stage()
      const publisher = stage.publisher(options(feedback, { maxBitrateBps: 700_000 }))
      publisher.start()
      stage.run(5000)
      expect(publisher.rembs.length).toBeGreaterThan(3)
      for (const { bitrateBps } of publisher.rembs) expect(Math.abs(bitrateBps - 700_000)).toBeLessThan(10)
      expect(publisher.feedbackPackets > 0).toBe(feedback.includes('transport-cc'))
    }
  })

  test('is not sent where it was not negotiated, nor beside transport-wide feedback without a cap', () => {
    const stage = new Stage()
    const wide = stage.publisher(options(['transport-cc', 'goog-remb']))
    const none = stage.publisher({ ...options([], { maxBitrateBps: 500_000 }), sections: [section([])] })
    for (const publisher of [wide, none]) publisher.start()
    stage.run(3000)
    expect([wide.rembs, none.rembs]).toEqual([[], []])
  })
})
