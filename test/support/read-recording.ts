/** Reads a recording back, by the same library that players of JavaScript use. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ALL_FORMATS, BufferSource, EncodedPacketSink, FilePathSource, Input, type InputTrack } from 'mediabunny'

/** One frame of a file. */
export interface ReadPacket {
  readonly ms: number
  readonly key: boolean
  readonly bytes: number
}

/** A track of a file. */
export interface ReadTrack {
  readonly codec: string | null
  readonly packets: readonly ReadPacket[]
}

/** What is in a file. */
export interface ReadFile {
  readonly mimeType: string
  readonly durationMs: number
  readonly video: ReadTrack | undefined
  readonly audio: ReadTrack | undefined
}

/** Reads a file, or its bytes. */
export async function readRecording(file: string | Uint8Array): Promise<ReadFile> {
  const source = typeof file === 'string' ? new FilePathSource(file) : new BufferSource(file)
  const input = new Input({ source, formats: ALL_FORMATS })
  const [video, audio] = [await input.getPrimaryVideoTrack(), await input.getPrimaryAudioTrack()]
  return {
    mimeType: (await input.getMimeType()).replace(/;.*/, ''),
    durationMs: 1000 * (await input.computeDuration()),
    video: video === null ? undefined : await readTrack(video),
    audio: audio === null ? undefined : await readTrack(audio),
  }
}

/** The media files in a folder, in order. */
export async function mediaFiles(dir: string): Promise<string[]> {
  const names = await readdir(dir)
  return names
    .filter((name) => !name.endsWith('.json'))
    .sort()
    .map((name) => join(dir, name))
}

async function readTrack(track: InputTrack): Promise<ReadTrack> {
  const packets: ReadPacket[] = []
  for await (const packet of new EncodedPacketSink(track).packets()) {
    packets.push({ ms: 1000 * packet.timestamp, key: packet.type === 'key', bytes: packet.byteLength })
  }
  return { codec: track.codec, packets }
}
