/** What this side says of its ICE agent, in answers and in the fragments of a restart alike (RFC 9725, section 4.3.3, wants them equal), and in offers. */
import { formatIceCandidate } from './ice-candidate.js'
import type { IceCandidate } from './types.js'

/**
 * At session level: a lite agent by the rules of RFC 8445 (RFC 8839, section 5.6) that takes candidates later, too (RFC 8840, section 4.1.1).
 */
export const ICE_AGENT_LINES: readonly string[] = ['a=ice-lite', 'a=ice-options:trickle ice2']

/** At session level of an offer of ours: a full agent, which checks, too. */
export const FULL_ICE_AGENT_LINES: readonly string[] = ['a=ice-options:trickle ice2']

/** `a=candidate` of all of them. This side does not trickle: these are all, and said to be. */
export function candidateLines(candidates: readonly IceCandidate[]): string[] {
  return [...candidates.map((candidate) => `a=candidate:${formatIceCandidate(candidate)}`), 'a=end-of-candidates']
}
