import { expect, test } from 'vitest'
import { SeededRandom } from '../../src/testing/seeded-random.js'
import type { SimulatedViewer } from './support/simulated-viewer.js'
import { Stage } from './support/stage.js'

const SEED = 4711

function requests(viewer: SimulatedViewer, nowMs: number): { pli: number; fir: number; early: number } {
  return { ...viewer.egress.stats(nowMs).keyframeRequestsReceived }
}

test(`a thousand viewers in ten seconds, each of which asks for a keyframe as soon as it sees anything, cause two requests at most (seed ${SEED})`, () => {
  const random = new SeededRandom(SEED)
  const stage = new Stage()
  const publisher = stage.publisher({ audioEnabled: false })
  publisher.start()
  stage.run(4000)
  let asked = 0
  for (let i = 0; i < 1000; i++) {
    const viewer = stage.join(publisher, { receiverReportMs: 0, keep: false })
    const ask = (): void => {
      // Some of them wait for a keyframe.
      if (viewer.video.count === 0) stage.clock.setTimer(10, ask)
      else {
        asked++
        viewer.sendPli()
      }
    }
    stage.clock.setTimer(20 + random.next() * 60, ask)
    stage.clock.setTimer(1000, () => viewer.close())
    stage.run(10)
  }
  stage.run(1000)
  expect(asked).toBe(1000)
  expect(publisher.plis).toBeGreaterThan(0)
  expect(publisher.plis).toBeLessThanOrEqual(2)
})

test('a viewer that has lost part of its first keyframe is not left alone: it asks again', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  publisher.start()
  stage.run(2000)
  const viewer = stage.join(publisher, { receiverReportMs: 0, downlink: { lossRate: 1 } })
  stage.run(1)
  viewer.downlink.conditions.lossRate = 0
  const joinedMs = stage.nowMs
  stage.run(60)
  viewer.sendPli()
  stage.run(240)
  expect(publisher.plis).toBe(0)
  viewer.sendPli()
  stage.run(500)
  expect(publisher.plis).toBe(1)
  expect(requests(viewer, stage.nowMs)).toEqual({ pli: 2, fir: 0, early: 1 })
  const keyframe = viewer.video.packets.find((packet) => packet.keyframe)
  // On its way from the past to the present it sees that one in its turn.
  expect(keyframe?.atMs).toBeLessThan(joinedMs + 550)
})

test('a request that crosses with a keyframe later in the stream is not passed on, one that has seen it is', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const link = { downlink: { delayMs: 50 }, uplink: { delayMs: 50 } }
  const [first, second] = [stage.join(publisher, link), stage.join(publisher, link)] as [
    SimulatedViewer,
    SimulatedViewer,
  ]
  publisher.start()
  stage.run(5000)
  const before = publisher.plis
  first.sendPli()
  // The keyframe comes to the server some 80 ms later.
  stage.run(60)
  second.sendPli()
  stage.run(2000)
  expect(publisher.plis - before).toBe(1)
  second.sendPli()
  stage.run(1000)
  expect(publisher.plis - before).toBe(2)
})

test('a FIR that came too early counts when it is repeated', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  publisher.start()
  stage.run(2000)
  const viewer = stage.join(publisher)
  stage.run(20)
  viewer.sendFir()
  stage.run(300)
  expect(publisher.plis).toBe(0)
  viewer.sendFir(true)
  stage.run(300)
  expect(publisher.plis).toBe(1)
  expect(requests(viewer, stage.nowMs)).toEqual({ pli: 0, fir: 2, early: 1 })
})

test('who waits for a keyframe may ask for it at any time', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  publisher.answersKeyframeRequests = false
  publisher.start()
  stage.run(6000)
  const viewer = stage.join(publisher)
  stage.run(10)
  viewer.sendPli()
  stage.run(600)
  expect(viewer.video.count).toBe(0)
  expect(requests(viewer, stage.nowMs)).toEqual({ pli: 1, fir: 0, early: 0 })
})
