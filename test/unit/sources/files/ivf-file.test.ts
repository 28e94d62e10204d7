import { expect, it } from 'vitest'

import { ByteWindow } from '../../../../src/sources/files/byte-window.js'
import { openIvfFile } from '../../../../src/sources/files/ivf-file.js'
import { collect, FILE_OPTIONS, ivf, MemoryFile, timesMs, vp8Frame, windowOf } from './file-bytes.js'

/** A keyframe every ten frames, with data that says which frame it is. */
function film(count: number, lengthOf: (index: number) => number = () => 40) {
  return Array.from({ length: count }, (_, index) => {
    const data = vp8Frame(index % 10 === 0, lengthOf(index))
    data[20] = index
    return { pts: index + 100, data }
  })
}

const open = (bytes: Uint8Array, chunkBytes?: number) =>
  openIvfFile('film.ivf', windowOf(bytes, chunkBytes), FILE_OPTIONS)

it('reads frames, their times from 0, and what the keyframe says', async () => {
  // Frames that are longer than what is read at once, too.
  const frames = film(35, (index) => 30 + ((index * 37) % 300))
  const file = await open(ivf(frames))
  expect(file.tracks).toEqual([
    {
      kind: 'video',
      codec: { name: 'VP8', kind: 'video', clockRate: 90_000, channels: 1, parameters: {} },
      width: 160,
      height: 120,
    },
  ])
  const read = await collect(file.frames(0))
  expect(read.map(({ data }) => Buffer.from(data).toString('hex'))).toEqual(
    frames.map(({ data }) => data.toString('hex')),
  )
  expect(timesMs(read).slice(0, 4)).toEqual([0, 33, 67, 100])
  expect(read.filter(({ keyframe }) => keyframe).map(({ data }) => data[20])).toEqual([0, 10, 20, 30])
  expect(read.at(-1)?.durationUs).toBeGreaterThan(33_000)
})

it('gives frames that stay as they are when more is read', async () => {
  const file = await open(ivf(film(30)))
  const read = await collect(file.frames(0))
  expect(read.map(({ data }) => data[20])).toEqual(Array.from({ length: 30 }, (_, index) => index))
})

it('reads no more of a long file than it gives', async () => {
  const bytes = ivf(film(100, () => 10_000))
  const memory = new MemoryFile(bytes)
  const file = await openIvfFile('film.ivf', new ByteWindow(memory, 16_384), FILE_OPTIONS)
  await collect(file.frames(0), 10)
  expect(memory.bytesRead).toBeLessThan(170_000)
  // Once through to find the place, and on from there; a second time only from what is known.
  await collect(file.frames(2500), 1)
  const before = memory.bytesRead
  await collect(file.frames(2500), 1)
  expect(memory.bytesRead - before).toBeLessThan(300_000)
  expect(memory.reads).toBeLessThan(300)
})

it('begins with the last keyframe before the time that is sought, also backwards, and beyond the end', async () => {
  const file = await open(ivf(film(100)))
  for (const [ms, frame] of [
    [2100, 60],
    [700, 20],
    [333, 0],
    [334, 10],
    [1_000_000, 90],
    [0, 0],
  ] as const) {
    const [first] = await collect(file.frames(ms), 1)
    expect([ms, first?.data[20], first?.keyframe]).toEqual([ms, frame, true])
  }
})

it('ends with the last whole frame of a file that is cut off', async () => {
  const bytes = ivf(film(3))
  for (const cut of [1, 40, 41, 51]) {
    const file = await open(bytes.subarray(0, bytes.length - cut))
    expect(await collect(file.frames(0))).toHaveLength(2)
  }
})

it('leaves out what comes before the first keyframe', async () => {
  const file = await open(ivf(film(15).slice(5)))
  const read = await collect(file.frames(0))
  expect(read.map(({ data }) => data[20])).toEqual([10, 11, 12, 13, 14])
  expect(read[0]?.timestampUs).toBe(0)
})

it.each([
  ['no keyframe', ivf(film(5).slice(1)), 'file-unreadable'],
  ['no frame', ivf([]), 'file-unreadable'],
  ['a time base of 0', ivf(film(1), 'VP80', 0), 'file-unreadable'],
  ['another codec', ivf(film(1), 'H264'), 'track-unsupported'],
  [
    'a frame that is too large',
    ivf([{ pts: 0, data: vp8Frame(true, FILE_OPTIONS.maxFrameBytes + 1) }]),
    'file-unreadable',
  ],
])('refuses a file with %s', async (_what, bytes, code) => {
  await expect(open(bytes)).rejects.toMatchObject({ code, message: expect.stringContaining('film.ivf: ') })
})
