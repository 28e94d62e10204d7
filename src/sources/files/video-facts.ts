/** What a video track is, from its first keyframe: containers say it in many ways, the stream itself in one. */
import { BitReader } from '../../media/codecs/bit-reader.js'
import { parseH264ParameterSet } from '../../media/codecs/h264-parameter-set.js'
import { readH264Usability } from '../../media/codecs/h264-usability.js'
import { parseH265ParameterSet } from '../../media/codecs/h265-parameter-set.js'
import { readH265Usability } from '../../media/codecs/h265-usability.js'
import { readRawBytes } from '../../media/codecs/raw-bytes.js'
import { annexBUnits } from '../../media/payload/annex-b.js'
import { av1Obus } from '../../media/payload/av1-temporal-unit.js'
import type { Codec } from '../../rtp/types.js'

/** The video codecs of files that can be played. */
export type VideoCodecName = 'VP8' | 'VP9' | 'AV1' | 'H264' | 'H265'

/** What the keyframe says of its stream. */
export interface VideoFacts {
  readonly codec: Codec
  /** Frames per second; undefined where it is not said. */
  readonly frameRate: number | undefined
  /** How many frames may be decoded before one that is shown before them; undefined where it is not said. */
  readonly maxReorderFrames: number | undefined
}

const H264_SPS = 7
const H265_SPS = 33
const AV1_SEQUENCE_HEADER = 1

const bits = new BitReader()

/** Reads the keyframe, in the format of packetizers. What it does not say is what the codec's SDP parameters mean where they are not given. */
export function readVideoFacts(name: VideoCodecName, keyframe: Uint8Array): VideoFacts {
  switch (name) {
    case 'VP8':
      return unsaid(videoCodec(name))
    case 'VP9':
      return unsaid(videoCodec(name, { 'profile-id': String(vp9Profile(keyframe)) }))
    case 'AV1':
      return unsaid(videoCodec(name, { profile: String(av1Profile(keyframe)) }))
    case 'H264':
      return h264Facts(keyframe)
    case 'H265':
      return h265Facts(keyframe)
  }
}

function unsaid(codec: Codec): VideoFacts {
  return { codec, frameRate: undefined, maxReorderFrames: undefined }
}

/** The codec with these SDP parameters. */
export function videoCodec(name: VideoCodecName, parameters: Readonly<Record<string, string>> = {}): Codec {
  return { name, kind: 'video', clockRate: 90_000, channels: 1, parameters }
}

/** The two bits behind the frame marker, low one first (VP9 bitstream specification, section 6.2). */
function vp9Profile(frame: Uint8Array): number {
  const first = frame[0] ?? 0
  return ((first >> 5) & 1) | ((first >> 3) & 2)
}

/** seq_profile (AV1 specification, section 5.5.1). */
function av1Profile(unit: Uint8Array): number {
  const header = av1Obus(unit).find(({ type }) => type === AV1_SEQUENCE_HEADER)
  return (header?.data[0] ?? 0) >> 5
}

function h264Facts(frame: Uint8Array): VideoFacts {
  const unit = annexBUnits(frame).find((one) => ((one[0] as number) & 0x1f) === H264_SPS)
  const parameters = { 'level-asymmetry-allowed': '1', 'packetization-mode': '1' }
  if (unit === undefined || unit.length < 4) return unsaid(videoCodec('H264', parameters))
  const profile = Buffer.from(unit.subarray(1, 4)).toString('hex')
  readRawBytes(bits, unit, 1, unit.length)
  parseH264ParameterSet(bits)
  return { codec: videoCodec('H264', { ...parameters, 'profile-level-id': profile }), ...readH264Usability(bits) }
}

function h265Facts(frame: Uint8Array): VideoFacts {
  const unit = annexBUnits(frame).find((one) => (((one[0] as number) >> 1) & 0x3f) === H265_SPS)
  if (unit === undefined) return unsaid(videoCodec('H265', { 'tx-mode': 'SRST' }))
  readRawBytes(bits, unit, 2, unit.length)
  // Ids and sub-layers, then general_profile_space, general_tier_flag, general_profile_idc, 80 bits of flags, and general_level_idc.
  bits.skip(8 + 2)
  const tier = bits.bits(1)
  const profile = bits.bits(5)
  bits.skip(80)
  const level = bits.bits(8)
  const parameters = {
    'level-id': String(level),
    'profile-id': String(profile),
    'tier-flag': String(tier),
    'tx-mode': 'SRST',
  }
  readRawBytes(bits, unit, 2, unit.length)
  const { sublayers } = parseH265ParameterSet(bits)
  return { codec: videoCodec('H265', parameters), ...readH265Usability(bits, sublayers) }
}
