/**
 * Reads the attributes that negotiation needs. What breaks the meaning of a description when misread is refused; where an RFC says
 * that a bad line is as good as absent (candidates, rids, simulcast), it is.
 */
import type { Draft, SdpDescription, SdpMedia, SdpScope, Setup } from './description.js'
import { parseFingerprint } from './fingerprint.js'
import { parseIceCandidate } from './ice-candidate.js'
import { MAX_CANDIDATES_PER_SECTION, SDP_LIMITS, type SdpLimit } from './limits.js'
import { parseRid, parseSimulcast } from './parse-simulcast.js'
import { decimal, isIceText, isToken, words } from './syntax.js'

/** True when read or not needed, false when malformed, or the limit that it exceeds. */
type Reading = boolean | SdpLimit
type Reader<Scope> = (value: string, scope: Draft<Scope>) => Reading

const EXTMAP = /^(\d{1,4})(?:\/(sendrecv|sendonly|recvonly|inactive))?[ \t]+([\u0021-\u007e]+)(?:[ \t].*)?$/
const RTPMAP = /^(\d{1,3})[ \t]+([^\s/]+)\/(\d{1,9})(?:\/([^\s/]+))?$/
const FMTP = /^(\d{1,3})[ \t]+(.+)$/
const FEEDBACK = /^(\d{1,3}|\*)[ \t]+([\u0020-\u007e]+)$/

const SCOPE_READERS = new Map<string, Reader<SdpScope>>([
  ['ice-ufrag', (value, scope) => isIceText(value, 4) && set(scope, 'iceUfrag', value)],
  ['ice-pwd', (value, scope) => isIceText(value, 22) && set(scope, 'icePwd', value)],
  ['fingerprint', readFingerprint],
  [
    'setup',
    (value, scope) =>
      /^(?:active|passive|actpass|holdconn)$/i.test(value) && set(scope, 'setup', value.toLowerCase() as Setup),
  ],
  ['candidate', readCandidate],
  ['sendrecv', (_, scope) => set(scope, 'direction', 'sendrecv')],
  ['sendonly', (_, scope) => set(scope, 'direction', 'sendonly')],
  ['recvonly', (_, scope) => set(scope, 'direction', 'recvonly')],
  ['inactive', (_, scope) => set(scope, 'direction', 'inactive')],
  ['extmap', readExtension],
  ['extmap-allow-mixed', (_, scope) => set(scope, 'extmapAllowMixed', true)],
])

const SESSION_READERS = new Map<string, Reader<SdpDescription>>([
  ['ice-lite', (_, session) => set(session, 'iceLite', true)],
  ['group', readGroup],
])

const MEDIA_READERS = new Map<string, Reader<SdpMedia>>([
  ['mid', (value, media) => media.mid === undefined && isToken(value) && set(media, 'mid', value)],
  ['bundle-only', (_, media) => set(media, 'bundleOnly', true)],
  ['rtcp-mux', (_, media) => set(media, 'rtcpMux', true)],
  ['rtcp-mux-only', (_, media) => set(media, 'rtcpMux', true)],
  ['rtcp-rsize', (_, media) => set(media, 'rtcpReducedSize', true)],
])

/** These mean something in RTP sections only. */
const RTP_READERS = new Map<string, Reader<SdpMedia>>([
  ['rtpmap', readRtpMap],
  ['fmtp', readFormatParameters],
  ['rtcp-fb', readFeedback],
  ['ssrc', readSsrc],
  ['ssrc-group', readSsrcGroup],
  ['rid', readRid],
  ['simulcast', readSimulcast],
])

/** Reads the value of an `a=` line at session level. */
export function readSessionAttribute(line: string, session: Draft<SdpDescription>): Reading {
  const [name, value] = nameAndValue(line)
  const scopeReader = SCOPE_READERS.get(name)
  if (scopeReader) return scopeReader(value, session)
  return SESSION_READERS.get(name)?.(value, session) ?? true
}

/** Reads the value of an `a=` line of a media section. */
export function readMediaAttribute(line: string, media: Draft<SdpMedia>): Reading {
  const [name, value] = nameAndValue(line)
  const scopeReader = SCOPE_READERS.get(name)
  if (scopeReader) return scopeReader(value, media)
  const reader = MEDIA_READERS.get(name) ?? (media.payloadTypes.length > 0 ? RTP_READERS.get(name) : undefined)
  return reader?.(value, media) ?? true
}

function nameAndValue(line: string): [name: string, value: string] {
  const colon = line.indexOf(':')
  return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).trim()]
}

function set<Scope, Key extends keyof Scope>(scope: Scope, key: Key, value: Scope[Key]): true {
  scope[key] = value
  return true
}

