import { expect, it } from 'vitest'
import type { MediaFrame } from '../../../../src/sources/files/media-file.js'
import type { ContainerPacket, ContainerPackets, ContainerTrack } from '../../../../src/sources/files/mediabunny.js'
import { PacketReader } from '../../../../src/sources/files/packet-reader.js'
import { videoCodec } from '../../../../src/sources/files/video-facts.js'
import { FILE_OPTIONS, vp8Frame } from './file-bytes.js'

/** A track of VP8 whose packets are shown at these times. */
function packetsAt(seconds: readonly number[], bytes = 40): ContainerPackets {
  const packets: ContainerPacket[] = seconds.map((timestamp, i) => ({
    data: vp8Frame(i === 0, bytes),
    type: i === 0 ? 'key' : 'delta',
    timestamp,
    duration: 0.04,
  }))
  const first = async () => packets[0] ?? null
  return {
    getFirstPacket: first,
    getFirstKeyPacket: first,
    getPacket: first,
    getKeyPacket: first,
    getNextPacket: async (packet) => packets[packets.indexOf(packet) + 1] ?? null,
  }
}

async function read(packets: ContainerPackets, options = FILE_OPTIONS): Promise<MediaFrame[]> {
  const playable = { kind: 'video', name: 'VP8', track: {} as ContainerTrack, config: null } as const
  const codec = videoCodec('VP8')
  const reader = new PacketReader({ path: 'film.webm', playable, packets, codec, startSeconds: 10, file: options })
  const frames: MediaFrame[] = []
  await reader.begin(10)
  for (; reader.frame; await reader.advance()) frames.push(reader.frame)
  return frames
}

const times = (frames: readonly MediaFrame[]) => frames.map(({ timestampUs }) => timestampUs)

it('tells times from the start of the file', async () => {
  expect(times(await read(packetsAt([10, 10.04, 10.08])))).toEqual([0, 40_000, 80_000])
})

it('keeps frames of the same time apart, as in RTP they would be one', async () => {
  expect(times(await read(packetsAt([10, 10.04, 10.04, 10.08])))).toEqual([0, 40_000, 40_012, 80_000])
})

it('refuses B-frames wherever they begin, unless they are allowed', async () => {
  const late = [...Array.from({ length: 100 }, (_, i) => 10 + i * 0.04), 14.12, 14.04]
  await expect(read(packetsAt(late))).rejects.toMatchObject({ code: 'track-unsupported', details: { codec: 'VP8' } })
  const frames = await read(packetsAt(late), { ...FILE_OPTIONS, allowReordering: true })
  expect(times(frames).slice(-2)).toEqual([4_120_000, 4_040_000])
})

it('refuses a frame that is too large', async () => {
  const packets = packetsAt([10, 10.04], FILE_OPTIONS.maxFrameBytes + 1)
  await expect(read(packets)).rejects.toMatchObject({ code: 'file-unreadable' })
})
