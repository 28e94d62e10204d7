/** Every codec in its container, written and read back. */
import { expect, it } from 'vitest'
import type { ByteTarget } from '../../../src/recording/byte-target.js'
import { loadMediabunny } from '../../../src/recording/mediabunny.js'
import type { ContainerName, SegmentPlan } from '../../../src/recording/segment-plan.js'
import { containerFor } from '../../../src/recording/segment-plan.js'
import { readVideoFormat } from '../../../src/recording/video-format.js'
import { vp8Keyframe } from '../../support/encoded-frames.js'
import { readRecording } from '../../support/read-recording.js'

class Memory implements ByteTarget {
  readonly name = 'memory'
  content = Buffer.alloc(0)
  /** Where something was written over. */
  rewritten = 0

  constructor(readonly appendsOnly = false) {}

  get bytes(): number {
    return this.content.length
  }

  async write(data: Uint8Array, position: number): Promise<void> {
    if (position < this.content.length) this.rewritten++
    const end = Math.max(this.content.length, position + data.length)
    const content = Buffer.alloc(end)
    this.content.copy(content)
    content.set(data, position)
    this.content = content
  }

  async flush(): Promise<void> {}
  async close(): Promise<void> {}
}

const START = '00000001'
const hex = (...parts: string[]): Uint8Array => Buffer.from(parts.join(''), 'hex')
const H264 = hex(START, '6742c014da0507ec0440000003004000000f03c50aa8', START, '68ce3c80', START, '6588aabb')
const H265 = hex(
  ...[START, '40010c01ffff01600000030090000003000003003cba0240'],
  ...[START, '42010101600000030090000003000003003ca00a080f165ba4a4c2f0168080000003008000000f0422'],
  ...[START, '4401c073c18927', START, '2601aabb'],
)
const VP9 = hex('824983420013f00ef60638241c1842000d905fcdf7fbfcdf8bffc7f87ee47dfc')
const AV1 = hex('0a0b000000043cffbcfbf900403200')

const CODECS: readonly (readonly [string, Uint8Array, ContainerName, ContainerName, string])[] = [
  ['VP8', vp8Keyframe(640, 360), 'webm', 'webm', 'vp8'],
  ['VP9', VP9, 'webm', 'mp4', 'vp9'],
  ['AV1', AV1, 'webm', 'mp4', 'av1'],
  ['H264', H264, 'mp4', 'mp4', 'avc'],
  ['H265', H265, 'mp4', 'mp4', 'hevc'],
]

async function write(codec: string, keyframe: Uint8Array, wanted: ContainerName, target: ByteTarget, frames = 100) {
  const video = readVideoFormat(codec, keyframe)
  const container = containerFor(wanted, video?.codec)
  const plan: SegmentPlan = { index: 1, container, startMs: 0, video, audio: true }
  const file = await (await loadMediabunny())(plan, target)
  for (let i = 0; i < frames; i++) {
    const isKey = i % 40 === 0
    await file.add('video', isKey ? keyframe : hex(START, '41aabbccdd'), isKey, i * 40, 40)
    for (const ms of [i * 40, i * 40 + 20]) await file.add('audio', hex('fc0102'), true, ms, 20)
  }
  return { file, container }
}

it.each(CODECS)('writes %s', async (codec, keyframe, inWebm, inMp4, name) => {
  for (const [wanted, expected] of [['webm', inWebm] as const, ['mp4', inMp4] as const]) {
    const target = new Memory()
    const { file, container } = await write(codec, keyframe, wanted, target)
    await file.finish()
    expect(container).toBe(expected)
    const read = await readRecording(target.content)
    expect([read.mimeType, read.video?.codec, read.audio?.codec]).toEqual([`video/${expected}`, name, 'opus'])
    expect([read.video?.packets.length, read.audio?.packets.length]).toEqual([100, 200])
    expect(read.video?.packets.filter(({ key }) => key)).toHaveLength(3)
    expect(Math.abs(read.durationMs - 4000)).toBeLessThan(25)
  }
})

it.each(['webm', 'mp4'] as const)('has %s that plays without its end', async (wanted) => {
  const target = new Memory()
  await write(wanted === 'webm' ? 'VP8' : 'H264', wanted === 'webm' ? vp8Keyframe(640, 360) : H264, wanted, target)
  const read = await readRecording(target.content)
  expect(read.video?.packets.length).toBeGreaterThan(70)
  expect(read.audio?.packets.length).toBeGreaterThan(140)
})

it.each(['webm', 'mp4'] as const)('never goes back in %s to a stream', async (wanted) => {
  const target = new Memory(true)
  const { file } = await write(
    wanted === 'webm' ? 'VP8' : 'H264',
    wanted === 'webm' ? vp8Keyframe(640, 360) : H264,
    wanted,
    target,
  )
  await file.finish()
  expect(target.rewritten).toBe(0)
  expect((await readRecording(target.content)).video?.packets.length).toBe(100)
})

it('goes on with sound when the video is over', async () => {
  const target = new Memory()
  const { file } = await write('VP8', vp8Keyframe(640, 360), 'webm', target)
  file.closeTrack('video')
  for (let ms = 4000; ms < 9000; ms += 20) await file.add('audio', hex('fc0102'), true, ms, 20)
  const read = await readRecording(target.content)
  expect(read.audio?.packets.at(-1)?.ms).toBe(8980)
  expect(read.video?.packets).toHaveLength(100)
})
