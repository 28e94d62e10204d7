/** What a source of plain RTP is made with, checked. */
import { isIP } from 'node:net'
import { BroadcastError } from '../../errors.js'
import type { PayloadCodec } from '../../rtp/types.js'
import { canonicalIp, isLoopback } from '../../transport/udp/ip-address.js'
import { booleanOption, integerOption, objectOption, refuseOption } from '../../util/options.js'
import type { LocalCodec, LocalCodecName } from '../track-codec.js'
import { codecOption } from './rtp-codec.js'
import { type SrtpKeyOptions, srtpOption } from './srtp-key.js'

/** One track of a {@link rtpSource}: what is sent to one port. */
export interface RtpTrackOptions {
  /** What comes; with parameters of its own where viewers have to be matched with others than the usual ones. */
  readonly codec: LocalCodecName | LocalCodec
  /** The port of RTP, 0 (the default) for any free one. RTCP has the next one. */
  readonly port?: number
  /** The payload type that it has to have; others are dropped. Any is taken by default, as the port says what it is. */
  readonly payloadType?: number
}

/** How a {@link rtpSource} is made: with one track, or with `tracks`. */
export interface RtpSourceOptions extends Partial<RtpTrackOptions> {
  /** Several tracks, each with a port of its own, e.g. a video and an audio. */
  readonly tracks?: readonly RtpTrackOptions[]
  /** The local address of the ports; default `127.0.0.1`. Any other than a loopback one needs `srtp` or `allowUnauthenticated`. */
  readonly listenIp?: string
  /** RTCP is sent to the port of RTP, too (RFC 5761), so that one port is enough; default false. RTCP that comes there is understood anyway. */
  readonly rtcpMux?: boolean
  /** The only address that may send, an IP address, and its port if that is known. By default the first that sends is followed. */
  readonly remote?: { readonly host: string; readonly port?: number }
  /** Media and RTCP have to be protected with this key (SRTP); the answers are, too. */
  readonly srtp?: SrtpKeyOptions
  /** Takes plain RTP on addresses that others can reach: whoever knows the port can then put media into the broadcast. Default false. */
  readonly allowUnauthenticated?: boolean
  /** A sender that is silent for so long makes room for another, in milliseconds; default 2000, at least 200. */
  readonly timeoutMs?: number
  /**
   * Whether the sender is asked for keyframes by PLI (RFC 4585); default true. FFmpeg does not listen, GStreamer does. If not, viewers begin with the
   * newest keyframe, however old it is, as far as the history of the Sfu reaches.
   */
  readonly keyframesOnDemand?: boolean
  /** Whether lost packets are asked for again by NACK (RFC 4585); default false. */
  readonly nack?: boolean
}

/** A track, resolved. */
export interface RtpTrackConfig {
  readonly codec: PayloadCodec
  readonly port: number
  readonly payloadTypeGiven: boolean
}

/** A source, resolved. */
export interface RtpSourceConfig {
  readonly tracks: readonly RtpTrackConfig[]
  readonly listenIp: string
  readonly rtcpMux: boolean
  readonly remote: { readonly host: string; readonly port?: number } | undefined
  readonly srtp: SrtpKeyOptions | undefined
  readonly timeoutMs: number
  readonly keyframesOnDemand: boolean
}

const MAX_TRACKS = 8

