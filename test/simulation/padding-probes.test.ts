import { expect, test } from 'vitest'
import { SeededRandom } from '../../src/testing/seeded-random.js'
import { Stage } from './support/stage.js'

test('probes of padding alone are no loss to viewers', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const viewer = stage.join(publisher)
  const random = new SeededRandom(5)
  publisher.start()
  for (let i = 0; i < 100; i++) {
    stage.run(random.integer(20, 60))
    for (let n = random.integer(1, 6); n > 0; n--) publisher.uplink.send(publisher.video.paddingPacket())
  }
  publisher.stop()
  stage.run(100)
  const stats = publisher.ingest.stats(stage.nowMs)
  expect(stats.dropped.paddingOnly).toBeGreaterThan(100)
  expect(viewer.video.gaps()).toBe(0)
  expect(viewer.video.count).toBe(publisher.video.packetsSent - stats.dropped.paddingOnly)
  expect(stats.packetsLost).toBe(0)
})

test('with reordering, only probes that were overtaken leave gaps, and no two packets share a number', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ uplink: { jitterMs: 12 }, video: { framePackets: 6 } })
  const viewer = stage.join(publisher)
  const random = new SeededRandom(6)
  publisher.start()
  for (let i = 0; i < 200; i++) {
    stage.run(random.integer(10, 50))
    for (let n = random.integer(1, 4); n > 0; n--) publisher.uplink.send(publisher.video.paddingPacket())
  }
  publisher.stop()
  stage.run(200)
  const { dropped } = publisher.ingest.stats(stage.nowMs)
  const received = viewer.video.packets.length
  expect(viewer.video.sortedSeqs().length).toBe(received)
  expect(received).toBe(publisher.video.packetsSent - dropped.paddingOnly - dropped.tooOld)
  expect(dropped.tooOld).toBe(0)
  expect(viewer.video.gaps()).toBeLessThan(dropped.paddingOnly)
  expect(viewer.video.gaps()).toBeGreaterThan(0)
})

test('padding behind a payload is left out', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ senderReportMs: 0 })
  const viewer = stage.join(publisher)
  publisher.uplink.send(publisher.audio.packet(Buffer.from([1, 2, 3]), false, 9))
  stage.run(100)
  expect(viewer.audio.packets.map(({ payload }) => [...payload])).toEqual([[1, 2, 3]])
})
