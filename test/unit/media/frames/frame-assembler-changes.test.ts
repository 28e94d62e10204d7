import { describe, expect, it, test } from 'vitest'
import { MAX_SEQ_GAP } from '../../../../src/media/types.js'
import { codecOf } from '../payload/depacketized.js'
import { AssemblerFeed, type FedPacket, FRAME_TICKS, vp8Frame, vp8Frames, without } from './assembler-feed.js'

test('timestamps may wrap within a gap', () => {
  const feed = new AssemblerFeed()
  const shift = (packets: FedPacket[]): FedPacket[] =>
    packets.map((packet) => ({ ...packet, timestamp: (packet.timestamp + 0xffff_ffff - 4500) >>> 0 }))
  feed.feed(...without(shift(vp8Frames(5, [3])), 4))
  feed.wait(500)
  expect(feed.frames).toHaveLength(3)
  expect(feed.gaps).toMatchObject([{ fromTimestamp: 0xffff_ffff - 4500, toTimestamp: 4499, durationMs: 100 }])
})

describe('a numbering that starts anew', () => {
  const farAhead = (packets: FedPacket[]): FedPacket[] =>
    packets.map((packet) => ({
      ...packet,
      extSeq: packet.extSeq + MAX_SEQ_GAP + 0x8000,
      timestamp: packet.timestamp + 9e6,
    }))

  it('ends what waits, and has nothing to do with it', () => {
    const feed = new AssemblerFeed({ untilKeyframe: 'emit' })
    feed.feed(...without(vp8Frames(4), 4))
    feed.feed(...farAhead(vp8Frames(2)))
    expect(feed.indexes).toEqual([0, 2, 3, 3000, 3001])
    expect([feed.behindGaps, feed.restarts, feed.gaps.length]).toEqual([[2, 3000], 1, 1])
    expect([feed.requests, feed.assembler.dueMs]).toEqual([[], Number.POSITIVE_INFINITY])
    expect(feed.assembler.stats).toMatchObject({ restarts: 1, gaps: 1, bufferedBytes: 0 })
  })

  it('waits for a keyframe', () => {
    const feed = new AssemblerFeed()
    feed.feed(...vp8Frames(2))
    feed.feed(...farAhead(vp8Frames(4, [2])).slice(3))
    expect([feed.indexes, feed.behindGaps, feed.requests]).toEqual([[0, 1, 3002, 3003], [3002], [0]])
  })

  it('takes what its first packet has overtaken, and nothing of the old one', () => {
    const feed = new AssemblerFeed()
    const [first, ...rest] = farAhead(vp8Frames(2)) as [FedPacket, ...FedPacket[]]
    feed.feed(...vp8Frames(2).slice(0, 5))
    feed.feed(rest[0] as FedPacket, first, vp8Frames(2)[5] as FedPacket, ...rest.slice(1))
    expect(feed.indexes).toEqual([0, 3000, 3001])
    expect(feed.assembler.stats.latePackets).toBe(1)
  })

  it('is no restart where the gap is no longer than loss may be', () => {
    const feed = new AssemblerFeed()
    const later = vp8Frames(2).map((packet) => ({ ...packet, extSeq: packet.extSeq + MAX_SEQ_GAP + 2 }))
    feed.feed(...vp8Frames(1), ...later)
    feed.wait(500)
    expect([feed.restarts, feed.gaps[0]?.missingPackets]).toEqual([0, MAX_SEQ_GAP - 1])
  })
})

