/** Which tracks of a container WebRTC can carry, and what the others are called. */
import type { MediaKind } from '../../rtp/types.js'
import type { ContainerDecoderConfig, ContainerTrack } from './mediabunny.js'
import type { VideoCodecName } from './video-facts.js'

/** What WebRTC can carry of what the library calls its codecs. */
const VIDEO_CODECS: Readonly<Record<string, VideoCodecName>> = {
  vp8: 'VP8',
  vp9: 'VP9',
  av1: 'AV1',
  avc: 'H264',
  hevc: 'H265',
}

/** How people call the others. */
const NAMES: Readonly<Record<string, string>> = {
  aac: 'AAC',
  mp3: 'MP3',
  vorbis: 'Vorbis',
  flac: 'FLAC',
  ac3: 'AC-3',
  eac3: 'E-AC-3',
  dts: 'DTS',
  prores: 'ProRes',
}

/** RTP carries Opus in mono and stereo only (RFC 7587, section 4). */
const MAX_CHANNELS = 2

/** A track that can be played. */
export interface PlayableTrack {
  readonly kind: MediaKind
  readonly name: 'opus' | VideoCodecName
  readonly track: ContainerTrack
  readonly config: ContainerDecoderConfig | null
}

/** The track, or what it is called if WebRTC cannot carry it. */
export async function playableTrack(track: ContainerTrack): Promise<PlayableTrack | string> {
  const codec = await track.getCodec()
  const config = codec === null ? null : await track.getDecoderConfig()
  const video = codec === null ? undefined : VIDEO_CODECS[codec]
  if (video !== undefined) return { kind: 'video', name: video, track, config }
  const channels = config?.numberOfChannels ?? 0
  if (codec === 'opus' && channels <= MAX_CHANNELS) return { kind: 'audio', name: 'opus', track, config }
  if (codec === 'opus') return `Opus with ${channels} channels`
  return codec === null ? String(await track.getInternalCodecId()) : (NAMES[codec] ?? codec)
}
