import { describe, expect, it } from 'vitest'
import { RtpHeader } from '../../../src/rtp/rtp-header.js'
import { ReceivedStream } from '../../../src/testing/received-stream.js'
import { ReceivedVideo, type VideoPacket } from '../../../src/testing/received-video.js'
import { SyntheticVideo } from '../../../src/testing/synthetic-video.js'

describe('a received stream', () => {
  it('counts what came, what is missing and what came twice', () => {
    const stream = new ReceivedStream()
    for (const seq of [65_534, 65_535, 1, 2, 2]) stream.add(7, seq, 100, 0)
    expect(stream.stats(0)).toMatchObject({ packets: 4, bytes: 400, lost: 1, lossRate: 0.2, duplicates: 1 })
    stream.add(7, 0, 100, 0)
    expect(stream.stats(0)).toMatchObject({ packets: 5, lost: 0, lossRate: 0 })
  })

  it('takes a packet that was overtaken by the first one for the first', () => {
    const stream = new ReceivedStream()
    for (const seq of [10, 8]) stream.add(7, seq, 100, 0)
    expect(stream.stats(0)).toMatchObject({ packets: 2, lost: 1 })
  })

  it('goes on counting with another SSRC, without a gap', () => {
    const stream = new ReceivedStream()
    for (const seq of [10, 12]) stream.add(7, seq, 100, 0)
    for (const seq of [40_000, 40_001]) stream.add(8, seq, 100, 0)
    expect(stream.stats(0)).toMatchObject({ packets: 4, lost: 1 })
  })

  it('has a bitrate', () => {
    const stream = new ReceivedStream()
    for (let seq = 0; seq < 200; seq++) stream.add(7, seq, 125, seq * 10)
    expect(stream.stats(2000).bitrateBps).toBeCloseTo(100_000, -4)
    expect(stream.stats(9000).bitrateBps).toBe(0)
  })

  it('has nothing to say before its first packet', () => {
    const nothing = { packets: 0, bytes: 0, lost: 0, lossRate: 0, duplicates: 0, bitrateBps: 0 }
    expect(new ReceivedStream().stats(0)).toEqual(nothing)
  })
})

/** The packets of so many frames of VP8, the first one a keyframe. */
function vp8(frames: number): VideoPacket[] {
  const video = new SyntheticVideo({ ssrc: 7, payloadType: 96, seq: 65_530, width: 320, height: 180 })
  const packets: VideoPacket[] = []
  const header = new RtpHeader()
  for (let i = 0; i < frames; i++) {
    video.frame(33, (packet) => {
      header.parse(packet, 0, packet.length)
      const { ssrc, seq, timestamp, marker, headerLength } = header
      packets.push({ ssrc, seq, timestamp, marker, payload: packet.subarray(headerLength) })
    })
  }
  return packets
}

describe('received video', () => {
  it('counts whole frames and keyframes, whatever the order', () => {
    const video = new ReceivedVideo()
    for (const packet of vp8(10).reverse()) video.add(packet, 0)
    expect(video.stats(0)).toMatchObject({ frames: 10, keyframes: 1, width: 320, height: 180, lost: 0 })
  })

  it('does not count a frame that misses a packet, until it comes', () => {
    for (const missing of [0, 4, 7]) {
      const video = new ReceivedVideo()
      const packets = vp8(2)
      for (const packet of packets) if (packet !== packets[missing]) video.add(packet, 0)
      expect(video.stats(0)).toMatchObject({ frames: 1, keyframes: 0, lost: missing === 0 ? 0 : 1 })
      video.add(packets[missing] as VideoPacket, 0)
      video.add(packets[missing] as VideoPacket, 0)
      expect(video.stats(0)).toMatchObject({ frames: 2, keyframes: 1, lost: 0, duplicates: 1 })
    }
  })

  it('counts padding as packets only', () => {
    const video = new ReceivedVideo()
    const packets = vp8(1)
    for (const packet of packets) video.add(packet, 0)
    const last = packets.at(-1) as VideoPacket
    video.add({ ...last, seq: (last.seq + 1) & 0xffff, marker: false, payload: new Uint8Array(0) }, 0)
    expect(video.stats(0)).toMatchObject({ packets: packets.length + 1, frames: 1 })
  })
})