describe('a change of codec', () => {
  const h264 = codecOf('H264')
  const SETS = [0, 5, 0x67, 0x42, 0xe0, 0x1f, 0x80, 0, 2, 0x68, 0xce]
  const KEYFRAME = [0x78, ...SETS, 0, 2, 0x65, 0x88]
  const unit = (index: number, type: number, marker = true): FedPacket => ({
    extSeq: 1006 + index,
    timestamp: (2 + index) * FRAME_TICKS,
    payload: type === 5 ? KEYFRAME : [0x60 | type, 0x88],
    marker,
    codec: h264,
  })

  it('with a keyframe is no gap', () => {
    const feed = new AssemblerFeed()
    feed.feed(...vp8Frames(2), unit(0, 5), unit(1, 1))
    expect([feed.indexes, feed.behindGaps, feed.requests]).toEqual([[0, 1, 2, 3], [], []])
    expect(feed.frames.map(({ codec }) => codec.name)).toEqual(['VP8', 'VP8', 'H264', 'H264'])
  })

  it('without one waits for it', () => {
    const feed = new AssemblerFeed()
    feed.feed(...vp8Frames(2), unit(0, 1), unit(1, 1), unit(2, 5))
    expect([feed.indexes, feed.behindGaps, feed.requests]).toEqual([[0, 1, 4], [4], [0]])
    expect(feed.gaps).toMatchObject([{ missingPackets: 0 }])
  })

  it('ends the frame before it', () => {
    const feed = new AssemblerFeed()
    feed.feed(...vp8Frame(1000, 0, 2, { key: true, markers: false }), { ...unit(0, 5), extSeq: 1002, timestamp: 0 })
    expect(feed.frames.map(({ codec }) => codec.name)).toEqual(['VP8', 'H264'])
  })

  it('keeps the parameter sets of the one before', () => {
    const feed = new AssemblerFeed()
    const bare = { ...unit(2, 5), extSeq: 1008, payload: [0x65, 0x88] }
    feed.feed({ ...unit(0, 7), payload: [0x78, ...SETS] }, ...vp8Frame(1007, 1, 1, { key: true }), bare)
    expect(feed.frames.map(({ data }) => data.length)).toEqual([2, 4 + 5 + 4 + 2 + 4 + 2])
  })
})

describe('without markers', () => {
  const unmarked = [0, 1, 2].flatMap((i) => vp8Frame(1000 + 3 * i, i, 3, { key: i === 0, markers: false }))

  test('a frame ends where the next begins, and the last one where the stream does', () => {
    const feed = new AssemblerFeed()
    feed.feed(...unmarked)
    expect(feed.indexes).toEqual([0, 1])
    feed.assembler.finish(0)
    expect([feed.indexes, feed.behindGaps, feed.requests]).toEqual([[0, 1, 2], [], []])
    expect(feed.assembler.stats.bufferedBytes).toBe(0)
  })

  test('a loss between frames leaves out the one before, too, which may have been longer', () => {
    const feed = new AssemblerFeed({ untilKeyframe: 'emit' })
    feed.feed(...without(unmarked, 5))
    feed.wait(500)
    feed.assembler.finish(500)
    expect([feed.indexes, feed.behindGaps]).toEqual([[0, 2], [2]])
  })
})

describe('numbers that no media has, as those of padding that was lost', () => {
  const frames = (pictureIds: readonly number[], holes: number): FedPacket[] =>
    pictureIds.flatMap((pictureId, i) => vp8Frame(1000 + (2 + holes) * i, i, 2, { key: i === 0, pictureId }))

  test('are not waited for where picture ids go on', () => {
    const feed = new AssemblerFeed()
    feed.feed(...frames([0x7ffe, 0x7fff, 0, 1], 3))
    expect([feed.indexes, feed.behindGaps, feed.gaps, feed.requests]).toEqual([[0, 1, 2, 3], [], [], []])
    expect(feed.assembler.stats.missingPackets).toBe(0)
  })

  test('are missing packets where picture ids do not go on', () => {
    const feed = new AssemblerFeed()
    feed.feed(...frames([5, 7], 3))
    expect(feed.indexes).toEqual([0])
    feed.wait(500)
    expect(feed.requests).toEqual([500])
  })

  test('and where the frame before was not complete', () => {
    const feed = new AssemblerFeed()
    const [first, , ...rest] = frames([5, 6], 0) as [FedPacket, FedPacket, ...FedPacket[]]
    feed.feed(first, ...rest)
    expect(feed.indexes).toEqual([])
  })
})

test('parameter sets alone are no frame, and are there for the next one', () => {
  const feed = new AssemblerFeed()
  const codec = codecOf('H264')
  const packet = (extSeq: number, timestamp: number, ...payload: number[]): FedPacket => ({
    extSeq,
    timestamp,
    payload,
    marker: true,
    codec,
  })
  feed.feed(packet(1, 0, 0x67, 0x42, 0xe0, 0x1f, 0x80), packet(2, 0, 0x68, 0xce), packet(3, 0, 0x65, 0x88))
  expect(feed.frames).toMatchObject([{ keyframe: true, gapBefore: false, timestamp: 0 }])
  expect(feed.frames[0]?.data).toHaveLength(3 * 4 + 5 + 2 + 2)
  expect(feed.requests).toEqual([])
})
