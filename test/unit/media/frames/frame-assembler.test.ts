import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { MAX_SEQ_GAP } from '../../../../src/media/types.js'
import { codecOf } from '../payload/depacketized.js'
import { AssemblerFeed, type FedPacket, FRAME_TICKS, vp8Frame, vp8Frames } from './assembler-feed.js'

const without = (packets: readonly FedPacket[], ...indexes: number[]): FedPacket[] =>
  packets.filter((_, i) => !indexes.includes(i))

test('frames are complete, in order, and copies', () => {
  const feed = new AssemblerFeed()
  const packets = vp8Frames(3)
  feed.nowMs = 40
  feed.feed(...packets.slice(0, 1))
  feed.nowMs = 50
  feed.feed(...packets.slice(1))
  expect(feed.frames).toEqual(
    [0, 1, 2].map((i) => ({
      kind: 'video',
      codec: codecOf('VP8'),
      data: Uint8Array.of(i === 0 ? 0x10 : 0x11, ...[0, 1, 2].map((part) => (1000 + 3 * i + part) & 0xff)),
      keyframe: i === 0,
      gapBefore: false,
      timestamp: i * FRAME_TICKS,
      arrivalMs: i === 0 ? 40 : 50,
    })),
  )
  expect(feed.assembler.stats).toMatchObject({
    packets: 9,
    frames: 3,
    keyframes: 1,
    droppedFrames: 0,
    bufferedBytes: 0,
  })
  expect([feed.requests, feed.dues, feed.assembler.dueMs]).toEqual([[], [], Number.POSITIVE_INFINITY])
})

describe('a missing packet', () => {
  it('is waited for', () => {
    const feed = new AssemblerFeed()
    const packets = vp8Frames(4)
    feed.feed(...without(packets, 4))
    expect(feed.indexes).toEqual([0])
    expect([feed.dues, feed.assembler.dueMs]).toEqual([[500], 500])
    feed.wait(499)
    expect(feed.indexes).toEqual([0])
    feed.feed(packets[4] as FedPacket)
    expect([feed.indexes, feed.behindGaps]).toEqual([[0, 1, 2, 3], []])
    expect([feed.requests, feed.gaps, feed.assembler.dueMs]).toEqual([[], [], Number.POSITIVE_INFINITY])
  })

  it('that does not come is a gap: up to the next keyframe, which is asked for', () => {
    const feed = new AssemblerFeed()
    const packets = vp8Frames(6, [5])
    feed.feed(...without(packets.slice(0, 12), 4))
    feed.wait(500)
    expect([feed.indexes, feed.requests]).toEqual([[0], [500]])
    feed.feed(...packets.slice(12))
    expect([feed.indexes, feed.behindGaps]).toEqual([[0, 5], [5]])
    expect(feed.gaps).toEqual([
      { kind: 'video', fromTimestamp: 0, toTimestamp: 5 * FRAME_TICKS, durationMs: 500 / 3, missingPackets: 1 },
    ])
    expect(feed.assembler.stats).toMatchObject({
      frames: 2,
      keyframes: 2,
      missingPackets: 1,
      droppedFrames: 4,
      gaps: 1,
      gapMs: 500 / 3,
      keyframeRequests: 1,
    })
  })

  it('that comes after all is of no use', () => {
    const feed = new AssemblerFeed()
    const packets = vp8Frames(4)
    feed.feed(...without(packets, 4))
    feed.wait(500)
    feed.feed(packets[4] as FedPacket)
    expect(feed.indexes).toEqual([0])
    expect(feed.assembler.stats).toMatchObject({ latePackets: 1, missingPackets: 1, bufferedBytes: 0 })
  })

  it.each([
    ['first', 3],
    ['middle', 4],
    ['last', 5],
  ])('leaves out its frame alone where the application wants the rest: the %s of a frame', (_, index) => {
    const feed = new AssemblerFeed({ untilKeyframe: 'emit' })
    feed.feed(...without(vp8Frames(4), index))
    feed.wait(500)
    expect([feed.indexes, feed.behindGaps, feed.requests]).toEqual([[0, 2, 3], [2], [500]])
    expect(feed.assembler.stats).toMatchObject({ droppedFrames: 1, missingPackets: 1, gaps: 1 })
  })

  it('is waited for as long as the option says', () => {
    const feed = new AssemblerFeed({ patienceMs: 80 })
    feed.feed(...without(vp8Frames(3), 4))
    expect(feed.assembler.dueMs).toBe(80)
  })

  it('is given up by when it was missed, whatever came or was given up meanwhile', () => {
    const feed = new AssemblerFeed({ untilKeyframe: 'emit' })
    const packets = vp8Frames(6)
    feed.feed(...without(packets.slice(0, 6), 4))
    feed.wait(100)
    feed.feed(...without(packets.slice(6), 1, 2, 7))
    feed.wait(300)
    // Packet 4 comes late; packet 7 was missed 300 ms ago.
    feed.feed(packets[4] as FedPacket)
    expect([feed.indexes, feed.assembler.dueMs]).toEqual([[0, 1], 600])
    feed.feed(packets[7] as FedPacket)
    expect(feed.assembler.dueMs).toBe(600)
    expect(feed.assembler.tick(600)).toBe(Number.POSITIVE_INFINITY)
    expect([feed.indexes, feed.behindGaps]).toEqual([
      [0, 1, 3, 5],
      [3, 5],
    ])
  })
})

