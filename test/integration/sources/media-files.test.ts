/** Every codec in every container, as FFmpeg writes them (`test/fixtures/media/make.sh`). */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BroadcastError } from '../../../src/errors.js'
import { createDepacketizer } from '../../../src/media/payload/create-depacketizer.js'
import { createPacketizer } from '../../../src/media/payload/create-packetizer.js'
import { readFrameFacts } from '../../../src/media/payload/frame-facts.js'
import type { MediaFile, MediaFileOptions, MediaFrame } from '../../../src/sources/files/media-file.js'
import { loadMediabunny } from '../../../src/sources/files/mediabunny.js'
import { openMediaFile } from '../../../src/sources/files/open-media-file.js'
import { SeededRandom } from '../../../src/testing/seeded-random.js'

const OPTIONS: MediaFileOptions = {
  frameRate: undefined,
  skipUnsupported: false,
  allowReordering: false,
  maxFrameBytes: 1024 * 1024,
}

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/media/${name}`, import.meta.url))

let scratch = ''
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'manycast-files-'))
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

async function readAll(file: MediaFile, fromMs = 0): Promise<MediaFrame[]> {
  const frames: MediaFrame[] = []
  for await (const frame of file.frames(fromMs)) frames.push(frame)
  return frames
}

const FILES = [
  ['vp8.webm', 'VP8', true],
  ['vp9.webm', 'VP9', true],
  ['av1.webm', 'AV1', true],
  ['vp8.mkv', 'VP8', true],
  ['vp9.mkv', 'VP9', true],
  ['av1.mkv', 'AV1', true],
  ['h264.mkv', 'H264', true],
  ['h265.mkv', 'H265', true],
  ['vp9.mp4', 'VP9', true],
  ['av1.mp4', 'AV1', true],
  ['h264.mp4', 'H264', true],
  ['h265.mp4', 'H265', true],
  ['vp9-fragmented.mp4', 'VP9', true],
  ['av1-fragmented.mp4', 'AV1', true],
  ['h264-fragmented.mp4', 'H264', true],
  ['h265-fragmented.mp4', 'H265', true],
  ['h264.mov', 'H264', false],
  ['h265.mov', 'H265', false],
  ['vp8.ivf', 'VP8', false],
  ['vp9.ivf', 'VP9', false],
  ['av1.ivf', 'AV1', false],
  ['film.h264', 'H264', false],
  ['film.h265', 'H265', false],
] as const

describe.each(FILES)('%s', (name, codecName, hasAudio) => {
  it('has its tracks, frames and times', async () => {
    const file = await openMediaFile(fixture(name), OPTIONS)
    const [video, audio] = file.tracks
    expect(video).toMatchObject({ kind: 'video', width: 160, height: 120, codec: { name: codecName } })
    expect([audio?.codec.name, file.tracks.length, file.skipped]).toEqual(
      hasAudio ? ['opus', 2, []] : [undefined, 1, []],
    )
    const frames = await readAll(file)
    const ofVideo = frames.filter(({ kind }) => kind === 'video')
    const ofAudio = frames.filter(({ kind }) => kind === 'audio')
    expect(ofVideo).toHaveLength(30)
    expect(ofVideo.flatMap(({ keyframe }, i) => (keyframe ? [i] : []))).toEqual([0, 15])
    for (const [i, { timestampUs }] of ofVideo.entries()) {
      expect(Math.abs(timestampUs - (ofVideo[0]?.timestampUs ?? 0) - (i * 1e6) / 15)).toBeLessThan(8000)
    }
    expect(ofAudio.map(({ timestampUs }) => timestampUs)).toEqual(
      Array.from({ length: hasAudio ? 101 : 0 }, (_, i) => i * 20_000),
    )
    expect(frames.map(({ timestampUs }) => timestampUs)).toEqual(
      frames.map(({ timestampUs }) => timestampUs).sort((a, b) => a - b),
    )
    await file.close()
  })

  it('has keyframes that stand for themselves, and frames that survive the way through RTP', async () => {
    const file = await openMediaFile(fixture(name), OPTIONS)
    const codec = file.tracks[0]?.codec as MediaFile['tracks'][number]['codec']
    const packetizer = createPacketizer(codec)
    const depacketizer = createDepacketizer(codec)
    for (const { kind, data, keyframe } of await readAll(file)) {
      if (kind !== 'video') continue
      const facts = readFrameFacts(codec, data)
      expect([facts.keyframe, facts.width]).toEqual(keyframe ? [true, 160] : [false, undefined])
      const payloads = packetizer.packetize(data, keyframe, 300)
      expect(payloads.length).toBeGreaterThan(0)
      const frame = depacketizer.depacketize(payloads)
      expect(frame && readFrameFacts(codec, frame).keyframe).toBe(keyframe)
    }
    await file.close()
  })

  it('can be read from its second keyframe on, and from its first again', async () => {
    const file = await openMediaFile(fixture(name), OPTIONS)
    const whole = await readAll(file)
    const second = await readAll(file, 1500)
    const videoOf = (frames: readonly MediaFrame[]) => frames.filter(({ kind }) => kind === 'video')
    expect(videoOf(second)).toEqual(videoOf(whole).slice(15))
    const apart = (second[0]?.timestampUs ?? 0) - (videoOf(second)[0]?.timestampUs ?? 0)
    expect(Math.abs(apart)).toBeLessThanOrEqual(20_000)
    expect(await readAll(file)).toEqual(whole)
    await file.close()
  })
})

describe('opus.ogg', () => {
  it('has packets of 20 ms, one behind the other', async () => {
    const file = await openMediaFile(fixture('opus.ogg'), OPTIONS)
    expect(file.tracks.map(({ codec }) => codec.name)).toEqual(['opus'])
    const frames = await readAll(file)
    expect(frames.map(({ timestampUs }) => timestampUs)).toEqual(Array.from({ length: 101 }, (_, i) => i * 20_000))
    const [sought] = await readAll(file, 1010)
    expect(Math.abs((sought?.timestampUs ?? 0) - 1_000_000)).toBeLessThanOrEqual(20_000)
    await file.close()
  })
})

describe('what WebRTC cannot carry', () => {
  it.each([
    ['h264-aac.mp4', 'AAC', 'skipUnsupported'],
    ['vp8-vorbis.webm', 'Vorbis', 'skipUnsupported'],
    ['mp3.mp4', 'MP3', 'skipUnsupported'],
    ['h264-b-frames.mp4', 'H264', 'B-frames'],
    ['b-frames.h264', 'H264', 'B-frames'],
    ['b-frames.h265', 'H265', 'B-frames'],
  ])('%s is refused by name: %s', async (name, codec, text) => {
    await expect(openMediaFile(fixture(name), OPTIONS)).rejects.toMatchObject({
      code: 'track-unsupported',
      details: { path: fixture(name), codec },
      message: expect.stringContaining(text),
    })
  })

  it('is left out if wanted, as long as there is something else', async () => {
    const options = { ...OPTIONS, skipUnsupported: true }
    const film = await openMediaFile(fixture('h264-aac.mp4'), options)
    expect([film.tracks.map(({ codec }) => codec.name), film.skipped]).toEqual([['H264'], ['AAC']])
    expect(await readAll(film)).toHaveLength(30)
    await film.close()
    await expect(openMediaFile(fixture('mp3.mp4'), options)).rejects.toMatchObject({ code: 'track-unsupported' })
  })

  it.each(['h264-b-frames.mp4', 'b-frames.h264', 'b-frames.h265'])('%s is played if wanted', async (name) => {
    const file = await openMediaFile(fixture(name), { ...OPTIONS, allowReordering: true })
    expect(await readAll(file)).toHaveLength(30)
    await file.close()
  })
})

describe('what is no media file', () => {
  it.each([
    ['a file that is not there', () => join(scratch, 'nowhere.webm')],
    ['a folder', () => scratch],
    ['a text', () => fileURLToPath(import.meta.url)],
  ])('is refused: %s', async (_what, path) => {
    await expect(openMediaFile(path(), OPTIONS)).rejects.toMatchObject({
      code: 'file-unreadable',
      details: { path: path() },
      message: expect.stringContaining(path()),
    })
  })

  it('is refused, or read as far as it goes, when it is damaged: never anything but a BroadcastError', async () => {
    const seed = 5
    const random = new SeededRandom(seed)
    const names = ['h264.mp4', 'h265-fragmented.mp4', 'av1.ivf', 'film.h264', 'film.h265', 'opus.ogg']
    for (const name of names) {
      const bytes = await readFile(fixture(name))
      for (let round = 0; round < 12; round++) {
        const damaged = Buffer.from(
          bytes.subarray(0, round % 3 === 0 ? Math.floor(random.next() * bytes.length) : bytes.length),
        )
        const wounds = damaged.length === 0 ? 0 : 1 + Math.floor(random.next() * 30)
        for (let i = 0; i < wounds; i++)
          damaged[Math.floor(random.next() * damaged.length)] = Math.floor(random.next() * 256)
        const path = join(scratch, `damaged-${name}`)
        await writeFile(path, damaged)
        try {
          const file = await openMediaFile(path, OPTIONS)
          try {
            const frames = await readAll(file)
            await readAll(file, 1500)
            expect(frames.length).toBeLessThan(10_000)
          } finally {
            await file.close()
          }
        } catch (error) {
          expect([name, round, error instanceof BroadcastError || error]).toEqual([name, round, true])
        }
      }
    }
  })
})

it.each(['vp8.webm', 'h264-fragmented.mp4'])('%s is played as far as it goes when it is cut off', async (name) => {
  const bytes = await readFile(fixture(name))
  const path = join(scratch, `cut-${name}`)
  for (const part of [0.6, 0.7, 0.8, 0.9, 0.95, 0.99]) {
    await writeFile(path, bytes.subarray(0, Math.floor(part * bytes.length)))
    const file = await openMediaFile(path, OPTIONS)
    const frames = await readAll(file)
    expect(frames.length).toBeGreaterThan(30)
    expect(frames.length).toBeLessThanOrEqual(131)
    await file.close()
  }
})

it('says what to install where the package is missing', async () => {
  const missing = loadMediabunny(() => Promise.reject(new Error('Cannot find package')))
  await expect(missing).rejects.toMatchObject({ code: 'package-missing', details: { package: 'mediabunny' } })
})
