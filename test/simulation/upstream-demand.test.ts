import { expect, test } from 'vitest'
import { Stage } from './support/stage.js'
import { UpstreamDelivery, videoOptions, videoSection } from './support/upstream-delivery.js'

const lossy = { uplink: { lossRate: 0.1 } }

test('nothing is asked for of a layer that nobody watches, neither repairs nor keyframes', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ ...videoOptions(true), ...lossy })
  publisher.start()
  stage.run(10_000)
  const { repair, keyframeRequestsSent, packetsLost } = publisher.ingest.stats(stage.nowMs)
  expect(packetsLost).toBeGreaterThan(100)
  expect([publisher.resender.asked, publisher.keyframeRequests.length, keyframeRequestsSent]).toEqual([0, 0, 0])
  expect(repair).toMatchObject({ nacksSent: 0, packetsNacked: 0, lostForGood: 0 })
})

test('with the last viewer the asking ends, with the next it begins, and only for what is lost from then on', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ ...videoOptions(true), ...lossy })
  const delivery = new UpstreamDelivery(stage, publisher)
  publisher.start()
  stage.run(3000)
  const first = publisher.resender.asked
  expect(first).toBeGreaterThan(50)
  delivery.layer.removeSink(delivery)
  // What is on its way arrives.
  stage.run(200)
  const rest = publisher.resender.asked
  const keyframes = publisher.keyframeRequests.length
  stage.run(5000)
  expect(publisher.resender.asked).toBe(rest)
  expect(publisher.keyframeRequests.length).toBe(keyframes)
  const seqBefore = publisher.video.seq
  delivery.layer.addSink(delivery)
  publisher.resender.askedTimes.clear()
  stage.run(3000)
  expect(publisher.resender.asked).toBeGreaterThan(rest + 50)
  for (const seq of publisher.resender.askedTimes.keys()) expect(seq).toBeGreaterThan(seqBefore - 20)
})

test('what cannot be repaired becomes a keyframe request, and one is enough', () => {
  const stage = new Stage()
  // Nothing answers the NACKs.
  const { resends: _, ...options } = videoOptions(true)
  const publisher = stage.publisher(options)
  new UpstreamDelivery(stage, publisher)
  publisher.start()
  stage.run(2000)
  const before = publisher.keyframeRequests.length
  let losing = 3
  publisher.uplink.drop = () => losing-- > 0
  stage.run(5000)
  const { repair } = publisher.ingest.stats(stage.nowMs)
  expect(repair.lostForGood).toBe(3)
  expect(repair.packetsNacked).toBeLessThanOrEqual(3 * 10)
  expect(repair.packetsNacked).toBeGreaterThan(3)
  expect(publisher.keyframeRequests.length).toBe(before + 1)
})

test('what was lost before a keyframe that has come since needs no other', () => {
  const stage = new Stage()
  const { resends: _, ...options } = videoOptions(true)
  const publisher = stage.publisher(options)
  new UpstreamDelivery(stage, publisher)
  publisher.start()
  stage.run(2000)
  const before = publisher.keyframeRequests.length
  let losing = 3
  publisher.uplink.drop = () => losing-- > 0
  stage.run(100)
  publisher.video.keyframeWanted = true
  stage.run(5000)
  expect(publisher.ingest.stats(stage.nowMs).repair.lostForGood).toBe(3)
  expect(publisher.keyframeRequests.length).toBe(before)
})

test('an outage is answered by a keyframe, not by a thousand repairs', () => {
  const stage = new Stage()
  const publisher = stage.publisher(videoOptions(true))
  const delivery = new UpstreamDelivery(stage, publisher)
  publisher.start()
  stage.run(2000)
  publisher.uplink.down = true
  stage.run(6000)
  publisher.uplink.down = false
  const before = publisher.keyframeRequests.length
  stage.run(3000)
  const { repair } = publisher.ingest.stats(stage.nowMs)
  expect(publisher.keyframeRequests.length).toBeGreaterThan(before)
  expect(publisher.video.keyframesSent).toBeGreaterThan(1)
  expect(repair.packetsNacked).toBeLessThan(10)
  expect(repair.lostForGood).toBeGreaterThan(1000)
  // Live goes on as if nothing had been.
  expect(delivery.delaysMs.at(-1)).toBeLessThan(50)
})

test('a publisher that has not negotiated NACK gets none', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ ...videoOptions(false), ...lossy, sections: [videoSection(false, ['nack pli'])] })
  const delivery = new UpstreamDelivery(stage, publisher)
  delivery.run(5000)
  expect(publisher.resender.asked).toBe(0)
  expect(delivery.within(5000)).toBeLessThan(0.95)
})
