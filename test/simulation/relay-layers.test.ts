import { expect, test } from 'vitest'
import { seqDelta } from '../../src/rtp/sequence.js'
import { AUDIO_SSRC, LAYER_SSRC, type RelayLink, RTX_SSRC } from './support/relay-link.js'
import { RelayChain, simulcastPublisher } from './support/relay-scene.js'
import { Stage } from './support/stage.js'

const NO_PAUSES = { pause: false }

/** Steps between the sequence numbers of each layer, as they were sent: all 1 where the stream is continuous. */
function steps(link: RelayLink): number[] {
  return [0, 1, 2].flatMap((rank) => {
    const seqs = link.seqs.get(LAYER_SSRC + rank) ?? []
    return seqs.slice(1).map((seq, i) => seqDelta(seq, seqs[i] as number))
  })
}

/** What the far server knows of the layers: rid, height, and whether they come. */
function layersOf(link: RelayLink, nowMs: number) {
  const video = link.ingest.tracks.find(({ kind }) => kind === 'video')
  return (video?.layers ?? []).map((layer) => {
    const { alive, height } = layer.info(nowMs)
    return { rid: layer.rid, alive, height }
  })
}

test('every layer crosses once, the worst as rank 0, whatever the publisher calls it and however many watch', () => {
  const stage = new Stage()
  const publisher = simulcastPublisher(stage)
  const chain = new RelayChain(stage, publisher, [NO_PAUSES])
  publisher.start()
  stage.run(6000)
  const viewers = Array.from({ length: 5 }, () => chain.join())
  const before = chain.link(0).sentByRank
  const sentBefore = publisher.encoders.map(({ packetsSent }) => packetsSent)
  stage.run(10_000)
  const crossed = chain.link(0).sentByRank.map((count, rank) => count - (before[rank] as number))
  const published = publisher.encoders.map(({ packetsSent }, i) => packetsSent - (sentBefore[i] as number))
  // Published best first.
  expect(crossed).toEqual([...published].reverse())
  expect(layersOf(chain.link(0), stage.nowMs)).toEqual([
    { rid: '0', alive: true, height: 180 },
    { rid: '1', alive: true, height: 360 },
    { rid: '2', alive: true, height: 720 },
  ])
  expect(new Set(steps(chain.link(0)))).toEqual(new Set([1]))
  for (const { video } of viewers) {
    expect(video.gaps()).toBe(0)
    expect(video.packets[0]?.keyframe).toBe(true)
  }
})

test('a publisher with fewer layers leaves the upper streams silent, and one with more goes on in the same streams', () => {
  const stage = new Stage()
  const first = simulcastPublisher(stage, { layers: 1 })
  const chain = new RelayChain(stage, first, [NO_PAUSES])
  const viewer = chain.join()
  first.start()
  stage.run(5000)
  expect(chain.link(0).sentByRank.slice(1)).toEqual([0, 0])
  expect(chain.link(0).sentByRank[0]).toBeGreaterThan(100)
  const second = simulcastPublisher(stage, { seed: 2, layers: 3 })
  second.start()
  first.close()
  chain.link(0).egress.setSource('main', second.ingest, stage.nowMs)
  stage.run(10_000)
  expect(layersOf(chain.link(0), stage.nowMs).map(({ height }) => height)).toEqual([180, 360, 720])
  const third = simulcastPublisher(stage, { seed: 3, layers: 2 })
  third.start()
  second.close()
  chain.link(0).egress.setSource('main', third.ingest, stage.nowMs)
  stage.run(5000)
  expect(layersOf(chain.link(0), stage.nowMs).map(({ alive }) => alive)).toEqual([true, true, false])
  expect(new Set(steps(chain.link(0)))).toEqual(new Set([1]))
  // One SSRC per layer all the time, so the far server has one source, whoever publishes.
  const ssrcs = [...chain.link(0).seqs.keys()].filter((ssrc) => ssrc < RTX_SSRC)
  expect(ssrcs.sort()).toEqual([AUDIO_SSRC, LAYER_SSRC, LAYER_SSRC + 1, LAYER_SSRC + 2])
  expect(viewer.video.gaps()).toBe(0)
  expect(viewer.video.timestampSteps().leastMs).toBeGreaterThanOrEqual(0)
})

test('a viewer behind it switches layers as one in front of it does', () => {
  const stage = new Stage()
  const publisher = simulcastPublisher(stage)
  const chain = new RelayChain(stage, publisher, [NO_PAUSES])
  publisher.start()
  stage.run(5000)
  const viewer = chain.join()
  const rid = () => viewer.egress.stats(stage.nowMs).tracks.find(({ kind }) => kind === 'video')?.rid
  const seen: (string | undefined)[] = []
  for (const layer of [{ maxRid: '0' }, { maxRid: '1' }, null, { maxHeight: 360 }]) {
    viewer.egress.configure({ layer }, stage.nowMs)
    stage.run(5000)
    seen.push(rid())
  }
  expect(seen).toEqual(['0', '1', '2', '1'])
  expect(viewer.video.gaps()).toBe(0)
})

test('what was lost on the way between servers is repaired there, per layer', () => {
  const stage = new Stage()
  const publisher = simulcastPublisher(stage)
  const chain = new RelayChain(stage, publisher, [{ ...NO_PAUSES, downlink: { delayMs: 20, lossRate: 0.03 } }])
  const viewer = chain.join()
  publisher.start()
  stage.run(20_000)
  const { repair, layers } = chain.link(0).ingest.stats(stage.nowMs)
  const video = layers.filter(({ kind }) => kind === 'video')
  expect(repair.lostForGood).toBe(0)
  // The viewer watches the best.
  expect(video[2]?.repair.packetsRepaired).toBeGreaterThan(50)
  expect(chain.link(0).resent.get('2')).toBeGreaterThan(50)
  expect(viewer.video.gaps()).toBe(0)
  expect(publisher.keyframeRequests.length).toBeLessThan(8)
})

test('a request for a keyframe of one layer reaches the publisher as one of that layer', () => {
  const stage = new Stage()
  const publisher = simulcastPublisher(stage)
  const chain = new RelayChain(stage, publisher, [NO_PAUSES])
  publisher.start()
  stage.run(5000)
  const before = publisher.encoders.map(({ keyframesSent }) => keyframesSent)
  const video = chain.link(0).ingest.tracks.find(({ kind }) => kind === 'video')
  video?.layers[1]?.requestKeyframe(stage.nowMs)
  stage.run(1000)
  expect(publisher.encoders.map(({ keyframesSent }, i) => keyframesSent - (before[i] as number))).toEqual([0, 1, 0])
})
