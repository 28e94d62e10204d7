import { expect, test } from 'vitest'
import type { IngestSection } from '../../src/media/ingest/publisher-ingest.js'
import { H264, OPUS, PCMU, PUBLISHER_EXTENSIONS, payloadCodec, VIEWER_EXTENSIONS, VP8 } from './support/sections.js'
import { Stage } from './support/stage.js'

const extensions = PUBLISHER_EXTENSIONS
const sections: readonly IngestSection[] = [
  {
    mid: '0',
    kind: 'audio',
    codecs: [payloadCodec(111, OPUS), payloadCodec(0, PCMU)],
    extensions,
    ssrcs: [],
    rids: [],
  },
  {
    mid: '1',
    kind: 'video',
    codecs: [payloadCodec(96, VP8), payloadCodec(102, H264)],
    extensions,
    ssrcs: [],
    rids: [],
  },
]
const viewerSections = [
  {
    mid: 'v',
    kind: 'video',
    codecs: [payloadCodec(120, VP8), payloadCodec(126, H264)],
    extensions: VIEWER_EXTENSIONS,
    ssrc: 0x4001,
  },
] as const

test('a publisher that turns to another payload type is followed from the new codec keyframe on', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ sections })
  const viewer = stage.join(publisher, { sections: viewerSections })
  publisher.start()
  stage.run(2000)
  publisher.stop()
  stage.run(100)
  const vp8Packets = viewer.video.count
  const h264 = (payload: number[], marker: boolean): void => {
    publisher.video.payloadType = 102
    publisher.uplink.send(publisher.video.packet(Buffer.from(payload), marker))
  }
  // A slice that refers to others, then parameter sets and an IDR.
  h264([0x41, 1, 2, 3], true)
  publisher.video.advance(33)
  h264([0x67, 0x42, 0xe0, 0x1f], false)
  h264([0x68, 1, 2], false)
  h264([0x65, 1, 2, 3], true)
  publisher.video.advance(33)
  h264([0x41, 4, 5, 6], true)
  stage.run(100)
  const packets = viewer.video.packets.slice(vp8Packets)
  expect(packets.map(({ payloadType }) => payloadType)).toEqual([126, 126, 126, 126])
  expect(packets.map(({ payload }) => (payload[0] as number) & 0x1f)).toEqual([7, 8, 5, 1])
  expect(viewer.video.gaps()).toBe(0)
  expect(publisher.plis).toBe(1)
})

test('a viewer that has not negotiated the codec gets nothing of it, and goes on when a known one returns', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ sections })
  const viewer = stage.join(publisher)
  publisher.start()
  stage.run(2000)
  const before = viewer.video.count
  publisher.video.payloadType = 102
  stage.run(1000)
  const mismatched = viewer.egress.stats(stage.nowMs).dropped.codecMismatch
  expect(mismatched).toBeGreaterThan(80)
  expect(viewer.video.count - before).toBeLessThan(10)
  expect(viewer.egress.stats(stage.nowMs).tracks[1]?.live).toBe(false)
  publisher.video.payloadType = 96
  publisher.video.keyframeWanted = true
  stage.run(1000)
  expect(viewer.video.gaps()).toBe(0)
  expect(viewer.egress.stats(stage.nowMs).tracks[1]?.live).toBe(true)
})

test('audio that changes its clock rate goes on by elapsed time in the new clock', () => {
  const stage = new Stage()
  const publisher = stage.publisher({ sections })
  const codecs = [payloadCodec(109, OPUS), payloadCodec(0, PCMU)]
  const viewer = stage.join(publisher, {
    sections: [{ mid: 'a', kind: 'audio', codecs, extensions: VIEWER_EXTENSIONS, ssrc: 0x3001 }],
  })
  publisher.start()
  stage.run(1000)
  publisher.stop()
  stage.run(500)
  const before = viewer.audio.packets.at(-1)
  publisher.audio.payloadType = 0
  for (let i = 0; i < 2; i++) {
    publisher.uplink.send(publisher.audio.packet(Buffer.alloc(160), false))
    publisher.audio.timestamp += 160
    stage.run(20)
  }
  const [first, second] = viewer.audio.packets.slice(-2)
  expect(first?.payloadType).toBe(0)
  expect(first?.extSeq).toBe((before?.extSeq ?? 0) + 1)
  const elapsedMs = (first?.atMs ?? 0) - (before?.atMs ?? 0)
  expect(((first?.timestamp ?? 0) - (before?.timestamp ?? 0)) >>> 0).toBe(Math.round(elapsedMs * 8))
  expect(((second?.timestamp ?? 0) - (first?.timestamp ?? 0)) >>> 0).toBe(160)
})
