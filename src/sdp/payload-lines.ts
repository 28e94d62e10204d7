/** The answer's attributes about payload types and header extensions (RFC 8866, section 6.6 and 6.15; RFC 4585; RFC 8285). */
import type { Codec, PayloadCodec } from '../rtp/types.js'
import { type AcceptedRtx, rtpMapOf } from './accept-codecs.js'
import type { AcceptedSection } from './accept-section.js'
import type { SdpExtension, SdpRtpMap } from './description.js'
import { formatFormatParameters } from './format-parameters.js'
import { ANSWER_DIRECTION, type NegotiationRole } from './negotiation-role.js'

/** Everything that the answer says of a section's header extensions and payload types: nothing of it is the client's own. */
export function formatLines(section: AcceptedSection, role: NegotiationRole): string[] {
  return [...extensionLines(section.offeredExtensions, role), ...payloadLines(section, role)]
}

/** `a=rtpmap`, `a=fmtp` and `a=rtcp-fb` of every accepted payload type, in order. */
function payloadLines(section: AcceptedSection, role: NegotiationRole): string[] {
  const codecs = new Map<number, PayloadCodec>(section.codecs.map((codec) => [codec.payloadType, codec]))
  const rtx = new Map<number, AcceptedRtx>(section.accepted.rtx.map((one) => [one.payloadType, one]))
  return section.accepted.payloadTypes.flatMap((payloadType) => {
    const codec = codecs.get(payloadType)
    const parameters = codec ? answerParameters(codec.codec, role) : (rtx.get(payloadType)?.parameters ?? {})
    const rtpMap = rtpMapOf(section.media, payloadType)
    const text = formatFormatParameters(parameters)
    return [
      ...(rtpMap ? [`a=rtpmap:${payloadType} ${formatRtpMap(rtpMap)}`] : []),
      ...(codec?.feedback ?? []).map((value) => `a=rtcp-fb:${payloadType} ${value}`),
      ...(text === '' ? [] : [`a=fmtp:${payloadType} ${text}`]),
    ]
  })
}

/** `a=extmap` of every accepted extension; where the offer wrote a direction, so does the answer. */
function extensionLines(extensions: readonly SdpExtension[], role: NegotiationRole): string[] {
  return extensions.map(({ id, uri, direction }) => {
    return `a=extmap:${id}${direction === undefined ? '' : `/${ANSWER_DIRECTION[role]}`} ${uri}`
  })
}

function formatRtpMap({ name, clockRate, channels }: SdpRtpMap): string {
  return `${name}/${clockRate}${channels === 1 ? '' : `/${channels}`}`
}

/**
 * The parameters are the offer's: what can be forwarded is decided by the stream, so there is nothing to narrow, and for H.264 the profile
 * and packetization mode must be equal on both sides anyway (RFC 6184, section 8.2.2). Only `sprop-` ones, which describe the
 * offerer's own stream, are left out; a publisher that says that it is going to send stereo is told that we want it (RFC 7587, section 7.1).
 */
function answerParameters(codec: Codec, role: NegotiationRole): Codec['parameters'] {
  const kept = Object.entries(codec.parameters).filter(([name]) => !name.startsWith('sprop-'))
  const wantsStereo = role === 'publisher' && codec.name === 'opus' && codec.parameters['sprop-stereo'] === '1'
  if (wantsStereo && codec.parameters.stereo === undefined) kept.push(['stereo', '1'])
  return Object.fromEntries(kept)
}
