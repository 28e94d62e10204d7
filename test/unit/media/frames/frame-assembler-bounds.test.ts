import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codecOf } from '../payload/depacketized.js'
import { AssemblerFeed, type FedPacket, FRAME_TICKS, vp8Frame, vp8Frames, without } from './assembler-feed.js'

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

test('the rest of a frame that was too large is no frame', () => {
  const feed = new AssemblerFeed({ maxBufferedBytes: 2000, untilKeyframe: 'emit' })
  const slice = (extSeq: number, timestamp: number, marker: boolean): FedPacket => ({
    extSeq,
    timestamp,
    payload: [0x41, 0x80],
    marker,
    codec: codecOf('H264'),
  })
  for (let i = 0; i < 6; i++) feed.feed(slice(100 + i, 0, i === 5))
  feed.feed(slice(106, FRAME_TICKS, true))
  expect(feed.indexes).toEqual([1])
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
