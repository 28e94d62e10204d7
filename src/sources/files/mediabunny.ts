/**
 * The one place of the room that knows the package `mediabunny`, an optional peer dependency: whoever plays files with a container around
 * their frames installs it.
 */
import { BroadcastError } from '../../errors.js'

/** A packet of a track; times are in seconds. */
export interface ContainerPacket {
  readonly data: Uint8Array
  readonly type: 'key' | 'delta'
  readonly timestamp: number
  readonly duration: number
}

/** What decoders need to know of a track. */
export interface ContainerDecoderConfig {
  readonly description?: ArrayBuffer | ArrayBufferView
  readonly numberOfChannels?: number
}

/** A track of a file. */
export interface ContainerTrack {
  readonly type: string
  getCodec(): Promise<string | null>
  getInternalCodecId(): Promise<string | number | Uint8Array | null>
  getDecoderConfig(): Promise<ContainerDecoderConfig | null>
}

/** A way through the packets of a track, in the order of decoding. */
export interface ContainerPackets {
  getFirstPacket(options?: { metadataOnly: boolean }): Promise<ContainerPacket | null>
  getFirstKeyPacket(): Promise<ContainerPacket | null>
  getNextPacket(packet: ContainerPacket, options?: { metadataOnly: boolean }): Promise<ContainerPacket | null>
  getPacket(timestamp: number): Promise<ContainerPacket | null>
  getKeyPacket(timestamp: number): Promise<ContainerPacket | null>
}

/** An open file. */
export interface ContainerInput {
  canRead(): Promise<boolean>
  getTracks(): Promise<ContainerTrack[]>
  getPrimaryVideoTrack(): Promise<ContainerTrack | null>
  getPrimaryAudioTrack(): Promise<ContainerTrack | null>
  getFirstTimestamp(tracks: ContainerTrack[]): Promise<number>
  getDurationFromMetadata(tracks: ContainerTrack[]): Promise<number | null>
  dispose(): void
}

/** What the room asks of the package. */
export interface ContainerLibrary {
  /** The file at `path`, not read yet. */
  open(path: string): ContainerInput
  /** The packets of a track of an open file. */
  packets(track: ContainerTrack): ContainerPackets
}

/** What the file system's pages hold is not held twice. */
const CACHE_BYTES = 2 * 1024 * 1024

/** Loads it. Rejects with `package-missing`. */
export async function loadMediabunny(
  load: () => Promise<typeof import('mediabunny')> = () => import('mediabunny'),
): Promise<ContainerLibrary> {
  try {
    const { Input, FilePathSource, EncodedPacketSink, MATROSKA, WEBM, MP4, QTFF, OGG } = await load()
    const formats = [MP4, QTFF, MATROSKA, WEBM, OGG]
    type Track = ConstructorParameters<typeof EncodedPacketSink>[0]
    return {
      open: (path) => {
        const source = new FilePathSource(path, { maxCacheSize: CACHE_BYTES })
        return new Input({ formats, source }) as unknown as ContainerInput
      },
      packets: (track) => new EncodedPacketSink(track as unknown as Track) as unknown as ContainerPackets,
    }
  } catch (cause) {
    throw new BroadcastError('package-missing', 'fileSource needs the package "mediabunny": npm install mediabunny', {
      details: { package: 'mediabunny' },
      cause,
    })
  }
}
