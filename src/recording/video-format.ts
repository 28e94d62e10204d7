/** What a container has to be told of a video: read from a keyframe. */
import { readAv1SequenceHeader } from '../media/codecs/av1-sequence-header.js'
import { createFrameSize, type FrameSize } from '../media/codecs/frame-size.js'
import { readH264ParameterSet } from '../media/codecs/h264-frame-size.js'
import { readH265ParameterSet } from '../media/codecs/h265-frame-size.js'
import { annexBUnits } from '../media/payload/annex-b.js'
import { av1Obus } from '../media/payload/av1-temporal-unit.js'
import { readVp9Picture } from '../media/payload/vp9-picture.js'

/** The codecs that can be recorded, by their names in SDP. */
export const VIDEO_CODECS = ['VP8', 'VP9', 'AV1', 'H264', 'H265'] as const

/** One of {@link VIDEO_CODECS}. */
export type VideoCodecName = (typeof VIDEO_CODECS)[number]

/** The format of a video from one keyframe on. */
export interface VideoFormat {
  readonly codec: VideoCodecName
  /** As in the `codecs` parameter of media types (RFC 6381 and the codecs' own documents), such as `avc1.42e01f`. */
  readonly codecString: string
  readonly width: number
  readonly height: number
  /** What has to be the same within one file: where it differs between two keyframes, the second begins another one. */
  readonly key: string
}

const AV1_SEQUENCE_HEADER = 1
const H264_SPS = 7
const H264_PPS = 8
const H265_VPS = 32
const H265_SPS = 33
const H265_PPS = 34

/** Behind the header of an H265 unit and a byte of ids: profile, compatibility, constraints and level. */
const H265_PROFILE_AT = 3
const H265_PROFILE_BYTES = 12

/** The format that `keyframe` begins; undefined if it does not say it, and then a decoder could not begin with it either. */
export function readVideoFormat(codec: string, keyframe: Uint8Array): VideoFormat | undefined {
  switch (codec) {
    case 'VP8':
      return readVp8(keyframe)
    case 'VP9':
      return readVp9(keyframe)
    case 'AV1':
      return readAv1(keyframe)
    case 'H264':
      return readH264(keyframe)
    case 'H265':
      return readH265(keyframe)
    default:
      return undefined
  }
}

function inBand(codec: VideoCodecName, codecString: string, size: FrameSize | undefined): VideoFormat | undefined {
  return size && { codec, codecString, ...size, key: codec }
}

/** RFC 6386, section 9.1. */
function readVp8(frame: Uint8Array): VideoFormat | undefined {
  if (frame.length < 10 || frame[3] !== 0x9d || frame[4] !== 0x01 || frame[5] !== 0x2a) return undefined
  const width = ((frame[6] as number) | ((frame[7] as number) << 8)) & 0x3fff
  const height = ((frame[8] as number) | ((frame[9] as number) << 8)) & 0x3fff
  return inBand('VP8', 'vp8', createFrameSize(width, height))
}

function readVp9(frame: Uint8Array): VideoFormat | undefined {
  const size = readVp9Picture(frame)?.size
  if (size === undefined) return undefined
  const first = frame[0] as number
  const profile = ((first >> 5) & 1) + 2 * ((first >> 4) & 1)
  const bitDepth = profile < 2 ? '08' : '10'
  const format = inBand('VP9', `vp09.0${profile}.${vp9Level(size)}.${bitDepth}`, size)
  return format && { ...format, key: `VP9 ${profile}` }
}

/** The least level whose pictures may be that large (VP9 levels, annex A); VP9 itself does not say its level. */
function vp9Level({ width, height }: FrameSize): string {
  const samples = width * height
  if (samples <= 36_864) return '10'
  if (samples <= 122_880) return '21'
  if (samples <= 552_960) return '30'
  if (samples <= 983_040) return '31'
  if (samples <= 2_228_224) return '41'
  return samples <= 8_912_896 ? '51' : '61'
}

function readAv1(frame: Uint8Array): VideoFormat | undefined {
  const obu = av1Obus(frame).find(({ type }) => type === AV1_SEQUENCE_HEADER)
  const header = obu && readAv1SequenceHeader(obu.data, 0, obu.data.length)
  if (!header) return undefined
  const { profile, level, tier, bitDepth, width, height } = header
  const codecString = `av01.${profile}.${twoDigits(level)}${tier === 0 ? 'M' : 'H'}.${twoDigits(bitDepth)}`
  const format = inBand('AV1', codecString, createFrameSize(width, height))
  // Another profile or depth needs another decoder.
  return format && { ...format, key: `AV1 ${profile} ${bitDepth}` }
}

function readH264(frame: Uint8Array): VideoFormat | undefined {
  const units = annexBUnits(frame)
  const find = (type: number) => units.find(([header]) => ((header as number) & 0x1f) === type)
  const sps = find(H264_SPS)
  const pps = find(H264_PPS)
  if (sps === undefined || pps === undefined || sps.length < 4) return undefined
  const size = readH264ParameterSet(sps, 1, sps.length)
  return (
    size && { codec: 'H264', codecString: `avc1.${hex(sps.subarray(1, 4))}`, ...size, key: keyOf('H264', [sps, pps]) }
  )
}

function readH265(frame: Uint8Array): VideoFormat | undefined {
  const units = annexBUnits(frame)
  const find = (type: number) => units.find(([header]) => (((header as number) >> 1) & 0x3f) === type)
  const [vps, sps, pps] = [find(H265_VPS), find(H265_SPS), find(H265_PPS)]
  if (vps === undefined || sps === undefined || pps === undefined) return undefined
  const size = readH265ParameterSet(sps, 2, sps.length)
  const codecString = h265CodecString(sps)
  return size && codecString ? { codec: 'H265', codecString, ...size, key: keyOf('H265', [vps, sps, pps]) } : undefined
}

/** ISO/IEC 14496-15, annex E.3. */
function h265CodecString(sps: Uint8Array): string | undefined {
  const raw = unescaped(sps)
  if (raw.length < H265_PROFILE_AT + H265_PROFILE_BYTES) return undefined
  const at = H265_PROFILE_AT
  const first = raw[at] as number
  const space = ['', 'A', 'B', 'C'][first >> 6] as string
  const tier = (first & 0x20) === 0 ? 'L' : 'H'
  let compatibility = 0
  // Its bits are written in the reverse order.
  for (let bit = 0; bit < 32; bit++) {
    if ((((raw[at + 1 + (bit >> 3)] as number) >> (7 - (bit & 7))) & 1) === 1) compatibility += 2 ** bit
  }
  let last = at + 11
  while (last > at + 5 && raw[last - 1] === 0) last--
  const constraints = [...raw.subarray(at + 5, last)].map((byte) => `.${byte.toString(16).toUpperCase()}`).join('')
  return `hvc1.${space}${first & 0x1f}.${compatibility.toString(16).toUpperCase()}.${tier}${raw[at + 11]}${constraints}`
}

/** The first bytes of a NAL unit as they are meant: without the 3 that keeps start codes from appearing. */
function unescaped(unit: Uint8Array): Uint8Array {
  const raw: number[] = []
  for (let at = 0; at < unit.length && raw.length < H265_PROFILE_AT + H265_PROFILE_BYTES; at++) {
    const escapes = at >= 2 && unit[at] === 3 && unit[at - 1] === 0 && unit[at - 2] === 0
    if (!escapes) raw.push(unit[at] as number)
  }
  return Uint8Array.from(raw)
}

function keyOf(codec: string, units: readonly Uint8Array[]): string {
  return [codec, ...units.map(hex)].join(' ')
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
