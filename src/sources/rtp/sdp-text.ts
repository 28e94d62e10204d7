/** Descriptions of plain RTP (RFC 8866), as FFmpeg, GStreamer and VLC read them from a file. */
import { isIPv6 } from 'node:net'
import type { PayloadCodec } from '../../rtp/types.js'
import type { SrtpKeyOptions } from './srtp-key.js'

/** One stream. */
export interface DescribedMedia {
  readonly codec: PayloadCodec
  /** Of RTP; RTCP has the next one unless both share it. */
  readonly port: number
  readonly rtcpMux: boolean
}

/** What is described. */
export interface DescribedSession {
  /** Where the media go. */
  readonly ip: string
  readonly direction: 'recvonly' | 'sendonly'
  readonly srtp: SrtpKeyOptions | undefined
  readonly media: readonly DescribedMedia[]
}

/** The text, with line ends as the RFC has them. */
export function writeSdpText({ ip, direction, srtp, media }: DescribedSession): string {
  const address = `IN ${isIPv6(ip) ? 'IP6' : 'IP4'} ${ip}`
  const lines = ['v=0', `o=- 0 0 ${address}`, 's=manycast', `c=${address}`, 't=0 0']
  for (const { codec, port, rtcpMux } of media) {
    lines.push(`m=${codec.codec.kind} ${port} ${profileOf(codec, srtp)} ${codec.payloadType}`)
    lines.push(`a=rtpmap:${codec.payloadType} ${rtpmapOf(codec)}`)
    const parameters = Object.entries(codec.codec.parameters).map(([key, value]) => `${key}=${value}`)
    if (parameters.length > 0) lines.push(`a=fmtp:${codec.payloadType} ${parameters.join(';')}`)
    for (const feedback of codec.feedback) lines.push(`a=rtcp-fb:${codec.payloadType} ${feedback}`)
    if (rtcpMux) lines.push('a=rtcp-mux')
    else lines.push(`a=rtcp:${port + 1}`)
    if (srtp !== undefined) lines.push(`a=crypto:1 ${srtp.profile} inline:${srtp.key}`)
    lines.push(`a=${direction}`)
  }
  return `${lines.join('\r\n')}\r\n`
}

/** With feedback only where there is some: old readers know AVP alone. */
function profileOf({ feedback }: PayloadCodec, srtp: SrtpKeyOptions | undefined): string {
  return `RTP/${srtp === undefined ? '' : 'S'}AVP${feedback.length === 0 ? '' : 'F'}`
}

function rtpmapOf({ codec }: PayloadCodec): string {
  return `${codec.name}/${codec.clockRate}${codec.channels === 1 ? '' : `/${codec.channels}`}`
}
