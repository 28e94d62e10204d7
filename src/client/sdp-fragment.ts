/** SDP fragments, in which ICE information travels after offer and answer (RFC 8840, section 9; RFC 9725, section 4.3). */

const FRAGMENT_LINE = /^(?:m=|a=(?:group:BUNDLE |mid:|ice-ufrag:|ice-pwd:|candidate:|end-of-candidates))/
const UFRAG = /^a=ice-ufrag:.*/gm
const PWD = /^a=ice-pwd:.*/gm
const CANDIDATES = /^a=(?:candidate:.*|end-of-candidates)\r?\n/gm

/** The fragment that says our end of the ICE session of the offer `sdp`: everything is in its first m-line, as all of them are one bundle. */
export function sdpFragment(sdp: string): string {
  const [session, media] = sdp.split(/^(?=m=)/m)
  const lines = `${session}${media}`.split(/\r?\n/).filter((line) => FRAGMENT_LINE.test(line))
  return `${lines.join('\r\n')}\r\n`
}

/** The server's end of an ICE session after a restart. */
export interface RestartedAnswer {
  /** The answer with its new credentials, and without candidates if the fragment has some. */
  readonly sdp: string
  readonly candidates: readonly string[]
}

/** `answer` with what the server's `fragment` says; undefined if that has no credentials. */
export function restartAnswer(answer: string, fragment: string): RestartedAnswer | undefined {
  const [ufrag] = fragment.match(UFRAG) ?? []
  const [pwd] = fragment.match(PWD) ?? []
  if (!ufrag || !pwd) return undefined
  const candidates = (fragment.match(CANDIDATES) ?? []).map((line) => line.slice('a='.length).trim())
  const kept = candidates.length > 0 ? answer.replace(CANDIDATES, '') : answer
  // By functions: `$` has a meaning in texts.
  return { sdp: kept.replace(UFRAG, () => ufrag).replace(PWD, () => pwd), candidates }
}
