/** What a sink of plain RTP is made with, checked. */
import { isIP } from 'node:net'
import type { MediaKind } from '../../rtp/types.js'
import { canonicalIp } from '../../transport/udp/ip-address.js'
import { booleanOption, integerOption, objectOption, refuseOption } from '../../util/options.js'
import { type SrtpKeyOptions, srtpOption } from './srtp-key.js'

/** How a {@link rtpSink} is made. */
export interface RtpSinkOptions {
  /** Where the packets go: an IP address. */
  readonly host: string
  /** The port of the video's RTP; that of the audio is two further. RTCP has the next port of each. */
  readonly port?: number
  /** The ports instead, where they are others or only one kind is wanted: what is left out is not sent. */
  readonly ports?: { readonly video?: number; readonly audio?: number }
  /** RTCP goes to the port of RTP, too (RFC 5761); default false. */
  readonly rtcpMux?: boolean
  /**
   * The first of the local ports, that of the audio two further, for receivers that want to know where their RTCP belongs; 0 (the default) for
   * any free ones. Answers to where the packets come from need no known ports.
   */
  readonly localPort?: number
  /** Protects what is sent (SRTP), and what comes back has to be protected the same way. */
  readonly srtp?: SrtpKeyOptions
  /** The publisher by name; default `main`, which is what those are called that say no name. */
  readonly publisher?: string
  /** No better layer of a publisher that sends several than the one with this rid; by default the best there is. */
  readonly layer?: string
}

/** One stream of a sink: where its RTP goes, and from where, 0 for any free port. */
export interface RtpSinkTarget {
  readonly kind: MediaKind
  readonly port: number
  readonly localPort: number
}

/** A sink, resolved. */
export interface RtpSinkConfig {
  readonly host: string
  readonly family: 4 | 6
  readonly targets: readonly RtpSinkTarget[]
  readonly rtcpMux: boolean
  readonly srtp: SrtpKeyOptions | undefined
  readonly publisher: string
  readonly layer: string | undefined
}

/** Behind the video's RTP and RTCP. */
const AUDIO_DISTANCE = 2

/** Resolves the options. Throws `option-invalid`. */
export function resolveRtpSink(options: RtpSinkOptions): RtpSinkConfig {
  const { host, port, ports, publisher = 'main', layer } = objectOption('options', options, '{ host, port }')
  const ip = typeof host === 'string' ? canonicalIp(host) : undefined
  if (ip === undefined) refuseOption('host', 'an IP address', host)
  if (typeof publisher !== 'string' || publisher === '') refuseOption('publisher', 'a name', publisher)
  if (layer !== undefined && typeof layer !== 'string') refuseOption('layer', 'a rid', layer)
  const rtcpMux = booleanOption('rtcpMux', options.rtcpMux, false)
  const targets = ports === undefined ? spread(port, rtcpMux) : chosen(ports, port, rtcpMux)
  const localPort = integerOption('localPort', options.localPort, 0, 0, highest(rtcpMux) - AUDIO_DISTANCE)
  return {
    host: ip,
    family: isIP(ip) as 4 | 6,
    targets: targets.map((target, i) => ({
      ...target,
      localPort: localPort === 0 ? 0 : localPort + AUDIO_DISTANCE * i,
    })),
    rtcpMux,
    srtp: srtpOption(options.srtp),
    publisher,
    layer,
  }
}

function spread(port: number | undefined, rtcpMux: boolean): readonly Omit<RtpSinkTarget, 'localPort'>[] {
  if (port === undefined) refuseOption('port', 'the port of the video, or ports', port)
  const video = integerOption('port', port, 0, 1, highest(rtcpMux) - AUDIO_DISTANCE)
  return [
    { kind: 'video', port: video },
    { kind: 'audio', port: video + AUDIO_DISTANCE },
  ]
}

function chosen(
  ports: NonNullable<RtpSinkOptions['ports']>,
  port: number | undefined,
  rtcpMux: boolean,
): readonly Omit<RtpSinkTarget, 'localPort'>[] {
  const { video, audio } = objectOption('ports', ports, '{ video, audio }')
  if (port !== undefined) refuseOption('port', 'none beside ports', port)
  if (video === undefined && audio === undefined) refuseOption('ports', 'one port at least', ports)
  const distance = Math.abs((video ?? Number.NaN) - (audio ?? Number.NaN))
  if (distance < (rtcpMux ? 1 : 2)) refuseOption('ports', 'ports of their own, and of RTCP behind each', ports)
  const target = (kind: MediaKind, value: number | undefined) =>
    value === undefined ? [] : [{ kind, port: integerOption(`ports.${kind}`, value, 0, 1, highest(rtcpMux)) }]
  return [...target('video', video), ...target('audio', audio)]
}

/** RTCP has the port behind it. */
function highest(rtcpMux: boolean): number {
  return rtcpMux ? 65_535 : 65_534
}
