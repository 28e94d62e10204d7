/**
 * The offerer's end of the transport: ICE credentials and candidates (RFC 8839), certificate fingerprints (RFC 8122) and DTLS role
 * (RFC 8842).
 *
 * They stand in the tagged section, or at session level for all. Where neither has them, another member of the bundle is asked, as a
 * tagged section that we refuse (a data channel) may have been the only one to carry them.
 */
import { BroadcastError } from '../errors.js'
import type { Bundle } from './bundle.js'
import { sectionMid } from './choose-sections.js'
import type { SdpDescription, SdpMedia, SdpScope, Setup } from './description.js'
import { isTrustedFingerprint } from './fingerprint.js'
import type { Negotiation, RemoteParameters } from './types.js'

/** What the transport layer needs to know of the offer. */
export interface OfferedTransport {
  readonly remote: RemoteParameters
  readonly dtlsRole: Negotiation<unknown>['dtlsRole']
  /** What it was told by; `active` where nothing is said. */
  readonly setup: Setup
}

/**
 * Reads it.
 *
 * @throws BroadcastError `sdp-unsupported` without ICE credentials, without a fingerprint of sha-256 or stronger, or with
 * `setup:holdconn`; `details.mid` names the section.
 */
export function readTransport(offer: SdpDescription, bundle: Pick<Bundle, 'tagged' | 'members'>): OfferedTransport {
  const { tagged, members } = bundle
  const mid = sectionMid(tagged, offer)
  const fail = (why: string) =>
    new BroadcastError('sdp-unsupported', `media section ${mid}: ${why}`, { details: { mid } })
  const credentials = first(members, (media) => readCredentials(media, offer))
  if (!credentials) throw fail('no ICE credentials (a=ice-ufrag and a=ice-pwd)')
  const offered = first(members, (media) => nonEmpty(media.fingerprints) ?? nonEmpty(offer.fingerprints)) ?? []
  const fingerprints = offered.filter(isTrustedFingerprint)
  if (fingerprints.length === 0) throw fail('no fingerprint of sha-256, sha-384 or sha-512')
  // An offer without a=setup means active (RFC 4145, section 4), to which the answer is the same as to actpass.
  const setup = first(members, (media) => media.setup ?? offer.setup) ?? 'active'
  if (setup === 'holdconn') throw fail('setup:holdconn holds the connection')
  return {
    remote: {
      ...credentials,
      iceLite: offer.iceLite,
      fingerprints,
      candidates: readCandidates(offer, bundle, credentials),
    },
    dtlsRole: setup === 'passive' ? 'client' : 'server',
    setup,
  }
}

interface Credentials {
  readonly iceUfrag: string
  readonly icePwd: string
}

function readCredentials(media: SdpMedia, offer: SdpDescription): Credentials | undefined {
  const iceUfrag = media.iceUfrag ?? offer.iceUfrag
  const icePwd = media.icePwd ?? offer.icePwd
  return iceUfrag === undefined || icePwd === undefined ? undefined : { iceUfrag: copy(iceUfrag), icePwd: copy(icePwd) }
}

/** They live as long as the session, and a part of a text keeps the whole text in memory. */
function copy(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

/** Before bundling each section gathers on its own; only the candidates under the chosen credentials lead to the transport. */
function readCandidates(
  offer: SdpDescription,
  bundle: Pick<Bundle, 'members'>,
  credentials: Credentials,
): SdpScope['candidates'] {
  const sameIce = ({ iceUfrag }: SdpMedia) => (iceUfrag ?? credentials.iceUfrag) === credentials.iceUfrag
  return first(bundle.members.filter(sameIce), (media) => nonEmpty(media.candidates)) ?? offer.candidates
}

function first<T>(members: readonly SdpMedia[], read: (media: SdpMedia) => T | undefined): T | undefined {
  for (const media of members) {
    const value = read(media)
    if (value !== undefined) return value
  }
  return undefined
}

function nonEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined
}