test('a whole frame that is missing is a gap', () => {
  const feed = new AssemblerFeed()
  feed.feed(...without(vp8Frames(6, [4]), 3, 4, 5))
  feed.wait(500)
  expect([feed.indexes, feed.behindGaps, feed.gaps.length]).toEqual([[0, 4, 5], [4], 1])
  expect(feed.gaps[0]?.missingPackets).toBe(3)
  expect(feed.requests).toEqual([500])
})

test('a damaged keyframe is asked for again', () => {
  const feed = new AssemblerFeed()
  const packets = vp8Frames(8, [3, 6])
  feed.feed(...without(packets.slice(0, 9), 3))
  feed.wait(500)
  feed.feed(...without(packets.slice(9), 1))
  feed.wait(500)
  expect([feed.indexes, feed.requests]).toEqual([
    [0, 6, 7],
    [500, 1000],
  ])
})

test('packets may come in any order, and more than once', () => {
  const packets = vp8Frames(5)
  const shuffled = fc.shuffledSubarray([...packets, ...packets], { minLength: 30 })
  fc.assert(
    fc.property(shuffled, (order) => {
      const feed = new AssemblerFeed()
      // What comes first is the beginning, but for what it has overtaken.
      feed.feed(packets[0] as FedPacket, ...order)
      expect([feed.indexes, feed.behindGaps, feed.requests]).toEqual([[0, 1, 2, 3, 4], [], []])
      expect(feed.assembler.stats).toMatchObject({ latePackets: 16, bufferedBytes: 0 })
    }),
  )
})

describe('the beginning', () => {
  it('is a keyframe, asked for at once', () => {
    const feed = new AssemblerFeed()
    feed.feed(...vp8Frames(5, [3]).slice(4))
    expect([feed.indexes, feed.behindGaps, feed.gaps, feed.requests]).toEqual([[3, 4], [], [], [0]])
    expect(feed.assembler.stats).toMatchObject({ droppedFrames: 0, gaps: 0 })
  })

  it('is any frame that is whole, where the application wants those', () => {
    const feed = new AssemblerFeed({ untilKeyframe: 'emit' })
    feed.feed(...vp8Frames(5, [3]).slice(4))
    expect([feed.indexes, feed.behindGaps, feed.requests]).toEqual([[2, 3, 4], [], [0]])
  })

  it('may have been overtaken', () => {
    const feed = new AssemblerFeed()
    const [first, ...rest] = vp8Frames(3) as [FedPacket, ...FedPacket[]]
    feed.feed(rest[0] as FedPacket, first, ...rest.slice(1))
    expect([feed.indexes, feed.behindGaps]).toEqual([[0, 1, 2], []])
  })
})

