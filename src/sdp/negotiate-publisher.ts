/** Answers an offer of media to send: WHIP's side of it (RFC 9725, section 4.4), and any other publisher's. */
import { EXTENSION_URI } from '../rtp/extension-uri.js'
import { acceptsPause, PAUSE_LINE } from './accept-pause.js'
import { acceptSection } from './accept-section.js'
import { acceptSimulcast, NO_SIMULCAST } from './accept-simulcast.js'
import { answerFrame } from './answer-frame.js'
import { chooseBundle } from './bundle.js'
import { chooseSections } from './choose-sections.js'
import { readTransport } from './offered-transport.js'
import { parseSdp } from './parse-sdp.js'
import { primarySsrcs, rtxPairs } from './primary-ssrcs.js'
import type { LocalParameters, Negotiation, PublisherSection, SdpCapabilities } from './types.js'
import { writeAnswer } from './write-answer.js'

/** What the answer asks of the publisher. */
export interface PublisherAnswerOptions {
  /** The most that each video section may send, in bits per second; said by `b=`. */
  readonly maxBitrateBps?: number
}

/**
 * Negotiates a publisher's offer. The same input always gives the same result.
 *
 * @param offer SDP text.
 * @param local this side's end of the transport.
 * @param capabilities what may be accepted.
 * @param options what the answer asks for besides.
 * @throws BroadcastError `sdp-invalid` (`details.line`), `sdp-unsupported`, `direction-mismatch`, or `codec-unsupported` (`details.mid`,
 * `details.offered`).
 */
export function negotiatePublisher(
  offer: string,
  local: LocalParameters,
  capabilities: SdpCapabilities,
  options: PublisherAnswerOptions = {},
): Negotiation<PublisherSection> {
  const role = 'publisher'
  const description = parseSdp(offer)
  const chosen = chooseSections(description, role)
  const bundle = chooseBundle(description, chosen)
  const { remote, dtlsRole } = readTransport(description, bundle)
  const idsInUse = new Map<number, string>()
  const accepted = chosen.map((media) => {
    const section = acceptSection(media, description, role, capabilities, idsInUse)
    // Without the rid in packets the streams could not be told apart (RFC 8853, section 5.5).
    const canSimulcast = capabilities.simulcast && section.extensions.some(({ uri }) => uri === EXTENSION_URI.rid)
    const simulcast = canSimulcast ? acceptSimulcast(media, section.accepted.payloadTypes) : NO_SIMULCAST
    const maxBitrateBps = section.kind === 'video' ? options.maxBitrateBps : undefined
    const pause = capabilities.pause && acceptsPause(media)
    const lines = [...(pause ? [PAUSE_LINE] : []), ...simulcast.lines]
    return { section, rids: simulcast.rids, pause, lines, maxBitrateBps }
  })
  const frame = answerFrame({ offer: description, role, bundle, sections: accepted })
  const own = accepted.map(({ lines }) => lines)
  return {
    answer: writeAnswer(frame, local, dtlsRole, own),
    remote,
    dtlsRole,
    transportSection: frame.transportSection,
    sections: accepted.map(({ section: { media, mid, kind, codecs, extensions, accepted }, rids, pause }) => {
      const pairs = accepted.rtx.length > 0 ? rtxPairs(media) : []
      const ssrcs = primarySsrcs(media)
      return { mid, kind, codecs, extensions, ssrcs, rids, rtxPairs: pairs, ...(pause ? { pause } : {}) }
    }),
  }
}
