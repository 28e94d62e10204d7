import { describe, expect, test } from 'vitest'
import { L1T1, L1T3 } from './support/layer-patterns.js'
import { layeredPublisher, layeredSection, layeredVideo } from './support/layered-scene.js'
import type { LayeredVideo } from './support/layered-video.js'
import { faultsOf, frameRate, isPadding, receivedFrames } from './support/received-frames.js'
import type { SimulatedViewer } from './support/simulated-viewer.js'
import { Stage } from './support/stage.js'

/** Frames of the last second, in quarters of the whole. */
function quarters(stage: Stage, viewer: SimulatedViewer, videos: readonly LayeredVideo[]): number {
  const frames = receivedFrames(viewer.video, videos)
  return Math.round(frameRate(frames, 0, stage.nowMs - 1000, stage.nowMs) / 7.5)
}

const prefer = (viewer: SimulatedViewer, stage: Stage, maxTemporalId: number | undefined): void =>
  viewer.egress.configure({ layer: maxTemporalId === undefined ? null : { maxTemporalId } }, stage.nowMs)

describe.each(['VP8', 'VP9'] as const)('temporal layers of %s', (codec) => {
  test('a viewer that wants fewer frames gets half or a quarter, and all of them when it wants them again', () => {
    const stage = new Stage()
    const video = layeredVideo(codec, L1T3)
    const publisher = layeredPublisher(stage, [video])
    const viewer = stage.join(publisher, { sections: [layeredSection()] })
    const other = stage.join(publisher, { sections: [layeredSection()] })
    publisher.start()
    stage.run(3000)
    const rates: number[] = []
    for (const maxTemporalId of [1, 0, undefined, 0, 1, undefined]) {
      prefer(viewer, stage, maxTemporalId)
      stage.run(2000)
      rates.push(quarters(stage, viewer, [video]))
    }
    publisher.stop()
    stage.run(100)
    expect(rates).toEqual([2, 1, 4, 1, 2, 4])
    expect(faultsOf(viewer.video, [video])).toEqual([])
    expect(faultsOf(other.video, [video])).toEqual([])
    expect(other.video.count).toBe(video.packetsSent)
    // They come by themselves.
    expect(publisher.plis).toBe(0)
  })

  test('a viewer that may have a certain rate gets as many frames as that allows, and more when it may have more', () => {
    const stage = new Stage()
    const video = layeredVideo(codec, L1T3, { packetBytes: 1000 })
    const publisher = layeredPublisher(stage, [video])
    const viewer = stage.join(publisher, { sections: [layeredSection()] })
    publisher.start()
    stage.run(3000)
    const rates: number[] = []
    // The whole has about half a megabit per second.
    for (const maxBitrateBps of [300_000, 160_000, 300_000, null]) {
      viewer.egress.configure({ maxBitrateBps }, stage.nowMs)
      stage.run(5000)
      rates.push(quarters(stage, viewer, [video]))
      const { bitrateBps } = viewer.egress.stats(stage.nowMs)
      expect(bitrateBps).toBeLessThan(1.1 * (maxBitrateBps ?? Number.POSITIVE_INFINITY))
    }
    publisher.stop()
    stage.run(100)
    expect(rates).toEqual([2, 1, 2, 4])
    expect(faultsOf(viewer.video, [video])).toEqual([])
    expect(publisher.plis).toBe(0)
  })

  test.each([false, true])(
    'what is lost on the way is repaired, and nothing else is asked for; over RTX: %s',
    (rtx) => {
      const stage = new Stage()
      const video = layeredVideo(codec, L1T3)
      const publisher = layeredPublisher(stage, [video])
      const viewer = stage.join(publisher, { sections: [layeredSection({ rtx })], nackRttMs: 30, seed: 4 })
      publisher.start()
      stage.run(500)
      viewer.downlink.conditions.lossRate = 0.05
      for (const maxTemporalId of [1, 0, undefined, 1, 0]) {
        prefer(viewer, stage, maxTemporalId)
        stage.run(4000)
      }
      viewer.downlink.conditions.lossRate = 0
      stage.run(100)
      publisher.stop()
      stage.run(500)
      const { retransmission } = viewer.egress.stats(stage.nowMs)
      expect(retransmission.packets).toBeGreaterThan(20)
      expect(retransmission.notKept).toBe(0)
      expect(faultsOf(viewer.video, [video])).toEqual([])
      expect(viewer.rtxPackets > 0).toBe(rtx)
    },
  )

  test('what is lost or overtaken on the way in is repaired before it is left out, and no number stays empty', () => {
    const stage = new Stage()
    const video = layeredVideo(codec, L1T3)
    const publisher = layeredPublisher(stage, [video], [], { resends: 'same', seed: 3 })
    const viewer = stage.join(publisher, { sections: [layeredSection()] })
    publisher.start()
    stage.run(500)
    prefer(viewer, stage, 0)
    publisher.uplink.conditions.lossRate = 0.05
    publisher.uplink.conditions.jitterMs = 30
    stage.run(20_000)
    publisher.uplink.conditions.lossRate = 0
    publisher.uplink.conditions.jitterMs = 0
    stage.run(500)
    publisher.stop()
    stage.run(500)
    expect(publisher.resender.resent).toBeGreaterThan(50)
    // The numbers of packets whose place had been passed when it showed that they are not to be sent.
    expect(viewer.video.packets.filter(isPadding).length).toBeGreaterThan(10)
    expect(viewer.video.gaps()).toBe(0)
    const broken = receivedFrames(viewer.video, [video]).filter(({ decodable }) => !decodable)
    expect(broken).toEqual([])
  })

  test('a viewer that joins with a wish gets no more than that from its first packet on', () => {
    for (const transportWide of [false, true]) {
      const stage = new Stage()
      const video = layeredVideo(codec, L1T3)
      const publisher = layeredPublisher(stage, [video])
      stage.join(publisher, { sections: [layeredSection()] })
      publisher.start()
      stage.run(3000)
      const sections = [layeredSection({ transportWide, rtx: true })]
      const viewer = stage.viewer({ sections })
      viewer.egress.configure({ layer: { maxTemporalId: 1 } }, stage.nowMs)
      viewer.egress.setSource('main', publisher.ingest, stage.nowMs)
      viewer.egress.start(stage.nowMs)
      stage.run(2000)
      const frames = receivedFrames(viewer.video, [video])
      expect(viewer.egress.stats(stage.nowMs).tracks[0]?.instantStart.hits).toBe(1)
      expect(frames[0]?.sent.index).toBe(0)
      expect(Math.max(...frames.map(({ sent }) => sent.temporalId))).toBe(1)
      expect(faultsOf(viewer.video, [video])).toEqual([])
      // Packets come when their timestamps say, faster than they were captured at first.
      const [first, last] = [viewer.video.packets[0], viewer.video.packets.at(-1)]
      const mediaMs = (((last?.timestamp ?? 0) - (first?.timestamp ?? 0)) >>> 0) / 90
      expect(Math.abs(mediaMs - ((last?.atMs ?? 0) - (first?.atMs ?? 0)))).toBeLessThan(2)
    }
  })

  test('a wish holds for the next publisher, too, whatever it sends', () => {
    const stage = new Stage()
    const videos = [
      layeredVideo(codec, L1T3, { tag: 1 }),
      layeredVideo(codec, L1T1, { tag: 2, layered: false }),
      layeredVideo(codec === 'VP8' ? 'VP9' : 'VP8', L1T3, { tag: 3 }),
      layeredVideo(codec, L1T3, { tag: 4 }),
    ]
    const viewer = stage.viewer({ sections: [layeredSection()] })
    prefer(viewer, stage, 0)
    viewer.egress.start(stage.nowMs)
    const rates: number[] = []
    for (const video of videos) {
      const publisher = layeredPublisher(stage, [video], [], { seed: video.tag })
      viewer.egress.setSource('main', publisher.ingest, stage.nowMs)
      publisher.start()
      stage.run(3000)
      rates.push(quarters(stage, viewer, videos))
      publisher.stop()
      stage.run(100)
      publisher.close()
    }
    expect(rates).toEqual([1, 4, 1, 1])
    expect(faultsOf(viewer.video, videos)).toEqual([])
  })

  test('a rate that was set before anything came holds as soon as it is known what the layers cost', () => {
    const stage = new Stage()
    const video = layeredVideo(codec, L1T3, { packetBytes: 1000 })
    const viewer = stage.viewer({ sections: [layeredSection()] })
    viewer.egress.configure({ maxBitrateBps: 300_000 }, stage.nowMs)
    viewer.egress.start(stage.nowMs)
    stage.run(100)
    const publisher = layeredPublisher(stage, [video])
    viewer.egress.setSource('main', publisher.ingest, stage.nowMs)
    publisher.start()
    stage.run(4000)
    expect(quarters(stage, viewer, [video])).toBe(2)
  })

  test('a wish that is made while nothing comes holds when something comes again', () => {
    const stage = new Stage()
    const video = layeredVideo(codec, L1T3)
    const publisher = layeredPublisher(stage, [video])
    const viewer = stage.join(publisher, { sections: [layeredSection()] })
    publisher.start()
    stage.run(2000)
    publisher.videoPaused = true
    // Longer than anything is kept.
    stage.run(60_000)
    prefer(viewer, stage, 0)
    stage.run(1000)
    publisher.videoPaused = false
    stage.run(2000)
    expect(quarters(stage, viewer, [video])).toBe(1)
    publisher.stop()
    stage.run(100)
    expect(faultsOf(viewer.video, [video])).toEqual([])
  })
})

