import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { codecOf } from '../payload/depacketized.js'
import { AssemblerFeed, type FedPacket, FRAME_TICKS, vp8Frames, without } from './assembler-feed.js'

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

describe('where only a keyframe helps', () => {
  it('and one has begun, nothing before it is waited for', () => {
    const feed = new AssemblerFeed()
    const packets = vp8Frames(8, [5])
    feed.feed(...without(packets.slice(0, 9), 4))
    feed.wait(400)
    feed.feed(...without(packets.slice(9, 12), 1))
    feed.wait(100)
    expect([feed.indexes, feed.requests]).toEqual([[0], [500]])
    feed.feed(...packets.slice(12))
    expect([feed.indexes, feed.behindGaps]).toEqual([[0, 5, 6, 7], [5]])
    expect(feed.gaps[0]?.missingPackets).toBe(2)
    expect(feed.assembler.stats).toMatchObject({ droppedFrames: 4, missingPackets: 2, bufferedBytes: 0 })
    expect(feed.assembler.dueMs).toBe(Number.POSITIVE_INFINITY)
  })

  it('and one has come already, neither', () => {
    const feed = new AssemblerFeed()
    feed.feed(...without(vp8Frames(8, [5]), 4, 10))
    feed.wait(500)
    expect([feed.indexes, feed.behindGaps]).toEqual([[0, 5, 6, 7], [5]])
  })

  it('its own missing packets are waited for, whatever keyframes come meanwhile', () => {
    const feed = new AssemblerFeed()
    const packets = vp8Frames(4, [1, 2])
    feed.feed(...without(packets, 1))
    expect(feed.indexes).toEqual([])
    feed.feed(packets[1] as FedPacket)
    expect(feed.indexes).toEqual([0, 1, 2, 3])
  })

  it('none of H264 is taken that may lack its parameter sets', () => {
    const feed = new AssemblerFeed()
    const unit = (extSeq: number, timestamp: number, marker: boolean, ...payload: number[]): FedPacket => ({
      extSeq,
      timestamp,
      payload,
      marker,
      codec: codecOf('H264'),
    })
    const sets = unit(103, 3000, false, 0x78, 0, 5, 0x67, 0x42, 0xe0, 0x1f, 0x80, 0, 2, 0x68, 0xce)
    feed.feed(unit(100, 0, true, 0x41, 0x80), unit(102, 0, true, 0x41, 0x80), unit(104, 3000, true, 0x65, 0x88))
    expect([feed.indexes, feed.assembler.dueMs]).toEqual([[], 500])
    feed.feed(sets)
    expect(feed.frames.map(({ data }) => data.length)).toEqual([4 + 5 + 4 + 2 + 4 + 2])
  })
})

test('every gap has its own missing packets', () => {
  const feed = new AssemblerFeed({ untilKeyframe: 'emit' })
  feed.feed(...without(vp8Frames(7), 4, 10, 11, 16))
  feed.wait(500)
  expect(feed.gaps.map(({ missingPackets }) => missingPackets)).toEqual([1, 2, 1])
  expect(feed.assembler.stats).toMatchObject({ missingPackets: 4, gaps: 3, droppedFrames: 3, frames: 4, gapMs: 200 })
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
    const packets = vp8Frames(5, [3]).slice(4)
    feed.feed(packets[0] as FedPacket)
    expect(feed.requests).toEqual([0])
    feed.wait(20)
    feed.feed(...packets.slice(1))
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
