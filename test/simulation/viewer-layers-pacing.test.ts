import { describe, expect, test } from 'vitest'
import { L1T3, L3T1_KEY } from './support/layer-patterns.js'
import { layeredPublisher, layeredSection, layeredVideo } from './support/layered-scene.js'
import { faultsOf, markerFaults, orderedPackets, receivedFrames } from './support/received-frames.js'
import { Stage } from './support/stage.js'

describe('a viewer whose packets wait', () => {
  test('gets whole pictures with the marker at their end when it is to get fewer layers meanwhile', () => {
    const stage = new Stage()
    const video = layeredVideo('VP9', L3T1_KEY, { packetBytes: 1000 })
    const publisher = layeredPublisher(stage, [video])
    const viewer = stage.join(publisher, { sections: [layeredSection()] })
    publisher.start()
    stage.run(2000)
    const heights: number[] = []
    for (let i = 0; i < 4; i++) {
      viewer.sendRemb(6_000_000)
      stage.run(8000)
      const whole = receivedFrames(viewer.video, [video]).at(-1)?.sent.spatialId ?? -1
      // Until it is decided that less is sent, everything waits for a network that is too narrow.
      viewer.sendRemb(800_000)
      stage.run(2000)
      heights.push(whole, receivedFrames(viewer.video, [video]).at(-1)?.sent.spatialId ?? -1)
    }
    publisher.stop()
    stage.run(1000)
    expect(heights).toEqual([2, 0, 2, 0, 2, 0, 2, 0])
    expect(viewer.egress.stats(stage.nowMs).pacing.queued).toBeGreaterThan(100)
    expect(markerFaults(orderedPackets(viewer.video))).toEqual([])
    expect(faultsOf(viewer.video, [video])).toEqual([])
  })

  test.each([false, true])(
    'never sees a number used twice, though pictures are left out late and what waits is dropped; RTX: %s',
    (rtx) => {
      const stage = new Stage()
      const video = layeredVideo('VP8', L1T3, { packetBytes: 1100, framePackets: 4 })
      const publisher = layeredPublisher(stage, [video])
      const viewer = stage.join(publisher, { sections: [layeredSection({ rtx })], nackRttMs: 20 })
      viewer.egress.configure({ layer: { maxTemporalId: 0 } }, stage.nowMs)
      const frame = (): void => {
        const index = video.sent.length
        video.frame(1000 / 30, (packet) => {
          // Every other picture of the highest layer is overtaken by the next one.
          const late = video.sent[index]?.temporalId === 2 && index % 4 === 3
          stage.clock.setTimer(late ? 45 : 0, () => publisher.uplink.send(packet))
        })
      }
      for (let i = 0; i < 900; i++) {
        if (i === 90 || i === 94) viewer.sendRemb(i === 90 ? 400_000 : 60_000)
        frame()
        stage.run(1000 / 30)
      }
      stage.run(1000)
      const { pacing } = viewer.egress.stats(stage.nowMs)
      expect(pacing.drops).toBeGreaterThan(1)
      expect(viewer.video.gaps()).toBe(0)
      expect(receivedFrames(viewer.video, [video]).filter((frame) => frame.whole && !frame.decodable).length).toBe(0)
    },
  )
})