test('short picture ids are what they were when a packet is sent again late', () => {
  const stage = new Stage()
  const video = layeredVideo('VP8', L1T3, { pictureIdBits: 7, pictureId: 100, framePackets: 1 })
  const publisher = layeredPublisher(stage, [video])
  const viewer = stage.join(publisher, { sections: [layeredSection()] })
  publisher.start()
  stage.run(1000)
  prefer(viewer, stage, 1)
  for (let i = 0; i < 20; i++) {
    stage.run(500)
    const newest = viewer.video.sortedSeqs().at(-1) ?? 0
    // Half a round of ids and more: what is not certain is not sent again.
    viewer.sendNack(Array.from({ length: 12 }, (_, back) => (newest - 7 * back) & 0xffff))
  }
  publisher.stop()
  stage.run(100)
  const { retransmission } = viewer.egress.stats(stage.nowMs)
  expect(retransmission.packets).toBeGreaterThan(50)
  expect(retransmission.notKept).toBeGreaterThan(20)
  expect(faultsOf(viewer.video, [video])).toEqual([])
})

test('simulcast layers change with their temporal layers, and back', () => {
  const stage = new Stage()
  const rids = ['q', 'h', 'f']
  const videos = rids.map((ridName, i) =>
    layeredVideo('VP8', L1T3, { tag: i + 1, ridName, framePackets: i + 1, width: 320 * 2 ** i, height: 180 * 2 ** i }),
  )
  const publisher = layeredPublisher(stage, videos, rids)
  const viewer = stage.join(publisher, { sections: [layeredSection()] })
  publisher.start()
  stage.run(4000)
  const seen: string[] = []
  const wishes = [
    { maxTemporalId: 0 },
    { maxRid: 'h', maxTemporalId: 0 },
    { maxRid: 'h' },
    { maxRid: 'q', maxTemporalId: 1 },
    {},
    { maxRid: 'h', maxTemporalId: 1 },
  ]
  for (const layer of wishes) {
    viewer.egress.configure({ layer }, stage.nowMs)
    stage.run(3000)
    const rid = viewer.egress.stats(stage.nowMs).tracks[0]?.rid
    seen.push(`${rid} ${quarters(stage, viewer, videos)}`)
  }
  publisher.stop()
  stage.run(100)
  expect(seen).toEqual(['f 1', 'h 1', 'h 4', 'q 2', 'f 4', 'h 2'])
  expect(faultsOf(viewer.video, videos)).toEqual([])
})