/** Resolves the options. Throws `option-invalid`. */
export function resolveRtpSource(options: RtpSourceOptions): RtpSourceConfig {
  objectOption('options', options, '{ codec, port } or { tracks }')
  const rtcpMux = booleanOption('rtcpMux', options.rtcpMux, false)
  const { listenIp = '127.0.0.1' } = options
  if (typeof listenIp !== 'string' || isIP(listenIp) === 0) refuseOption('listenIp', 'an IP address', listenIp)
  const srtp = srtpOption(options.srtp)
  const open = booleanOption('allowUnauthenticated', options.allowUnauthenticated, false)
  if (!isLoopback(listenIp) && srtp === undefined && !open) {
    throw new BroadcastError(
      'option-invalid',
      `plain RTP at ${listenIp} would be taken from whoever sends it: give it a key (srtp), or say allowUnauthenticated`,
      { details: { option: 'listenIp' } },
    )
  }
  const keyframesOnDemand = booleanOption('keyframesOnDemand', options.keyframesOnDemand, true)
  const nack = booleanOption('nack', options.nack, false)
  return {
    tracks: resolveTracks(options, rtcpMux).map((track) => withFeedback(track, keyframesOnDemand, nack)),
    listenIp,
    rtcpMux,
    remote: resolveRemote(options.remote, isIP(listenIp)),
    srtp,
    timeoutMs: integerOption('timeoutMs', options.timeoutMs, 2000, 200, 3_600_000),
    keyframesOnDemand,
  }
}

/** What the sender is asked for by RTCP. */
function withFeedback(track: RtpTrackConfig, keyframesOnDemand: boolean, nack: boolean): RtpTrackConfig {
  const hasKeyframes = track.codec.codec.kind === 'video'
  const feedback = [...(nack ? ['nack'] : []), ...(keyframesOnDemand && hasKeyframes ? ['nack pli'] : [])]
  return { ...track, codec: { ...track.codec, feedback } }
}

function resolveTracks(options: RtpSourceOptions, rtcpMux: boolean): readonly RtpTrackConfig[] {
  const { tracks, codec, port, payloadType } = options
  if (tracks === undefined) {
    if (codec === undefined) refuseOption('codec', 'the codec of what comes', codec)
    return [resolveTrack('', { codec, ...defined({ port, payloadType }) }, rtcpMux)]
  }
  if (codec !== undefined || port !== undefined || payloadType !== undefined) {
    refuseOption('tracks', 'no codec, port or payloadType beside it', tracks)
  }
  if (!Array.isArray(tracks) || tracks.length === 0 || tracks.length > MAX_TRACKS) {
    refuseOption('tracks', `a list of 1 to ${MAX_TRACKS} tracks`, tracks)
  }
  const resolved = tracks.map((track: RtpTrackOptions, i) =>
    resolveTrack(`tracks[${i}].`, objectOption(`tracks[${i}]`, track, '{ codec, port }'), rtcpMux),
  )
  const taken = new Set<number>()
  for (const { port: first } of resolved) {
    if (first === 0) continue
    for (const one of rtcpMux ? [first] : [first, first + 1]) {
      if (taken.has(one)) refuseOption('tracks', 'ports of their own, and of RTCP behind each', first)
      taken.add(one)
    }
  }
  return resolved
}

function resolveTrack(prefix: string, track: RtpTrackOptions, rtcpMux: boolean): RtpTrackConfig {
  const codec = codecOption(`${prefix}codec`, track.codec)
  const payloadType = integerOption(`${prefix}payloadType`, track.payloadType, codec.payloadType, 0, 127)
  return {
    codec: { ...codec, payloadType },
    // The port of RTCP is the next one.
    port: integerOption(`${prefix}port`, track.port, 0, 0, rtcpMux ? 65_535 : 65_534),
    payloadTypeGiven: track.payloadType !== undefined,
  }
}

function resolveRemote(value: RtpSourceOptions['remote'], family: number): RtpSourceConfig['remote'] {
  if (value === undefined) return undefined
  const { host, port } = objectOption('remote', value, '{ host, port }')
  const ip = typeof host === 'string' ? canonicalIp(host) : undefined
  if (ip === undefined || isIP(ip) !== family)
    refuseOption('remote.host', 'an IP address of the family of listenIp', host)
  return { host: ip, ...(port === undefined ? {} : { port: integerOption('remote.port', port, 0, 1, 65_535) }) }
}

function defined<T extends object>(values: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>
  }
}
