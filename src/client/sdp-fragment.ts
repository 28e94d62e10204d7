/** SDP fragments, in which ICE information travels after offer and answer (RFC 8840, section 9; RFC 9725, section 4.3). */

const FRAGMENT_LINE = /^(m=|a=(group:BUNDLE|mid|ice-(ufrag|pwd)|(end-of-)?candidates?)\b).*\r?\n/gm
const CREDENTIAL = /^a=ice-(ufrag|pwd):.*/gm
const CANDIDATE = /^a=(end-of-)?candidate.*\r?\n/gm
const SECTION = /^(?=m=)/m

/** The fragment that says our end of the ICE session of the offer `sdp`: everything is in its first m-line, as all of them are one bundle. */
export function sdpFragment(sdp: string): string {
  return sdp.split(SECTION, 2).join('').match(FRAGMENT_LINE)?.join('') ?? ''
}

/** The `answer` after a restart: with the credentials of the server's `fragment`, and its candidates if it has some; undefined without credentials. */
export function restartedAnswer(answer: string, fragment: string): string | undefined {
  const credentials = new Map([...fragment.matchAll(CREDENTIAL)].map(([line, name]) => [name, line]))
  if (credentials.size < 2) return undefined
  // By a function: `$` has a meaning in texts.
  const sdp = answer.replace(CREDENTIAL, (line, name) => credentials.get(name) ?? line)
  const candidates = fragment.match(CANDIDATE)
  if (!candidates) return sdp
  const [session, media, ...others] = sdp.replace(CANDIDATE, '').split(SECTION)
  return [session, media, ...candidates, ...others].join('')
}
