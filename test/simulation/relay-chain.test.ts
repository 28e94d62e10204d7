import { expect, test } from 'vitest'
import { percentile } from './support/percentile.js'
import type { RelayLinkOptions } from './support/relay-link.js'
import { RelayChain, simulcastPublisher } from './support/relay-scene.js'
import type { SimulatedPublisher } from './support/simulated-publisher.js'
import type { ReceivedStream, SimulatedViewer } from './support/simulated-viewer.js'
import { Stage } from './support/stage.js'

const HOPS = 4
const QUIET = { downlink: { delayMs: 15 }, uplink: { delayMs: 15 } }
const JITTERY = { downlink: { delayMs: 15, jitterMs: 8 }, uplink: { delayMs: 15, jitterMs: 8 } }

function scene(hops: number, options: RelayLinkOptions = QUIET) {
  const stage = new Stage()
  const publisher = simulcastPublisher(stage, { clockSkewMs: -12_345, uplink: { jitterMs: 5 } })
  const chain = new RelayChain(
    stage,
    publisher,
    Array.from({ length: hops }, () => options),
  )
  publisher.start()
  return { stage, publisher, chain }
}

/** By how much audio and video are apart for the viewer, when nothing is on its way any more: both show what was captured last. */
function syncErrorMs(publisher: SimulatedPublisher, viewer: SimulatedViewer): number {
  const offset = (stream: ReceivedStream, captured: Map<number, number>): number => {
    const shown = [...stream.packets].sort((a, b) => a.extSeq - b.extSeq).at(-1)
    return stream.wallClockMs(shown?.timestamp ?? 0) - ([...captured.values()].at(-1) as number)
  }
  return Math.abs(offset(viewer.audio, publisher.audioCapturedMs) - offset(viewer.video, publisher.videoCapturedMs))
}

test.each([1500, 4000, 9000, 20_000, 20_300, 21_000, 24_000])(
  'over four hops audio and video are in sync within 40 ms, %i ms after the join, with a change to a paused layer at 20 s',
  (afterMs) => {
    const { stage, publisher, chain } = scene(HOPS, JITTERY)
    stage.run(2000)
    const viewer = chain.join()
    viewer.egress.configure({ layer: { maxRid: '1' } }, stage.nowMs)
    stage.run(Math.min(afterMs, 20_000))
    if (afterMs > 20_000) {
      viewer.egress.configure({ layer: null }, stage.nowMs)
      stage.run(afterMs - 20_000)
    }
    publisher.stop()
    stage.run(400)
    expect(syncErrorMs(publisher, viewer)).toBeLessThan(40)
    expect(viewer.video.gaps()).toBe(0)
    expect(viewer.audio.gaps()).toBe(0)
  },
)

/** Keyframe requests that reach the publisher while forty viewers come, choose, and lose pictures. */
function requestsOf(hops: number): number {
  const { stage, publisher, chain } = scene(hops)
  stage.run(6000)
  const before = publisher.keyframeRequests.length
  const viewers: SimulatedViewer[] = []
  for (let i = 0; i < 40; i++) {
    const viewer = hops === 0 ? stage.join(publisher, { keep: false }) : chain.join({ keep: false })
    viewers.push(viewer)
    stage.run(250)
    viewers[(i * 7) % viewers.length]?.sendPli()
    stage.run(250)
    viewers[(i * 5) % viewers.length]?.egress.configure(
      { layer: { maxHeight: [180, 360, 720][i % 3] as number } },
      stage.nowMs,
    )
  }
  return publisher.keyframeRequests.length - before
}

test('viewers four hops away ask the publisher for no more keyframes than viewers at its own server', () => {
  const [near, far] = [requestsOf(0), requestsOf(HOPS)]
  expect(near).toBeGreaterThan(20)
  expect(far).toBeLessThanOrEqual(near)
})

test('what is lost on one hop is repaired on that hop', () => {
  const { stage, publisher, chain } = scene(HOPS)
  publisher.uplink.conditions.jitterMs = 0
  const viewer = chain.join()
  stage.run(25_000)
  const requests = publisher.keyframeRequests.length
  chain.link(2).downlink.conditions.lossRate = 0.02
  stage.run(20_000)
  chain.link(2).downlink.conditions.lossRate = 0
  stage.run(1000)
  // What is missing is missed behind it, too, but comes by itself as soon as it is repaired.
  const repairs = chain.links.map(({ ingest }) => {
    const { rtxReceived, rtxUseless } = ingest.stats(stage.nowMs).repair
    return rtxReceived - rtxUseless
  })
  expect(repairs[2]).toBeGreaterThan(30)
  expect([repairs[0], repairs[1], repairs[3]]).toEqual([0, 0, 0])
  expect(chain.link(2).ingest.stats(stage.nowMs).repair.lostForGood).toBe(0)
  expect(publisher.keyframeRequests.length).toBe(requests)
  expect(viewer.video.gaps()).toBe(0)
})

test('a publisher that is replaced is seen four hops away as the same streams, going on', () => {
  const { stage, publisher, chain } = scene(HOPS)
  const viewer = chain.join()
  stage.run(10_000)
  const second = simulcastPublisher(stage, { seed: 2, clockSkewMs: 777_777 })
  second.start()
  publisher.close()
  chain.link(0).egress.setSource('main', second.ingest, stage.nowMs)
  const changeMs = stage.nowMs
  stage.run(8000)
  expect(viewer.video.gaps()).toBe(0)
  expect(viewer.video.timestampSteps().leastMs).toBeGreaterThanOrEqual(0)
  const times = viewer.video.packets.map(({ atMs }) => atMs).filter((atMs) => atMs > changeMs - 100)
  expect(Math.max(...times.slice(1).map((atMs, i) => atMs - (times[i] as number)))).toBeLessThan(150)
  second.stop()
  stage.run(400)
  expect(syncErrorMs(second, viewer)).toBeLessThan(40)
})

test('nothing is added on the way: the fourth hop is as late as the paths are long', () => {
  const { stage, publisher, chain } = scene(HOPS)
  publisher.uplink.conditions.jitterMs = 0
  stage.run(3000)
  const viewer = chain.join()
  stage.run(10_000)
  const from = viewer.video.count
  stage.run(1000)
  const sent = [...publisher.videoCapturedMs.values()]
  const pathMs = publisher.uplink.conditions.delayMs + HOPS * 15 + viewer.downlink.conditions.delayMs
  const late = viewer.video.packets.slice(from).map(({ atMs }) => {
    const captured = sent.findLast((capturedMs) => capturedMs <= atMs - pathMs + 0.001) as number
    return atMs - captured - pathMs
  })
  expect(percentile(late, 0.5)).toBeLessThan(0.01)
  // The first hop's pacer spreads large frames, as the network is not known to carry more.
  expect(percentile(late, 0.99)).toBeLessThan(10)
})
