import { expect, test } from 'vitest'
import { viewerVideo } from './support/downstream-delivery.js'
import { Stage } from './support/stage.js'
import { videoOptions } from './support/upstream-delivery.js'

const SEED = 71

test(`a tenth lost on the way in and a tenth on the way out leaves whole pictures, seed ${SEED}`, () => {
  const stage = new Stage()
  const link = { delayMs: 25, lossRate: 0.1 }
  const publisher = stage.publisher({ ...videoOptions(true), seed: SEED, uplink: link, downlink: link })
  const viewer = stage.join(publisher, { downlink: link, uplink: link, nackRttMs: 50, sections: [viewerVideo(true)] })
  publisher.start()
  stage.run(60_000)
  for (const { conditions } of [publisher.uplink, publisher.downlink, viewer.downlink, viewer.uplink])
    conditions.lossRate = 0
  publisher.stop()
  publisher.videoFrame(33)
  stage.run(3000)
  expect(viewer.video.gaps()).toBe(0)
  const { packetsLost } = publisher.ingest.stats(stage.nowMs)
  expect(packetsLost).toBeGreaterThan(1500)
  expect(viewer.video.count).toBeGreaterThan(20_000)
  const { lostForGood } = publisher.ingest.stats(stage.nowMs).repair
  expect(lostForGood).toBe(0)
  expect(publisher.keyframeRequests.length).toBeLessThanOrEqual(2)
})
