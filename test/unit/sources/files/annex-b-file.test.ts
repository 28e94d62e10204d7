import { expect, it } from 'vitest'
import { annexBFormat, openAnnexBFile } from '../../../../src/sources/files/annex-b-file.js'
import type { MediaFileOptions } from '../../../../src/sources/files/media-file.js'
import { NAL_FORMATS } from '../../../../src/sources/files/nal-format.js'
import { collect, FILE_OPTIONS, timesMs, windowOf } from './file-bytes.js'

/** 160 x 120, High profile, 15 frames per second; made by libx264 without B-frames. */
const SPS = Buffer.from('6764000aacb20508fcb80880000003008000000f07891324', 'hex')
const PPS = Buffer.from('68ebc0a4b22c', 'hex')

const unit = (bytes: readonly number[], length = 30) => Buffer.concat([Buffer.from(bytes), Buffer.alloc(length, 0x55)])
/** The first and a further slice of a picture: first_mb_in_slice is 0 (one bit) or more; then slice_type. */
const idr = (index: number) => unit([0x65, 0x88, index])
const slice = (index: number) => unit([0x41, 0x9a, index])
const bSlice = (index: number) => unit([0x01, 0xa8, index])
const furtherSlice = (index: number) => unit([0x41, 0x5a, index])
const SEI = Buffer.from([6, 5, 4, 1, 2, 3, 4, 0x80])
const DELIMITER = Buffer.from([9, 0x10])

/** Start codes of three and four bytes by turns. */
function byteStream(units: readonly Uint8Array[]): Buffer {
  return Buffer.concat(units.flatMap((one, i) => [Buffer.from(i % 2 === 0 ? [0, 0, 0, 1] : [0, 0, 1]), one]))
}

const open = (units: readonly Uint8Array[], options: Partial<MediaFileOptions> = {}, chunkBytes = 64) =>
  openAnnexBFile('film.h264', windowOf(byteStream(units), chunkBytes), NAL_FORMATS.H264, {
    ...FILE_OPTIONS,
    ...options,
  })

function joined(units: readonly Uint8Array[]): string {
  return Buffer.concat(units.flatMap((one) => [Buffer.from([0, 0, 0, 1]), one])).toString('hex')
}

const hex = (data: Uint8Array) => Buffer.from(data).toString('hex')

it('puts units together to pictures, with start codes of four bytes', async () => {
  const pictures = [
    [DELIMITER, SPS, PPS, SEI, idr(0)],
    [DELIMITER, SEI, slice(1), furtherSlice(1), furtherSlice(1)],
    [slice(2)],
    [SEI, slice(3)],
  ]
  const file = await open(pictures.flat(), { frameRate: 10 })
  const read = await collect(file.frames(0))
  expect(read.map(({ data }) => hex(data))).toEqual(pictures.map(joined))
  expect(read.map(({ keyframe }) => keyframe)).toEqual([true, false, false, false])
  expect(timesMs(read)).toEqual([0, 100, 200, 300])
  expect(file.tracks[0]?.codec.parameters['profile-level-id']).toBe('64000a')
})

it('reads units that are longer than what is read at once, and longer than a chunk of the search', async () => {
  const long = unit([0x41, 0x9a, 1], 200_000)
  const file = await open([SPS, PPS, idr(0), long, slice(2)], { frameRate: 10 })
  const read = await collect(file.frames(0))
  expect(read.map(({ data }) => data.length)).toEqual([SPS.length + PPS.length + 33 + 12, 200_003 + 4, 33 + 4])
})

it('gives keyframes the parameter sets that came once, at the start', async () => {
  const file = await open([SPS, PPS, idr(0), slice(1), idr(2), slice(3)], { frameRate: 10 })
  const read = await collect(file.frames(0))
  expect(hex(read[2]?.data as Uint8Array)).toBe(joined([SPS, PPS, idr(2)]))
  const [sought] = await collect(file.frames(250), 1)
  expect([hex(sought?.data as Uint8Array), sought?.timestampUs]).toEqual([joined([SPS, PPS, idr(2)]), 200_000])
})

it('takes the frame rate that the stream says, where none is given', async () => {
  const file = await open([SPS, PPS, idr(0), slice(1)])
  expect(timesMs(await collect(file.frames(0)))).toEqual([0, 67])
})

it('counts times in frames, so that nothing adds up', async () => {
  const units = Array.from({ length: 1000 }, (_, i) => (i === 0 ? [SPS, PPS, idr(0)] : [slice(i)])).flat()
  const file = await open(units, { frameRate: 29.97 })
  const read = await collect(file.frames(0))
  expect(read.at(-1)?.timestampUs).toBe(Math.round(999 * (1_000_000 / 29.97)))
})

it('refuses B slices by name, and takes them if told', async () => {
  const units = [unit([0x67, 0x42, 0xe0, 0x0a, 0xf0]), PPS, idr(0), slice(1), bSlice(2)]
  await expect(open(units)).rejects.toMatchObject({
    code: 'track-unsupported',
    message: expect.stringContaining('B-frames'),
  })
  const file = await open(units, { allowReordering: true, frameRate: 10 })
  expect(await collect(file.frames(0))).toHaveLength(3)
})

it('refuses a unit without end', async () => {
  const units = [SPS, PPS, idr(0), slice(1), unit([0x41, 0x9a], FILE_OPTIONS.maxFrameBytes + 200_000)]
  const file = await open(units, { frameRate: 10 }, 1024)
  await expect(collect(file.frames(0))).rejects.toMatchObject({ code: 'file-unreadable' })
})

it('refuses a file without keyframe', async () => {
  await expect(open([SPS, PPS, slice(0)])).rejects.toMatchObject({ code: 'file-unreadable' })
})

it.each([
  ['00000001674d', 'H264'],
  ['000000010910', 'H264'],
  ['0000000106053c', 'H264'],
  ['00000140010c01', 'H265'],
  ['0000000146010050', 'H265'],
  ['00000001420101', 'H265'],
  ['000000014e0105', 'H265'],
  ['47400010', undefined],
  ['000001ba44', undefined],
  ['000001b3', undefined],
  ['00000020667479706973', undefined],
  ['00', undefined],
  ['', undefined],
])('takes a file that begins with %s for %s', (start, name) => {
  expect(annexBFormat(Buffer.from(start, 'hex'))?.name).toBe(name)
})
