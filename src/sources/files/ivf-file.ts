/** IVF: a header for the file, then frames with a header each. Numbers are little-endian. */
import { readFrameFacts } from '../../media/payload/frame-facts.js'
import type { ByteWindow } from './byte-window.js'
import { fileUnreadable, type MediaFileOptions, trackUnsupported } from './media-file.js'
import { type PlacedFrame, RawFile, type RawPosition } from './raw-file.js'
import { readVideoFacts, type VideoCodecName, videoCodec } from './video-facts.js'

const FILE_HEADER_LENGTH = 32
const FRAME_HEADER_LENGTH = 12

const CODECS: Readonly<Record<string, VideoCodecName>> = { VP80: 'VP8', VP90: 'VP9', AV01: 'AV1' }

/** How long the last frame is taken to be shown where there is no other one. */
const FALLBACK_DURATION_US = 40_000

/** What the file's header says, and what is needed besides. */
interface IvfLayout {
  readonly path: string
  readonly window: ByteWindow
  readonly name: VideoCodecName
  readonly headerLength: number
  /** Of the unit of timestamps. */
  readonly tickUs: number
  readonly maxFrameBytes: number
}

/** True if a file that begins with `start` is IVF. */
export function isIvf(start: Buffer): boolean {
  return start.length >= FILE_HEADER_LENGTH && start.toString('latin1', 0, 4) === 'DKIF'
}

/** Opens the IVF file at `path`. Rejects with `file-unreadable` and `track-unsupported`; the window stays open then. */
export async function openIvfFile(path: string, window: ByteWindow, options: MediaFileOptions): Promise<RawFile> {
  const layout = readHeader(path, window, await window.peek(0, FILE_HEADER_LENGTH), options.maxFrameBytes)
  for await (const placed of readFrames(layout, { offset: layout.headerLength, timestampUs: 0 })) {
    if (!placed.frame.keyframe) continue
    const { codec } = readVideoFacts(layout.name, placed.frame.data)
    const { width, height } = readFrameFacts(codec, placed.frame.data)
    return new RawFile({
      path,
      window,
      track: { kind: 'video', codec, width, height },
      start: { offset: placed.offset, timestampUs: 0 },
      read: (from) => readFrames(layout, from, placed.timestampUs),
    })
  }
  throw fileUnreadable(path, 'it has no keyframe')
}

function readHeader(path: string, window: ByteWindow, bytes: Buffer, maxFrameBytes: number): IvfLayout {
  const fourcc = bytes.toString('latin1', 8, 12)
  const name = CODECS[fourcc]
  if (name === undefined) {
    const codec = JSON.stringify(fourcc)
    throw trackUnsupported(path, fourcc, `its codec is ${codec}, and IVF is played with VP8, VP9 and AV1`)
  }
  const headerLength = bytes.readUInt16LE(6)
  const rate = bytes.readUInt32LE(16)
  const scale = bytes.readUInt32LE(20)
  if (headerLength < FILE_HEADER_LENGTH || rate === 0 || scale === 0) throw fileUnreadable(path, 'its header is broken')
  return { path, window, name, headerLength, tickUs: (1_000_000 * scale) / rate, maxFrameBytes }
}

/** The frames from a place on, with times from `baseUs`. A frame that is cut off, as of a recorder that was killed, ends the file. */
async function* readFrames(
  { path, window, name, tickUs, maxFrameBytes }: IvfLayout,
  from: RawPosition,
  baseUs = 0,
): AsyncGenerator<PlacedFrame, void, undefined> {
  const codec = videoCodec(name)
  let durationUs = FALLBACK_DURATION_US
  for (let offset = from.offset; ; ) {
    const header = await window.peek(offset, FRAME_HEADER_LENGTH)
    if (header.length < FRAME_HEADER_LENGTH) return
    const size = header.readUInt32LE(0)
    if (size > maxFrameBytes) throw fileUnreadable(path, `a frame has ${size} bytes, and ${maxFrameBytes} are allowed`)
    const end = FRAME_HEADER_LENGTH + size
    const bytes = await window.peek(offset, end + FRAME_HEADER_LENGTH)
    if (bytes.length < end) return
    const timestampUs = timeOf(bytes, 0, tickUs) - baseUs
    const nextUs = bytes.length >= end + FRAME_HEADER_LENGTH ? timeOf(bytes, end, tickUs) - baseUs : timestampUs
    if (nextUs > timestampUs) durationUs = nextUs - timestampUs
    const data = new Uint8Array(bytes.subarray(FRAME_HEADER_LENGTH, end))
    const { keyframe } = readFrameFacts(codec, data)
    yield { offset, timestampUs, frame: { kind: 'video', data, keyframe, timestampUs, durationUs } }
    offset += end
  }
}

/** That of the frame whose header is at `at`, in whole microseconds. */
function timeOf(bytes: Buffer, at: number, tickUs: number): number {
  return Math.round(Number(bytes.readBigUInt64LE(at + 4)) * tickUs)
}
