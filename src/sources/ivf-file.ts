/** IVF: a header of 32 bytes, then frames with a header of 12. Numbers are little-endian. */
import { readFrameFacts } from '../media/payload/frame-facts.js'
import { ByteWindow } from './byte-window.js'
import { fileUnreadable, type MediaFileOptions, trackUnsupported } from './media-file.js'
import { type PlacedFrame, RawFile, type RawFormat, type RawPosition } from './raw-file.js'
import { readVideoFacts, type VideoCodecName } from './video-facts.js'

const FRAME_HEADER_LENGTH = 12
const FILE_HEADER_LENGTH = 32

const CODECS: Readonly<Record<string, VideoCodecName>> = { VP80: 'VP8', VP90: 'VP9', AV01: 'AV1' }

/** What the file's header says. */
interface IvfHeader {
  readonly name: VideoCodecName
  readonly length: number
  /** Of the unit of timestamps. */
  readonly tickUs: number
}

/** True if a file that begins with `start` is IVF. */
export function isIvf(start: Buffer): boolean {
  return start.length >= FILE_HEADER_LENGTH && start.toString('latin1', 0, 4) === 'DKIF'
}

/** Opens the IVF file at `path`, which `window` has already read the start of. */
export async function openIvfFile(path: string, window: ByteWindow, options: MediaFileOptions): Promise<RawFile> {
  const header = readHeader(path, await window.peek(0, FILE_HEADER_LENGTH))
  const read = (from: RawPosition) => readFrames(path, window, header, from, options.maxFrameBytes)
  const start = { offset: header.length, timestampUs: 0 }
  for await (const { frame, timestampUs, offset } of read(start)) {
    if (!frame.keyframe) continue
    const { codec } = readVideoFacts(header.name, frame.data)
    const size = readFrameFacts(codec, frame.data)
    const track = { kind: 'video', codec, width: size.width, height: size.height } as const
    return new RawFile({ path, window, track, start: { offset, timestampUs }, read } satisfies RawFormat)
  }
  throw fileUnreadable(path, 'it has no keyframe')
}
