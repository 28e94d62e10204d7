import { expect, test } from 'vitest'
import { Stage } from './support/stage.js'

test('one hundred joins in two seconds cause at most five requests, and everybody starts soon', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  publisher.start()
  stage.run(10_000)
  const joined = Array.from({ length: 100 }, () => {
    const viewer = stage.join(publisher, { receiverReportMs: 0 })
    const atMs = stage.nowMs
    stage.run(20)
    return { viewer, atMs }
  })
  stage.run(2000)
  expect(publisher.plis).toBeGreaterThan(0)
  expect(publisher.plis).toBeLessThanOrEqual(5)
  const waits = joined.map(({ viewer, atMs }) => {
    expect(viewer.video.packets[0]?.keyframe).toBe(true)
    expect(viewer.video.gaps()).toBe(0)
    return (viewer.video.packets[0]?.atMs ?? Number.POSITIVE_INFINITY) - atMs
  })
  waits.sort((a, b) => a - b)
  expect(waits[50]).toBeLessThan(100)
  expect(waits.at(-1)).toBeLessThan(600)
})

test('a storm of PLIs and FIRs becomes one request per window', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const viewers = Array.from({ length: 50 }, () => stage.join(publisher, { receiverReportMs: 0 }))
  publisher.start()
  stage.run(3000)
  const before = publisher.plis
  for (let i = 0; i < 200; i++) {
    for (const viewer of viewers)
      if (i % 2 === 0) viewer.sendPli()
      else viewer.sendFir()
    stage.run(10)
  }
  stage.run(600)
  expect(publisher.plis - before).toBeGreaterThanOrEqual(4)
  expect(publisher.plis - before).toBeLessThanOrEqual(6)
  const spacing = publisher.keyframeRequests.slice(1).map((ms, i) => ms - (publisher.keyframeRequests[i] as number))
  expect(Math.min(...spacing)).toBeGreaterThanOrEqual(499.9)
  const stats = publisher.ingest.stats(stage.nowMs)
  const early = viewers.reduce((sum, { egress }) => sum + egress.stats(stage.nowMs).keyframeRequestsReceived.early, 0)
  expect(stats.keyframeRequestsCoalesced + early).toBeGreaterThan(9900)
  const first = viewers[0]?.egress.stats(stage.nowMs).keyframeRequestsReceived
  expect(first).toMatchObject({ pli: 100, fir: 100 })
})

test('a FIR that is repeated under its number is one request', () => {
  const stage = new Stage()
  const publisher = stage.publisher()
  const viewer = stage.join(publisher)
  publisher.start()
  stage.run(3000)
  viewer.sendFir()
  stage.run(1000)
  viewer.sendFir(true)
  stage.run(1000)
  expect(publisher.plis).toBe(1)
  viewer.sendFir()
  stage.run(1000)
  expect(publisher.plis).toBe(2)
})

test('a publisher that knows FIR only is asked by FIR, one that knows neither is not asked', async () => {
  const { payloadCodec, VP8, PUBLISHER_EXTENSIONS } = await import('./support/sections.js')
  for (const [feedback, firs] of [
    [['ccm fir'], 2],
    [[], 0],
  ] as const) {
    const stage = new Stage()
    const codecs = [payloadCodec(96, VP8, feedback)]
    const section = { mid: '1', kind: 'video', codecs, extensions: PUBLISHER_EXTENSIONS, ssrcs: [], rids: [] } as const
    const publisher = stage.publisher({ sections: [section], audioEnabled: false })
    publisher.start()
    stage.run(6000)
    const viewer = stage.join(publisher)
    stage.run(900)
    viewer.sendPli()
    stage.run(900)
    expect(publisher.plis).toBe(0)
    expect(publisher.firs).toBe(firs)
    expect(publisher.ingest.stats(stage.nowMs).firSent).toBe(firs)
  }
})
