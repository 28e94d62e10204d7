/** What a DTLS association counts. */
import type { DtlsParameters } from './handshake.js'

/** Records that were dropped, by reason. */
export interface DtlsDropCounts {
  /** No well-formed record, fragment or alert. */
  malformed: number
  /** A fragment outside the window or the memory bound, or that contradicts an earlier one. */
  refusedFragment: number
  /** A handshake message that may not come now, but is no reason to end it. */
  unexpected: number
  /** Protected records that came too early and were too large, or had to make room for later ones. */
  heldOverflow: number
  /** Protected records that are not authentic. */
  unauthentic: number
  /** Unprotected records after the handshake, spoofed alerts among them. */
  plaintext: number
  /** Attempts to renegotiate. */
  renegotiation: number
  /** Application data; there is no use for it. */
  applicationData: number
}

/** A snapshot of one association. */
export interface DtlsStats {
  readonly state: 'handshaking' | 'connected' | 'closed'
  /** How often one of our flights was sent again. */
  readonly retransmissions: number
  readonly dropped: Readonly<DtlsDropCounts>
  /** What was agreed on, once connected. */
  readonly parameters: DtlsParameters | undefined
}

/** All counts at zero. */
export function createDropCounts(): DtlsDropCounts {
  return {
    malformed: 0,
    refusedFragment: 0,
    unexpected: 0,
    heldOverflow: 0,
    unauthentic: 0,
    plaintext: 0,
    renegotiation: 0,
    applicationData: 0,
  }
}
