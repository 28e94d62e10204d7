/** What a fragment says of the one transport that a session has. */
import { BroadcastError } from '../errors.js'
import { MAX_CANDIDATES_PER_SECTION } from './limits.js'
import { parseSdpFragment } from './sdp-fragment.js'
import type { IceCandidate } from './types.js'

/** The other side's end of an ICE session, as far as a fragment says it. */
export interface TrickledIce {
  readonly iceUfrag: string
  readonly icePwd: string
  readonly candidates: readonly IceCandidate[]
  /** There will be no more candidates. */
  readonly endOfCandidates: boolean
}

/**
 * Reads the fragment `text` of a session whose media sections are `mids` (none where the offer named none). Sections that are not the
 * session's are passed over (RFC 8840, section 4.3); those that share its transport say the same, so that the first word counts.
 *
 * @throws BroadcastError as {@link parseSdpFragment} does, and `sdp-invalid` without both credentials (RFC 8840, section 4.4).
 */
export function readTrickledIce(text: string, mids: readonly string[]): TrickledIce {
  const fragment = parseSdpFragment(text)
  const own = fragment.media.filter(({ mid }) => mid === undefined || mids.length === 0 || mids.includes(mid))
  const scopes = [...own, fragment]
  const credentials = scopes.find(({ iceUfrag, icePwd }) => iceUfrag !== undefined && icePwd !== undefined)
  // One of them below a media line and the other above are seen, too.
  const iceUfrag = credentials?.iceUfrag ?? scopes.find((scope) => scope.iceUfrag !== undefined)?.iceUfrag
  const icePwd = credentials?.icePwd ?? scopes.find((scope) => scope.icePwd !== undefined)?.icePwd
  if (iceUfrag === undefined || icePwd === undefined) {
    const line = text.trimEnd().split('\n').length
    throw new BroadcastError('sdp-invalid', 'SDP fragment: a=ice-ufrag and a=ice-pwd are required', {
      details: { line },
    })
  }
  return {
    iceUfrag,
    icePwd,
    candidates: scopes.flatMap(({ candidates }) => candidates).slice(0, MAX_CANDIDATES_PER_SECTION),
    endOfCandidates: scopes.some(({ endOfCandidates }) => endOfCandidates),
  }
}
