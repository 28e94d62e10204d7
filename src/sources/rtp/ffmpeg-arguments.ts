/** What FFmpeg is called with to send plain RTP: one encoder and one `rtp` output per track. */
import { isIPv6 } from 'node:net'
import { refuseOption } from '../../util/options.js'
import type { LocalCodecName } from '../track-codec.js'
import type { RtpSourceConfig, RtpTrackConfig } from './rtp-source-options.js'

/** What FFmpeg is to send. */
export interface FfmpegOptions {
  /** A file, a URL or a device, as behind FFmpeg's `-i`. */
  readonly input: string
  /** What stands before `-i`, such as `['-f', 'lavfi']` or `['-f', 'v4l2']`; default `['-re']`, which reads a file no faster than it plays. */
  readonly inputArguments?: readonly string[]
  /** The bitrate of the video, in bits per second; default 2,000,000. */
  readonly videoBps?: number
}

/** Packets that fit every path: an MTU of 1280 bytes, less what UDP, IPv6, SRTP and header extensions take. */
const PACKET_BYTES = 1200

const EVERY_TWO_SECONDS = ['-force_key_frames', 'expr:gte(t,n_forced*2)']

/** How a video is encoded in real time; undefined where FFmpeg's way of sending the codec is experimental yet. */
const VIDEO: Readonly<Partial<Record<LocalCodecName, readonly string[]>>> = {
  VP8: ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-auto-alt-ref', '0', '-lag-in-frames', '0'],
  // Its RTP payload was a draft for so long that FFmpeg asks for leave.
  VP9: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-lag-in-frames', '0', '-strict', '-2'],
  H264: ['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-bf', '0'],
  H265: [
    '-c:v',
    'libx265',
    '-preset',
    'ultrafast',
    '-tune',
    'zerolatency',
    '-x265-params',
    'bframes=0:log-level=error',
  ],
}

const AUDIO: Readonly<Partial<Record<LocalCodecName, readonly string[]>>> = {
  opus: ['-c:a', 'libopus', '-ar', '48000', '-ac', '2', '-b:a', '96k'],
  PCMU: ['-c:a', 'pcm_mulaw', '-ar', '8000', '-ac', '1'],
  PCMA: ['-c:a', 'pcm_alaw', '-ar', '8000', '-ac', '1'],
  G722: ['-c:a', 'g722', '-ar', '16000', '-ac', '1'],
}

/** By the first byte of the profile-level-id (RFC 6184, section 8.1). */
const H264_PROFILES: Readonly<Record<string, string>> = { '42': 'baseline', '4d': 'main', '64': 'high' }

/** The arguments. Throws `option-invalid` for what FFmpeg cannot send. */
export function ffmpegArguments(
  config: RtpSourceConfig,
  ports: readonly number[],
  { input, inputArguments = ['-re'], videoBps = 2_000_000 }: FfmpegOptions,
): readonly string[] {
  if (typeof input !== 'string' || input === '') refuseOption('input', 'a file, a URL or a device', input)
  const counts = { audio: 0, video: 0 }
  const outputs = config.tracks.flatMap((track, i) => {
    const { kind } = track.codec.codec
    const map = ['-map', `0:${kind === 'audio' ? 'a' : 'v'}:${counts[kind]++}`]
    return [...map, ...encoder(track, videoBps), ...target(config, track, ports[i] as number)]
  })
  return ['-hide_banner', ...inputArguments, '-i', input, ...outputs]
}

/** `words` as a line that a POSIX shell reads as these very words. */
export function shellLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')
}

function encoder({ codec: { codec } }: RtpTrackConfig, videoBps: number): readonly string[] {
  const name = codec.name as LocalCodecName
  const settings = codec.kind === 'audio' ? AUDIO[name] : VIDEO[name]
  if (settings === undefined) return refuseOption('codec', 'one that FFmpeg sends as RTP', name)
  if (codec.kind === 'audio') return settings
  const profile = H264_PROFILES[codec.parameters['profile-level-id']?.slice(0, 2).toLowerCase() ?? ''] ?? 'baseline'
  return [
    ...settings,
    ...(name === 'H264' ? ['-profile:v', profile] : []),
    ...['-pix_fmt', 'yuv420p', '-b:v', String(videoBps)],
    ...EVERY_TWO_SECONDS,
  ]
}

function target({ listenIp, rtcpMux, srtp }: RtpSourceConfig, track: RtpTrackConfig, port: number): readonly string[] {
  if (srtp !== undefined && srtp.profile !== 'AES_CM_128_HMAC_SHA1_80') {
    refuseOption('srtp.profile', 'AES_CM_128_HMAC_SHA1_80, the one that FFmpeg has', srtp.profile)
  }
  const host = isIPv6(listenIp) ? `[${reachable(listenIp)}]` : reachable(listenIp)
  const query = `pkt_size=${PACKET_BYTES}${rtcpMux ? `&rtcpport=${port}` : ''}`
  const secret = srtp === undefined ? [] : ['-srtp_out_suite', srtp.profile, '-srtp_out_params', srtp.key]
  // Goodbye said, a successor is taken up at once.
  const settings = ['-payload_type', String(track.codec.payloadType), '-rtpflags', 'send_bye']
  return ['-f', 'rtp', ...settings, ...secret, `${srtp === undefined ? 'rtp' : 'srtp'}://${host}:${port}?${query}`]
}

/** A wildcard is where we listen, not where one can send to. */
function reachable(ip: string): string {
  return ip === '0.0.0.0' ? '127.0.0.1' : ip === '::' ? '::1' : ip
}