function readFingerprint(value: string, scope: Draft<SdpScope>): Reading {
  const fingerprint = parseFingerprint(value)
  if (!fingerprint) return false
  if (scope.fingerprints.length === SDP_LIMITS.fingerprintsPerSection) return 'fingerprintsPerSection'
  scope.fingerprints.push(fingerprint)
  return true
}

function readCandidate(value: string, scope: Draft<SdpScope>): Reading {
  const candidate = parseIceCandidate(value)
  if (candidate && scope.candidates.length < MAX_CANDIDATES_PER_SECTION) scope.candidates.push(candidate)
  return true
}

function readExtension(value: string, scope: Draft<SdpScope>): Reading {
  const [, idText, direction, uri] = EXTMAP.exec(value) ?? []
  const id = decimal(idText, 1, 4351)
  if (id < 0 || uri === undefined) return false
  if (scope.extensions.length === SDP_LIMITS.extensionsPerSection) return 'extensionsPerSection'
  scope.extensions.push({ id, direction: direction as SdpScope['direction'], uri })
  return true
}

function readGroup(value: string, session: Draft<SdpDescription>): Reading {
  const [semantics = '', ...mids] = words(value)
  if (!isToken(semantics) || !mids.every(isToken)) return false
  if (session.groups.length === SDP_LIMITS.groups) return 'groups'
  session.groups.push({ semantics: semantics.toUpperCase(), mids })
  return true
}

function readRtpMap(value: string, media: Draft<SdpMedia>): Reading {
  const [, payloadTypeText, name = '', clockRateText, channelsText] = RTPMAP.exec(value) ?? []
  const payloadType = decimal(payloadTypeText, 0, 127)
  const clockRate = decimal(clockRateText, 1, 0xffff_ffff)
  if (payloadType < 0 || clockRate < 0 || !isToken(name)) return false
  // Encoding parameters are the channels of audio; 0 and other text are seen in video and mean nothing.
  media.rtpMaps.set(payloadType, { name, clockRate, channels: Math.max(1, decimal(channelsText, 1, 255)) })
  return true
}

function readFormatParameters(value: string, media: Draft<SdpMedia>): Reading {
  const [, payloadTypeText, text] = FMTP.exec(value) ?? []
  const payloadType = decimal(payloadTypeText, 0, 127)
  // Formats other than payload types are allowed (RFC 8866, section 6.15), and none that we know has them.
  if (payloadType < 0 || text === undefined) return true
  const before = media.formatParameters.get(payloadType)
  media.formatParameters.set(payloadType, before === undefined ? text : `${before};${text}`)
  return true
}

function readFeedback(value: string, media: Draft<SdpMedia>): Reading {
  const [, target = '', text = ''] = FEEDBACK.exec(value) ?? []
  const payloadType = target === '*' ? -1 : decimal(target, 0, 127)
  if (target !== '*' && payloadType < 0) return false
  media.feedback.push({ payloadType, value: words(text).join(' ').toLowerCase() })
  return true
}

function readSsrc(value: string, media: Draft<SdpMedia>): Reading {
  const ssrc = decimal(words(value)[0], 0, 0xffff_ffff)
  if (ssrc < 0) return false
  if (media.ssrcs.includes(ssrc)) return true
  if (media.ssrcs.length === SDP_LIMITS.ssrcsPerSection) return 'ssrcsPerSection'
  media.ssrcs.push(ssrc)
  return true
}

function readSsrcGroup(value: string, media: Draft<SdpMedia>): Reading {
  const [semantics = '', ...texts] = words(value)
  const ssrcs = texts.map((text) => decimal(text, 0, 0xffff_ffff))
  if (!isToken(semantics) || ssrcs.includes(-1)) return false
  if (ssrcs.length > SDP_LIMITS.ssrcsPerSection) return 'ssrcsPerSection'
  if (media.ssrcGroups.length === SDP_LIMITS.ssrcsPerSection) return 'ssrcsPerSection'
  media.ssrcGroups.push({ semantics: semantics.toUpperCase(), ssrcs })
  return true
}

function readRid(value: string, media: Draft<SdpMedia>): Reading {
  const rid = parseRid(value)
  if (!rid || media.rids.some(({ id }) => id === rid.id)) return true
  if (media.rids.length === SDP_LIMITS.ridsPerSection) return 'ridsPerSection'
  media.rids.push(rid)
  return true
}

function readSimulcast(value: string, media: Draft<SdpMedia>): Reading {
  const simulcast = parseSimulcast(value)
  if (simulcast && media.simulcastSend.length === 0 && media.simulcastReceive.length === 0) {
    media.simulcastSend.push(...simulcast.send)
    media.simulcastReceive.push(...simulcast.recv)
  }
  return true
}
