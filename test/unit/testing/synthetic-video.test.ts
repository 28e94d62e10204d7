import { expect, test } from 'vitest'
import { isKeyframeStart } from '../../../src/media/codecs/keyframe.js'
import { readVp8FrameSize, Vp8Descriptor } from '../../../src/media/codecs/vp8.js'
import { findExtension } from '../../../src/rtp/header-extension.js'
import { RtpHeader } from '../../../src/rtp/rtp-header.js'
import { SyntheticAudio, SyntheticVideo } from '../../../src/testing/synthetic-video.js'

const vp8 = { name: 'VP8', kind: 'video', clockRate: 90_000, channels: 1, parameters: {} } as const

test('frames are valid VP8 packets: descriptor, keyframe head, one marker at the end', () => {
  const video = new SyntheticVideo({
    ssrc: 9,
    payloadType: 96,
    width: 1280,
    height: 720,
    pictureId: 0x7fff,
    seq: 65_535,
  })
  const header = new RtpHeader()
  const descriptor = new Vp8Descriptor()
  const frames: Buffer[][] = []
  for (let i = 0; i < 3; i++) {
    const packets: Buffer[] = []
    video.frame(33, (packet) => packets.push(packet))
    frames.push(packets)
  }
  expect(frames.map((packets) => packets.length)).toEqual([8, 3, 3])
  const seqs: number[] = []
  for (const [f, packets] of frames.entries()) {
    for (const [i, packet] of packets.entries()) {
      expect(header.parse(packet, 0, packet.length)).toBe(true)
      expect(header).toMatchObject({ ssrc: 9, payloadType: 96, timestamp: 2970 * f, marker: i === packets.length - 1 })
      seqs.push(header.seq)
      expect(descriptor.parse(packet, header.headerLength, packet.length)).toBe(true)
      expect(descriptor).toMatchObject({ pictureId: (0x7fff + f) & 0x7fff, tl0PicIdx: f, startOfPartition: i === 0 })
      expect(isKeyframeStart(vp8, packet, header.headerLength, packet.length)).toBe(f === 0 && i === 0)
    }
  }
  expect(seqs.slice(0, 3)).toEqual([65_535, 0, 1])
  expect(readVp8FrameSize(frames[0]?.[0] as Buffer, 12, 100)).toEqual({ width: 1280, height: 720 })
})

test('extension elements can be read back, padding counted', () => {
  const audio = new SyntheticAudio({ ssrc: 1, payloadType: 111, elements: [{ id: 4, data: Buffer.from('mid7') }] })
  const header = new RtpHeader()
  const packet = audio.packet(Buffer.from([1, 2, 3]), false, 7)
  header.parse(packet, 0, packet.length)
  const at = findExtension(packet, header, 4)
  expect(packet.toString('utf8', at, at + 4)).toBe('mid7')
  expect(header.parsePadding(packet, 0, packet.length)).toBe(7)
  expect(packet.length).toBe(header.headerLength + 3 + 7)
})
