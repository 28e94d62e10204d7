/**
 * SDP fragments, in which ICE information travels after offer and answer (RFC 8840, section 9): attributes of the session, then media
 * lines with theirs, and nothing of what else a session description has.
 */
import { BroadcastError } from '../errors.js'
import { printable } from '../util/log.js'
import type { Draft } from './description.js'
import { parseIceCandidate } from './ice-candidate.js'
import { candidateLines, ICE_AGENT_LINES } from './ice-lines.js'
import { FRAGMENT_LIMITS, MAX_CANDIDATES_PER_SECTION } from './limits.js'
import { decimal, isIceText, isToken, words } from './syntax.js'
import type { IceCandidate, LocalParameters, TransportSection } from './types.js'

/** What stands before the first media line, or below one of them. */
export interface SdpFragmentScope {
  readonly mid: string | undefined
  readonly iceUfrag: string | undefined
  readonly icePwd: string | undefined
  /** Usable ones only. */
  readonly candidates: readonly IceCandidate[]
  readonly endOfCandidates: boolean
}

/** A fragment that was read. */
export interface SdpFragment extends SdpFragmentScope {
  readonly media: readonly SdpFragmentScope[]
}

/** These lines of other descriptions mean nothing here; others tell that the text is no fragment at all. */
const IDLE_LINES = 'icbk'
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/

/**
 * Reads `text`. Unknown attributes are ignored, and so are candidates that cannot be used: malformed ones, names (mDNS), unknown transports.
 *
 * @throws BroadcastError `sdp-invalid` with `details.line` (counted from 1) and `details.text`; `sdp-unsupported` with `details.limit` for
 * a fragment larger than {@link FRAGMENT_LIMITS}.
 */
export function parseSdpFragment(text: string): SdpFragment {
  if (text.length > FRAGMENT_LIMITS.textLength) throw tooLarge('textLength')
  const lines = text.trimEnd().split(/\r?\n/, FRAGMENT_LIMITS.lines + 1)
  if (lines.length > FRAGMENT_LIMITS.lines) throw tooLarge('lines')
  const fragment: Draft<SdpFragment> = { ...emptyScope(), media: [] }
  let scope: Draft<SdpFragmentScope> = fragment
  for (const [index, raw] of lines.entries()) {
    const line = raw.trimEnd()
    const fail = (why: string) => invalid(index + 1, raw, why)
    if (line.length > FRAGMENT_LIMITS.lineLength) throw tooLarge('lineLength')
    if (CONTROL.test(line)) throw fail('a control character')
    if (line[1] !== '=') throw fail('not a line of the form <letter>=<value>')
    const type = line[0] ?? ''
    const value = line.slice(2)
    if (type === 'm') {
      if (!isMediaLine(value)) throw fail('a malformed media line')
      if (fragment.media.length === FRAGMENT_LIMITS.mediaSections) throw tooLarge('mediaSections')
      scope = emptyScope()
      fragment.media.push(scope)
    } else if (type === 'a') {
      if (!readAttribute(value, scope)) throw fail('a malformed attribute')
    } else if (scope === fragment || !IDLE_LINES.includes(type))
      throw fail(`no ${printable(type)}= line is allowed here`)
  }
  return fragment
}

/** The fragment that says this side's end of an ICE session (RFC 8840, section 4.4); lines ended by CRLF. */
export function writeSdpFragment(
  { bundleMids, mediaLine, mid }: TransportSection,
  local: Pick<LocalParameters, 'iceUfrag' | 'icePwd' | 'candidates'>,
): string {
  const lines = [
    ...ICE_AGENT_LINES,
    ...(bundleMids.length > 0 ? [`a=group:BUNDLE ${bundleMids.join(' ')}`] : []),
    mediaLine,
    ...(mid === undefined ? [] : [`a=mid:${mid}`]),
    `a=ice-ufrag:${local.iceUfrag}`,
    `a=ice-pwd:${local.icePwd}`,
    ...candidateLines(local.candidates),
  ]
  return `${lines.join('\r\n')}\r\n`
}

/** True when read or not needed, false when malformed. */
function readAttribute(line: string, scope: Draft<SdpFragmentScope>): boolean {
  const colon = line.indexOf(':')
  const name = colon < 0 ? line : line.slice(0, colon)
  const value = colon < 0 ? '' : line.slice(colon + 1).trim()
  switch (name) {
    case 'ice-ufrag':
      scope.iceUfrag = value
      return isIceText(value, 4)
    case 'ice-pwd':
      scope.icePwd = value
      return isIceText(value, 22)
    case 'mid':
      scope.mid = value
      return isToken(value)
    case 'candidate': {
      const candidate = parseIceCandidate(value)
      if (candidate && scope.candidates.length < MAX_CANDIDATES_PER_SECTION) scope.candidates.push(candidate)
      return true
    }
    case 'end-of-candidates':
      scope.endOfCandidates = true
      return true
    default:
      return true
  }
}

function isMediaLine(value: string): boolean {
  const [type = '', port, protocol = '', ...formats] = words(value)
  if (!isToken(type) || decimal(port?.split('/', 1)[0], 0, 65_535) < 0) return false
  return protocol.split('/').every(isToken) && formats.length > 0 && formats.every(isToken)
}

function emptyScope(): Draft<SdpFragmentScope> {
  return { mid: undefined, iceUfrag: undefined, icePwd: undefined, candidates: [], endOfCandidates: false }
}

function invalid(line: number, raw: string, why: string): BroadcastError {
  const text = printable(raw)
  return new BroadcastError('sdp-invalid', `SDP fragment line ${line}: ${why}: ${text}`, { details: { line, text } })
}

function tooLarge(limit: keyof typeof FRAGMENT_LIMITS): BroadcastError {
  const maximum = FRAGMENT_LIMITS[limit]
  return new BroadcastError('sdp-unsupported', `the SDP fragment is too large: ${limit} is limited to ${maximum}`, {
    details: { limit, maximum },
  })
}
