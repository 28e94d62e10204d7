/**
 * Reads a session description: lines, their order, and media sections (RFC 8866, section 5 and 9). Attributes are read by
 * `parse-attribute.ts`.
 */
import { BroadcastError } from '../errors.js'
import { printable } from '../util/log.js'
import type { Draft, SdpDescription, SdpMedia, SdpScope } from './description.js'
import { SDP_LIMITS, type SdpLimit } from './limits.js'
import { readMediaAttribute, readSessionAttribute } from './parse-attribute.js'
import { decimal, isToken, words } from './syntax.js'

/** Line types that may follow the first three lines, and those of a media section. A parser must not pass over any other. */
const SESSION_LINES = 'iuepcbtrzka'
const MEDIA_LINES = 'icbka'
/** Both line ends are in use; a lone CR is none and is refused as a control character. */
const LINE_END = /\r?\n/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
export const CONTROL_CHARACTER = /[\u0000-\u0008\u000a-\u001f\u007f]/

/**
 * Reads `text`.
 *
 * Blanks at the end of a line and blank lines at the end of the text are passed over, unknown attributes are ignored.
 *
 * @throws BroadcastError `sdp-invalid` with `details.line` (counted from 1) and `details.text` of the line at fault;
 * `sdp-unsupported` with `details.limit` for a description larger than {@link SDP_LIMITS}.
 */
export function parseSdp(text: string): SdpDescription {
  if (text.length > SDP_LIMITS.textLength) throw tooLarge('textLength')
  const lines = text.trimEnd().split(LINE_END, SDP_LIMITS.lines + 1)
  if (lines.length > SDP_LIMITS.lines) throw tooLarge('lines')
  const session: Draft<SdpDescription> = { ...emptyScope(), iceLite: false, groups: [], media: [] }
  const mids = new Set<string>()
  let media: Draft<SdpMedia> | undefined
  let hasTiming = false
  for (const [index, raw] of lines.entries()) {
    const line = raw.trimEnd()
    const fail = (why: string) => invalid(index + 1, raw, why)
    if (line.length > SDP_LIMITS.lineLength) throw tooLarge('lineLength')
    if (CONTROL_CHARACTER.test(line)) throw fail('a control character')
    const type = line[0] ?? ''
    const value = line.slice(2)
    if (line[1] !== '=') throw fail('not a line of the form <letter>=<value>')
    if (index < 3) checkOpening(index, type, value, fail)
    else if (type === 'm') {
      if (!hasTiming) throw fail('a media section before the t= line')
      if (session.media.length === SDP_LIMITS.mediaSections) throw tooLarge('mediaSections')
      media = readMediaLine(value, index + 1, fail)
      session.media.push(media)
    } else if (!(media ? MEDIA_LINES : SESSION_LINES).includes(type)) throw fail(`no ${type}= line is allowed here`)
    else if (type === 't') hasTiming = true
    else if (type === 'a') {
      const reading = media ? readMediaAttribute(value, media) : readSessionAttribute(value, session)
      if (reading === false) throw fail('a malformed attribute')
      if (reading !== true) throw tooLarge(reading)
      if (media?.mid !== undefined && /^mid:/.test(value)) {
        if (mids.has(media.mid)) throw fail('a mid that another media section has')
        mids.add(media.mid)
      }
    }
  }
  if (lines.length < 3 || !hasTiming) throw invalid(lines.length, lines.at(-1) ?? '', 'the end before the t= line')
  return session
}

/** Every description begins with these three lines. */
function checkOpening(index: number, type: string, value: string, fail: (why: string) => BroadcastError): void {
  if (type !== 'vos'[index]) throw fail(`expected the ${'vos'[index]}= line`)
  if (index === 0 && value !== '0') throw fail('an unknown version')
  if (index === 1 && !isOrigin(value)) throw fail('an o= line without its six fields')
}

/** True for a value of the `o=` line. */
export function isOrigin(value: string): boolean {
  return words(value).length === 6
}

function readMediaLine(value: string, line: number, fail: (why: string) => BroadcastError): Draft<SdpMedia> {
  const [type = '', portText = '', protocol = '', ...all] = words(value)
  const [firstPort, portCount = '1'] = portText.split('/', 2)
  const port = decimal(firstPort, 0, 65_535)
  const formats = [...new Set(all)]
  if (!isToken(type) || port < 0 || decimal(portCount, 1, 65_535) < 0) throw fail('a malformed media line')
  if (!protocol.split('/').every(isToken) || formats.length === 0) throw fail('a malformed media line')
  if (!formats.every(isToken)) throw fail('a malformed format')
  if (formats.length > SDP_LIMITS.formatsPerSection) throw tooLarge('formatsPerSection')
  const payloadTypes = /(?:^|\/)RTP\//.test(protocol) ? formats.map((format) => decimal(format, 0, 127)) : []
  if (payloadTypes.includes(-1)) throw fail('a payload type that is no number from 0 to 127')
  return {
    ...emptyScope(),
    line,
    type,
    port,
    protocol,
    formats,
    payloadTypes,
    mid: undefined,
    bundleOnly: false,
    rtcpMux: false,
    rtcpReducedSize: false,
    rtpMaps: new Map(),
    formatParameters: new Map(),
    feedback: [],
    ssrcs: [],
    ssrcGroups: [],
    rids: [],
    simulcastSend: [],
    simulcastReceive: [],
  }
}

function emptyScope(): Draft<SdpScope> {
  return {
    iceUfrag: undefined,
    icePwd: undefined,
    fingerprints: [],
    setup: undefined,
    candidates: [],
    direction: undefined,
    extensions: [],
    extmapAllowMixed: false,
  }
}

function invalid(line: number, raw: string, why: string): BroadcastError {
  const text = printable(raw)
  return new BroadcastError('sdp-invalid', `SDP line ${line}: ${why}: ${text}`, { details: { line, text } })
}

function tooLarge(limit: SdpLimit): BroadcastError {
  const maximum = SDP_LIMITS[limit]
  return new BroadcastError('sdp-unsupported', `the SDP is too large: ${limit} is limited to ${maximum}`, {
    details: { limit, maximum },
  })
}
