/** WebM, Matroska, MP4, QuickTime and Ogg: a few packets are read at a time, never the whole file. */
import { BroadcastError } from '../../errors.js'
import { readFrameFacts } from '../../media/payload/frame-facts.js'
import type { Codec, MediaKind } from '../../rtp/types.js'
import {
  fileUnreadable,
  type MediaFile,
  type MediaFileOptions,
  type MediaFileTrack,
  type MediaFrame,
  reorderedVideo,
  trackUnsupported,
} from './media-file.js'
import type { ContainerInput, ContainerLibrary, ContainerPackets } from './mediabunny.js'
import { packetData } from './packet-data.js'
import { PacketReader } from './packet-reader.js'
import { type PlayableTrack, playableTrack } from './playable-track.js'
import { readVideoFacts } from './video-facts.js'

/** So many packets are looked at for B-frames when a file is opened. */
const PROBED_PACKETS = 60

const OPUS: Codec = {
  name: 'opus',
  kind: 'audio',
  clockRate: 48_000,
  channels: 2,
  parameters: { minptime: '10', useinbandfec: '1' },
}

/** A track that is played, and what it is. */
interface OpenTrack extends MediaFileTrack {
  readonly playable: PlayableTrack
}

/** Opens the file at `path`. Rejects with `file-unreadable` and `track-unsupported`. */
export async function openContainerFile(
  path: string,
  library: ContainerLibrary,
  options: MediaFileOptions,
): Promise<MediaFile> {
  const input = library.open(path)
  try {
    const kinds = 'WebM, Matroska, MP4, QuickTime, Ogg, IVF, raw H.264 and H.265'
    if (!(await input.canRead())) throw fileUnreadable(path, `it is none of the files that can be played: ${kinds}`)
    const skipped: string[] = []
    const chosen: PlayableTrack[] = []
    for (const kind of ['video', 'audio'] as const) {
      const track = await chooseTrack(path, input, kind, options, skipped)
      if (track !== undefined) chosen.push(track)
    }
    if (chosen.length === 0) throw nothingToPlay(path, skipped)
    const tracks: OpenTrack[] = []
    for (const playable of chosen) tracks.push(await openTrack(path, library, playable, options))
    const used = chosen.map(({ track }) => track)
    const startSeconds = await input.getFirstTimestamp(used)
    const endSeconds = await input.getDurationFromMetadata(used)
    const durationMs = endSeconds === null ? undefined : (endSeconds - startSeconds) * 1000
    return new ContainerFile({ path, library, input, options, tracks, skipped, startSeconds, durationMs })
  } catch (error) {
    input.dispose()
    throw asUnreadable(path, error)
  }
}

/** The primary track of that kind, or the first one that can be carried. */
async function chooseTrack(
  path: string,
  input: ContainerInput,
  kind: MediaKind,
  options: MediaFileOptions,
  skipped: string[],
): Promise<PlayableTrack | undefined> {
  const primary = kind === 'video' ? await input.getPrimaryVideoTrack() : await input.getPrimaryAudioTrack()
  const others = (await input.getTracks()).filter((track) => track.type === kind && track !== primary)
  const unsupported: string[] = []
  for (const track of [...(primary ? [primary] : []), ...others]) {
    const found = await playableTrack(track)
    if (typeof found !== 'string') return found
    unsupported.push(found)
  }
  const [name] = unsupported
  if (name === undefined) return undefined
  if (!options.skipUnsupported) {
    const advice = kind === 'audio' ? 'encode it as Opus' : 'encode it as VP8, VP9, AV1, H264 or H265'
    const why = `its ${kind} is ${name}, which WebRTC cannot carry; ${advice}, or leave it out by the option skipUnsupported`
    throw trackUnsupported(path, name, why)
  }
  skipped.push(name)
  return undefined
}

function nothingToPlay(path: string, skipped: readonly string[]): BroadcastError {
  const [name] = skipped
  if (name === undefined) return fileUnreadable(path, 'it has neither audio nor video')
  return trackUnsupported(path, name, `all it has is ${skipped.join(' and ')}, which WebRTC cannot carry`)
}

async function openTrack(
  path: string,
  library: ContainerLibrary,
  playable: PlayableTrack,
  options: MediaFileOptions,
): Promise<OpenTrack> {
  if (playable.name === 'opus') return { kind: 'audio', codec: OPUS, playable }
  const packets = library.packets(playable.track)
  const first = await packets.getFirstKeyPacket()
  if (first === null) throw fileUnreadable(path, `its ${playable.name} video has no keyframe`)
  const keyframe = packetData(path, playable)(first)
  const { codec } = readVideoFacts(playable.name, keyframe)
  if (!options.allowReordering && (await isReordered(packets))) throw reorderedVideo(path, codec.name)
  const { width, height } = readFrameFacts(codec, keyframe)
  return { kind: 'video', codec, playable, width, height }
}

async function isReordered(packets: ContainerPackets): Promise<boolean> {
  const only = { metadataOnly: true }
  let packet = await packets.getFirstPacket(only)
  for (let i = 0; packet !== null && i < PROBED_PACKETS; i++) {
    const next = await packets.getNextPacket(packet, only)
    if (next !== null && next.timestamp < packet.timestamp) return true
    packet = next
  }
  return false
}

/** What the library says of a file that it cannot read, it says in its own errors. */
function asUnreadable(path: string, error: unknown): BroadcastError {
  if (error instanceof BroadcastError) return error
  return fileUnreadable(path, error instanceof Error ? error.message : String(error), error)
}

interface ContainerFileOptions {
  readonly path: string
  readonly library: ContainerLibrary
  readonly input: ContainerInput
  readonly options: MediaFileOptions
  readonly tracks: readonly OpenTrack[]
  readonly skipped: readonly string[]
  readonly startSeconds: number
  readonly durationMs: number | undefined
}

class ContainerFile implements MediaFile {
  readonly tracks: readonly MediaFileTrack[]
  readonly skipped: readonly string[]
  readonly durationMs: number | undefined
  readonly #opened: ContainerFileOptions
  #closed = false

  constructor(opened: ContainerFileOptions) {
    this.#opened = opened
    this.tracks = opened.tracks
    this.skipped = opened.skipped
    this.durationMs = opened.durationMs
  }

  async *frames(fromMs: number): AsyncGenerator<MediaFrame, void, undefined> {
    const { path } = this.#opened
    try {
      const readers = await this.#begin(fromMs)
      for (let next = earliest(readers); next?.frame !== undefined; next = earliest(readers)) {
        yield next.frame
        await next.advance()
      }
    } catch (error) {
      throw asUnreadable(path, error)
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#opened.input.dispose()
  }

  /** Audio begins where the keyframe of the video is, which may be long before `fromMs`. */
  async #begin(fromMs: number): Promise<readonly PacketReader[]> {
    const { path, library, options, tracks, startSeconds } = this.#opened
    let seconds = startSeconds + fromMs / 1000
    const readers: PacketReader[] = []
    for (const { playable, codec } of tracks) {
      const packets = library.packets(playable.track)
      const reader = new PacketReader({ path, playable, packets, codec, startSeconds, file: options })
      await reader.begin(seconds)
      if (reader.frame && fromMs > 0) seconds = startSeconds + reader.frame.timestampUs / 1_000_000
      readers.push(reader)
    }
    return readers
  }
}

/** The reader whose frame is sent next. */
function earliest(readers: readonly PacketReader[]): PacketReader | undefined {
  let found: PacketReader | undefined
  for (const reader of readers) {
    if (reader.frame && (!found?.frame || reader.frame.timestampUs < found.frame.timestampUs)) found = reader
  }
  return found
}
