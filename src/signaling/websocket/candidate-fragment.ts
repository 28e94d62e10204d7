/** Single candidates, as browsers hand them out, as the SDP fragments that sessions take (RFC 8840). */
import { BroadcastError } from '../../errors.js'
import type { CandidateInit } from './messages.js'

/** The client's end of an ICE session. */
export interface IceCredentials {
  readonly ufrag: string
  readonly pwd: string
}

/** The first credentials in an offer or a fragment; all sections of a bundle have the same. Undefined without both. */
export function iceCredentialsIn(sdp: string): IceCredentials | undefined {
  const ufrag = /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1]
  const pwd = /^a=ice-pwd:(\S+)/m.exec(sdp)?.[1]
  return ufrag === undefined || pwd === undefined ? undefined : { ufrag, pwd }
}

/**
 * The fragment with that candidate; null or an empty one says that there are no more. It stands above all media lines, as the session has but
 * one transport. Throws `request-invalid`, and `ice-mismatch` for a candidate of another ICE session.
 */
export function candidateFragment(init: CandidateInit | null, credentials: IceCredentials): string {
  const { candidate = '', usernameFragment } = init ?? {}
  const { ufrag, pwd } = credentials
  if (typeof usernameFragment === 'string' && usernameFragment !== ufrag) {
    throw new BroadcastError('ice-mismatch', 'the candidate belongs to another ICE session than the present one')
  }
  const text = candidate.replace(/^a=/, '')
  if (text !== '' && !/^candidate:[^\r\n]+$/.test(text)) {
    throw new BroadcastError('request-invalid', 'field candidate: expected a text that begins with candidate:', {
      details: { field: 'candidate' },
    })
  }
  const line = text === '' ? 'end-of-candidates' : text
  return `a=ice-ufrag:${ufrag}\r\na=ice-pwd:${pwd}\r\na=${line}\r\n`
}
