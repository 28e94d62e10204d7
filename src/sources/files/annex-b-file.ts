/** Raw H.264 and H.265 (the byte stream format of annex B): NAL units, and nothing that says when they are shown. */
import { BitReader } from '../../media/codecs/bit-reader.js'
import { readRawBytes } from '../../media/codecs/raw-bytes.js'
import { readFrameFacts } from '../../media/payload/frame-facts.js'
import { AccessUnits } from './access-units.js'
import { readUnits } from './annex-b-units.js'
import type { ByteWindow } from './byte-window.js'
import { fileUnreadable, type MediaFileOptions, reorderedVideo } from './media-file.js'
import { NAL_FORMATS, type NalFormat } from './nal-format.js'
import { type PlacedFrame, RawFile, type RawPosition } from './raw-file.js'
import { readVideoFacts } from './video-facts.js'

/** Where neither the options nor the stream say how fast it is. */
const FALLBACK_FRAME_RATE = 25
/** What a stream may say; anything else is a mistake. */
const MAX_FRAME_RATE = 1000

/** So many pictures are looked at for B-frames, where the stream does not say whether it has any. */
const PROBED_PICTURES = 30

/** An access unit. */
interface Picture {
  readonly offset: number
  readonly units: readonly Uint8Array[]
  readonly keyframe: boolean
}

/** What is read, and how. */
interface AnnexBLayout {
  readonly path: string
  readonly window: ByteWindow
  readonly format: NalFormat
  readonly maxFrameBytes: number
}

/** The codec of a raw file that begins with `start`, by its first NAL unit; undefined if it is none. */
export function annexBFormat(start: Buffer): NalFormat | undefined {
  const zeros = start.findIndex((byte) => byte !== 0)
  if (zeros < 2 || start[zeros] !== 1) return undefined
  const header = start[zeros + 1] ?? 0
  const second = start[zeros + 2] ?? 0
  // Raw files begin with a parameter set, an access unit delimiter or SEI. As the second byte of a header, H.265 has no layer, and temporal id 1.
  const h265 = (header >> 1) & 0x3f
  if (second === 1 && (header & 0x81) === 0 && ((h265 >= 32 && h265 <= 35) || h265 === 39)) return NAL_FORMATS.H265
  const h264 = header & 0x1f
  return (header & 0x80) === 0 && h264 >= 5 && h264 <= 9 ? NAL_FORMATS.H264 : undefined
}

/** Opens the raw file at `path`. Rejects with `file-unreadable` and `track-unsupported`; the window stays open then. */
export async function openAnnexBFile(
  path: string,
  window: ByteWindow,
  format: NalFormat,
  options: MediaFileOptions,
): Promise<RawFile> {
  const layout: AnnexBLayout = { path, window, format, maxFrameBytes: options.maxFrameBytes }
  for await (const { units, offset, keyframe } of readPictures(layout, 0)) {
    if (!keyframe) continue
    const data = new AccessUnits(format).join(units, true)
    const facts = readVideoFacts(format.name, data)
    if (!options.allowReordering && (await isReordered(layout, offset, facts.maxReorderFrames))) {
      throw reorderedVideo(path, format.name)
    }
    const { width, height } = readFrameFacts(facts.codec, data)
    const frameUs = 1_000_000 / frameRate(options.frameRate ?? facts.frameRate)
    const sets = units.filter((unit) => format.parameterSets.kinds.some(({ type }) => type === format.typeOf(unit)))
    return new RawFile({
      path,
      window,
      track: { kind: 'video', codec: facts.codec, width, height },
      start: { offset, timestampUs: 0 },
      read: (from) => readFrames(layout, sets, frameUs, from),
    })
  }
  throw fileUnreadable(path, 'it has no keyframe')
}

function frameRate(said: number | undefined): number {
  return said !== undefined && said > 0 && said <= MAX_FRAME_RATE ? said : FALLBACK_FRAME_RATE
}

/** The frames from a place on, evenly spaced. */
async function* readFrames(
  layout: AnnexBLayout,
  sets: readonly Uint8Array[],
  frameUs: number,
  from: RawPosition,
): AsyncGenerator<PlacedFrame, void, undefined> {
  const accessUnits = new AccessUnits(layout.format, sets)
  // Counted in frames, so that no rounding adds up.
  let index = Math.round(from.timestampUs / frameUs)
  for await (const { units, offset, keyframe } of readPictures(layout, from.offset)) {
    const timestampUs = Math.round(index++ * frameUs)
    const durationUs = Math.round(index * frameUs) - timestampUs
    const data = accessUnits.join(units, keyframe)
    yield { offset, timestampUs, frame: { kind: 'video', data, keyframe, timestampUs, durationUs } }
  }
}

/** The pictures from a place on, with all that belongs to them. */
async function* readPictures(layout: AnnexBLayout, from: number): AsyncGenerator<Picture, void, undefined> {
  const { path, window, format, maxFrameBytes } = layout
  let units: Uint8Array[] = []
  let offset = from
  let bytes = 0
  let sliced = false
  for await (const unit of readUnits(path, window, from, maxFrameBytes)) {
    const type = format.typeOf(unit.data)
    const slice = format.isSlice(type)
    const first = slice && ((unit.data[format.headerLength] ?? 0) & 0x80) !== 0
    if (sliced && (first || format.opensPicture(type))) {
      yield pictureOf(format, units, offset)
      units = []
      bytes = 0
      sliced = false
    }
    if (units.length === 0) offset = unit.offset
    bytes += unit.data.length
    if (bytes > maxFrameBytes) throw fileUnreadable(path, `a picture has more than ${maxFrameBytes} bytes`)
    units.push(new Uint8Array(unit.data))
    sliced ||= slice
  }
  if (sliced) yield pictureOf(format, units, offset)
}

function pictureOf(format: NalFormat, units: readonly Uint8Array[], offset: number): Picture {
  return { offset, units, keyframe: units.some((unit) => format.isKeySlice(format.typeOf(unit))) }
}

/** Whether pictures are shown in another order than they come: as the parameter set says, else, for H.264, whether there are B slices. */
async function isReordered(layout: AnnexBLayout, from: number, said: number | undefined): Promise<boolean> {
  if (said !== undefined || layout.format.name === 'H265') return (said ?? 0) > 0
  let pictures = 0
  for await (const { units } of readPictures(layout, from)) {
    if (units.some(isBSlice)) return true
    if (++pictures === PROBED_PICTURES) return false
  }
  return false
}

const bits = new BitReader()

/** By slice_type, behind first_mb_in_slice (ITU-T H.264, section 7.3.3). */
function isBSlice(unit: Uint8Array): boolean {
  const { typeOf, isSlice, headerLength } = NAL_FORMATS.H264
  if (!isSlice(typeOf(unit))) return false
  readRawBytes(bits, unit, headerLength, Math.min(unit.length, 16))
  bits.unsignedExpGolomb()
  return bits.unsignedExpGolomb() % 5 === 1
}
