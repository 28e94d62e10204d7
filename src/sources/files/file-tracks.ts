/** The tracks that files are played into: one of each kind, whatever the codecs of the files. */
import type { Codec, MediaKind } from '../../rtp/types.js'
import { LocalTrack } from '../local-track.js'
import { LocalTracks } from '../local-tracks.js'
import type { LocalCodec, LocalCodecName } from '../track-codec.js'
import type { MediaFile } from './media-file.js'
import type { PlaylistFrame } from './playlist.js'

interface FileTrack {
  readonly track: LocalTrack
  codec: Codec
}

/** The tracks of one source. */
export class FileTracks {
  readonly #maxPayloadBytes: number
  readonly #tracks = new Map<MediaKind, FileTrack>()

  constructor(maxPayloadBytes: number) {
    this.#maxPayloadBytes = maxPayloadBytes
  }

  /** There will be a track for each of the file's. */
  add(file: MediaFile): void {
    for (const { kind, codec } of file.tracks) {
      if (this.#tracks.has(kind)) continue
      const maxPayloadBytes = this.#maxPayloadBytes
      const track = new LocalTrack({ codec: localCodec(codec), maxPayloadBytes, keyframesOnDemand: false })
      this.#tracks.set(kind, { track, codec })
    }
  }

  /** All of them, as a source. */
  join(): LocalTracks {
    return new LocalTracks([...this.#tracks.values()].map(({ track }) => track))
  }

  /** Writes a frame to the track of its kind, whose codec becomes that of the frame. */
  write({ kind, codec, data, keyframe }: PlaylistFrame, timestampUs: number): void {
    const entry = this.#tracks.get(kind)
    if (entry === undefined) return
    if (codec !== entry.codec && !sameCodec(codec, entry.codec)) entry.track.setCodec(localCodec(codec))
    entry.codec = codec
    entry.track.writeFrame({ data, keyframe, timestampUs })
  }
}

function localCodec({ name, parameters }: Codec): LocalCodec {
  return { name: name as LocalCodecName, parameters }
}

function sameCodec(a: Codec, b: Codec): boolean {
  const names = Object.keys(a.parameters)
  const same = names.every((name) => a.parameters[name] === b.parameters[name])
  return a.name === b.name && same && names.length === Object.keys(b.parameters).length
}
