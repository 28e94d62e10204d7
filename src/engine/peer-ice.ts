/** The ICE session of a peer over its restarts: which fragments add candidates, which begin anew, and which come too late. */
import { BroadcastError } from '../errors.js'
import { writeSdpFragment } from '../sdp/sdp-fragment.js'
import { readTrickledIce } from '../sdp/trickled-ice.js'
import type { IceCandidate, Negotiation, RemoteParameters, TransportSection } from '../sdp/types.js'
import type { TrickleResult } from './types.js'

/** One side's credentials. */
interface Credentials {
  readonly iceUfrag: string
  readonly icePwd: string
}

/** What of a transport is needed. */
export interface TrickledTransport {
  addRemoteCandidate(candidate: IceCandidate): void
  restartIce(local: Credentials, remote: Credentials & Pick<RemoteParameters, 'candidates' | 'iceLite'>): void
}

/** This side's end of the next ICE session. */
export interface NextIce {
  readonly credentials: Credentials
  readonly candidates: readonly IceCandidate[]
}

/** So many of a peer's former ufrags are known again. */
const MAX_PAST_UFRAGS = 16

/** See the top of the file. */
export class PeerIce {
  readonly #transportSection: TransportSection
  readonly #isRemoteLite: boolean
  readonly #transport: TrickledTransport
  /** Fresh credentials for this side, and its candidates; undefined where it made the offer. */
  readonly #next: (() => NextIce) | undefined
  #remote: Credentials
  #pastUfrags: string[] = []

  /** @param next fresh credentials for this side; without, the peer cannot restart ICE, as only the side that made the offer can (RFC 9725, section 4.3.3). */
  constructor(
    negotiation: Pick<Negotiation<unknown>, 'remote' | 'transportSection'>,
    transport: TrickledTransport,
    next?: () => NextIce,
  ) {
    const { transportSection, remote } = negotiation
    this.#transportSection = transportSection
    this.#isRemoteLite = remote.iceLite
    this.#transport = transport
    this.#next = next
    this.#remote = { iceUfrag: remote.iceUfrag, icePwd: remote.icePwd }
  }

  /**
   * Takes a fragment: under the credentials of the session, its candidates are added; with new ones, ICE is restarted (RFC 9725, section
   * 4.3.3). Nothing has changed when it throws.
   *
   * @throws BroadcastError `sdp-invalid`, `sdp-unsupported`, `ice-mismatch`.
   */
  trickle(text: string): TrickleResult {
    const transportSection = this.#transportSection
    const mids = transportSection.bundleMids.length > 0 ? transportSection.bundleMids : [transportSection.mid ?? '']
    const { iceUfrag, icePwd, candidates } = readTrickledIce(text, transportSection.mid === undefined ? [] : mids)
    if (iceUfrag === this.#remote.iceUfrag && icePwd === this.#remote.icePwd) {
      for (const candidate of candidates) this.#transport.addRemoteCandidate(candidate)
      return { restarted: false }
    }
    // Both must change at a restart (RFC 8839, section 5.4).
    if (iceUfrag === this.#remote.iceUfrag || icePwd === this.#remote.icePwd) {
      throw mismatch('only one of ice-ufrag and ice-pwd is new; a restart changes both')
    }
    if (this.#pastUfrags.includes(iceUfrag))
      throw mismatch('the credentials are those of an ICE session before a restart')
    if (!this.#next) throw mismatch('the side that answered cannot restart ICE')
    const next = this.#next()
    this.#transport.restartIce(next.credentials, { iceUfrag, icePwd, candidates, iceLite: this.#isRemoteLite })
    this.#pastUfrags = [...this.#pastUfrags, this.#remote.iceUfrag].slice(-MAX_PAST_UFRAGS)
    this.#remote = { iceUfrag, icePwd }
    const local = { ...next.credentials, candidates: next.candidates }
    return { restarted: true, fragment: writeSdpFragment(transportSection, local) }
  }
}

function mismatch(why: string): BroadcastError {
  return new BroadcastError('ice-mismatch', `ICE: ${why}`)
}
