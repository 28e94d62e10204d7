/**
 * Writes an answer (RFC 3264, section 6; RFC 8829, section 5.3).
 *
 * Every accepted section repeats ICE credentials, fingerprint and setup, though RFC 8843 wants them in the tagged one only: browsers
 * write them everywhere, and GStreamer refuses an answer without. Rejected sections have them too, where they mean nothing, as aiortc
 * refuses an answer without. Candidates stand in the tagged section alone.
 */
import type { AnswerFrame } from './answer-frame.js'
import { candidateLines } from './ice-lines.js'
import type { LocalParameters, Negotiation } from './types.js'

/**
 * The text, lines ended by CRLF.
 *
 * @param lines the attributes of each accepted section that only this session has.
 */
export function writeAnswer(
  { head, sections }: AnswerFrame,
  local: LocalParameters,
  dtlsRole: Negotiation<unknown>['dtlsRole'],
  lines: readonly (readonly string[])[],
): string {
  const transport = transportText(local, dtlsRole)
  let answer = `v=0\r\no=- ${local.sdpSessionId} 1 IN IP4 0.0.0.0\r\n${head}`
  for (const { before, after, accepted, isTagged } of sections) {
    answer += before + transport + after
    if (accepted !== undefined) for (const line of lines[accepted] ?? []) answer += `${line}\r\n`
    if (isTagged) for (const line of candidateLines(local.candidates)) answer += `${line}\r\n`
  }
  return answer
}

function transportText(
  { iceUfrag, icePwd, fingerprint: { algorithm, value } }: LocalParameters,
  dtlsRole: Negotiation<unknown>['dtlsRole'],
): string {
  const setup = dtlsRole === 'server' ? 'passive' : 'active'
  return `a=ice-ufrag:${iceUfrag}\r\na=ice-pwd:${icePwd}\r\na=fingerprint:${algorithm} ${value}\r\na=setup:${setup}\r\n`
}