describe('audio', () => {
  const opus = codecOf('opus')
  const packet = (index: number, marker = false): FedPacket => ({
    extSeq: 500 + index,
    timestamp: index * 960,
    payload: [0xf8, index],
    marker,
    codec: opus,
  })

  it('is a frame for every packet', () => {
    const feed = new AssemblerFeed()
    feed.feed(packet(0, true), packet(1), { ...packet(2), timestamp: 960 })
    expect(feed.frames.map(({ data, keyframe, kind }) => [[...data], keyframe, kind])).toEqual(
      [0, 1, 2].map((i) => [[0xf8, i], true, 'audio']),
    )
  })

  it('goes on at once behind a gap, and asks for nothing', () => {
    const feed = new AssemblerFeed()
    feed.feed(packet(0), packet(1), packet(4), packet(5))
    expect(feed.frames).toHaveLength(2)
    feed.wait(500)
    expect(feed.frames.map(({ gapBefore }) => gapBefore)).toEqual([false, false, true, false])
    expect(feed.gaps).toEqual([
      { kind: 'audio', fromTimestamp: 960, toTimestamp: 4 * 960, durationMs: 60, missingPackets: 2 },
    ])
    expect(feed.requests).toEqual([])
  })

  it('without its redundancy is of the codec inside, and may come without', () => {
    const feed = new AssemblerFeed()
    const red = codecOf('red')
    feed.feed({ ...packet(0), codec: red, payload: [0x80 | 111, 0x0f, 0, 1, 111, 9, 0xf8, 7] }, packet(1))
    expect(feed.frames.map(({ codec, data }) => [codec.name, ...data])).toEqual([
      ['opus', 0xf8, 7],
      ['opus', 0xf8, 1],
    ])
    expect(feed.gaps).toEqual([])
  })
})

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
  const unit = (index: number, type: number, marker = true): FedPacket => ({
    extSeq: 1006 + index,
    timestamp: (2 + index) * FRAME_TICKS,
    payload: [0x60 | type, 0x88],
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
    const sets = { ...unit(0, 7), payload: [0x67, 0x42, 0xe0, 0x1f, 0x80] }
    const vp8 = vp8Frame(1008, 4, 1, { key: true })
    feed.feed({ ...sets, extSeq: 1006 }, { ...unit(1, 5), extSeq: 1007 }, ...vp8, { ...unit(3, 5), extSeq: 1009 })
    expect([...(feed.frames[2]?.data.subarray(0, 5) ?? [])]).toEqual([0, 0, 0, 1, 0x67])
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

describe('the end', () => {
  test('comes without waiting, and asks for nothing', () => {
    const feed = new AssemblerFeed({ untilKeyframe: 'emit' })
    feed.feed(...without(vp8Frames(5), 4, 14))
    feed.assembler.finish(0)
    expect([feed.indexes, feed.behindGaps, feed.requests]).toEqual([[0, 2, 3], [2], []])
    expect(feed.assembler.stats).toMatchObject({ droppedFrames: 2, bufferedBytes: 0 })
    expect(feed.assembler.dueMs).toBe(Number.POSITIVE_INFINITY)
  })

  test('may come before anything did', () => {
    const feed = new AssemblerFeed()
    feed.assembler.finish(0)
    expect(feed.assembler.tick(1)).toBe(Number.POSITIVE_INFINITY)
  })

  test('may be called for while a frame is handed over', () => {
    const feed: AssemblerFeed = new AssemblerFeed({ onFrame: () => feed.assembler.finish(0) })
    feed.feed(...vp8Frames(3))
    expect(feed.assembler.stats).toMatchObject({ frames: 3, bufferedBytes: 0 })
  })
})

describe('what waits is bounded', () => {
  const MAX_BYTES = 20_000

  test('behind a missing packet', () => {
    const feed = new AssemblerFeed({ maxBufferedBytes: MAX_BYTES, untilKeyframe: 'emit' })
    const packets = without(vp8Frames(200), 4)
    for (const packet of packets) {
      feed.feed(packet)
      expect(feed.assembler.stats.bufferedBytes).toBeLessThanOrEqual(MAX_BYTES)
    }
    expect(feed.frames).toHaveLength(199)
    expect([feed.behindGaps, feed.requests.length]).toEqual([[2], 1])
  })

  test('in a frame that does not end', () => {
    const feed = new AssemblerFeed({ maxBufferedBytes: MAX_BYTES })
    for (const packet of vp8Frame(1000, 0, 500, { key: true })) {
      feed.feed(packet)
      expect(feed.assembler.stats.bufferedBytes).toBeLessThanOrEqual(MAX_BYTES)
    }
    feed.feed(...vp8Frame(1500, 1, 3, { key: true }))
    expect(feed.indexes).toEqual([1])
    expect(feed.requests.length).toBeGreaterThan(0)
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

test('a malformed frame is left out, and asked for', () => {
  const feed = new AssemblerFeed()
  const packets = vp8Frames(5, [3])
  // A second beginning amid the frame.
  packets[4] = { ...(packets[4] as FedPacket), payload: [0x10, 0x11, 1] }
  feed.feed(...packets)
  expect([feed.indexes, feed.behindGaps, feed.requests]).toEqual([[0, 3, 4], [3], [0]])
  expect(feed.assembler.stats).toMatchObject({ malformedFrames: 1, droppedFrames: 2, missingPackets: 0 })
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

test('whatever the packets are, nothing throws, memory is bounded, and frames come in order', () => {
  const codecs = (['VP8', 'VP9', 'H264', 'H265', 'AV1', 'opus', 'red'] as const).map((name) => codecOf(name))
  const packet = fc.record({
    extSeq: fc.oneof(
      { weight: 20, arbitrary: fc.nat(40) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 ** 40 }) },
    ),
    timestamp: fc.oneof(fc.nat(4), fc.nat(0xffff_ffff)),
    payload: fc.array(fc.oneof(fc.constantFrom(0x10, 0x08, 0x65, 0x7c, 0x85), fc.nat(255)), {
      minLength: 1,
      maxLength: 20,
    }),
    marker: fc.boolean(),
    codec: fc.oneof({ weight: 5, arbitrary: fc.constant(codecs[0] ?? codecOf('VP8')) }, fc.constantFrom(...codecs)),
  })
  const step = fc.record({ packet, waitMs: fc.oneof(fc.constant(0), fc.nat(600)) })
  const maxBufferedBytes = 5000
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.constantFrom('drop' as const, 'emit' as const),
      (steps, untilKeyframe) => {
        const feed = new AssemblerFeed({ maxBufferedBytes, untilKeyframe })
        for (const { packet, waitMs } of steps) {
          feed.feed(packet)
          feed.wait(waitMs)
          expect(feed.assembler.stats.bufferedBytes).toBeLessThanOrEqual(maxBufferedBytes)
          expect(feed.assembler.dueMs).toBeGreaterThan(feed.nowMs)
        }
        feed.assembler.finish(feed.nowMs)
        const { bufferedBytes, frames, gaps, packets } = feed.assembler.stats
        expect([bufferedBytes, feed.frames.length, feed.gaps.length, packets]).toEqual([0, frames, gaps, steps.length])
        expect(feed.frames[0]?.gapBefore ?? false).toBe(false)
      },
    ),
    { numRuns: 500 },
  )
})
