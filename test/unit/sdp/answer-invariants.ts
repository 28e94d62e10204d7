/** What holds for every answer, whatever was offered. */
import { expect } from 'vitest'
import type { SdpDescription, SdpMedia } from '../../../src/sdp/description.js'
import { parseSdp } from '../../../src/sdp/parse-sdp.js'
import type { Negotiation, PublisherSection, ViewerSection } from '../../../src/sdp/types.js'
import { LOCAL } from './offers.js'

type Sections = PublisherSection | ViewerSection

/** Checks `negotiation` against its offer; returns the parsed answer. */
export function checkAnswer(
  offerText: string,
  role: 'publisher' | 'viewer',
  negotiation: Negotiation<Sections>,
): SdpDescription {
  const offer = parseSdp(offerText)
  const { answer: text, sections, dtlsRole } = negotiation
  expect(text.endsWith('\r\n')).toBe(true)
  for (const line of text.slice(0, -2).split('\r\n')) expect(line).toMatch(/^[a-z]=[^\r\n]*$/)
  const answer = parseSdp(text)

  expect(answer.media.map(({ type, mid, protocol }) => ({ type, mid, protocol }))).toEqual(
    offer.media.map(({ type, mid, protocol }) => ({ type, mid, protocol })),
  )
  expect(answer.iceLite).toBe(true)
  expect(answer.extmapAllowMixed).toBe(offer.extmapAllowMixed)
  const accepted = answer.media.filter(({ port }) => port !== 0)
  expect(accepted.length).toBe(sections.length)
  expect(sections.length).toBeGreaterThan(0)
  checkBundle(offer, answer, accepted)
  for (const media of answer.media) {
    const offered = offer.media[answer.media.indexOf(media)] as SdpMedia
    for (const format of media.formats) expect(offered.formats).toContain(format)
    if (media.port === 0) {
      expect(media.direction).toBe('inactive')
      continue
    }
    const section = sections[accepted.indexOf(media)] as Sections
    expect(section.kind).toBe(media.type)
    if (media.mid !== undefined) expect(section.mid).toBe(media.mid)
    expect(media.direction).toBe(role === 'publisher' ? 'recvonly' : 'sendonly')
    expect(media.setup).toBe(dtlsRole === 'server' ? 'passive' : 'active')
    expect([media.iceUfrag, media.icePwd]).toEqual([LOCAL.iceUfrag, LOCAL.icePwd])
    expect(media.fingerprints).toEqual([LOCAL.fingerprint])
    expect(media.rtcpMux).toBe(true)
    expect(media.rtcpReducedSize).toBe(offered.rtcpReducedSize)
    checkPayloads(offered, media, section)
    checkExtensions(offer, offered, media, section)
    if (role === 'viewer') expect(media.ssrcs[0]).toBe((section as ViewerSection).ssrc)
    else expect(media.ssrcs).toEqual([])
  }
  if (role === 'viewer') {
    const ids = text.match(/^a=msid:(\S+)/gm) ?? []
    expect(ids.length).toBe(sections.length)
    // The n-th audio and the n-th video are one MediaStream.
    const most = (kind: string) => sections.filter((section) => section.kind === kind).length
    expect(new Set(ids).size).toBe(Math.max(most('audio'), most('video')))
  }
  return answer
}

function checkBundle(offer: SdpDescription, answer: SdpDescription, accepted: readonly SdpMedia[]): void {
  const offered = offer.groups.filter(({ semantics }) => semantics === 'BUNDLE').flatMap(({ mids }) => mids)
  const [group, ...more] = answer.groups
  expect(more).toEqual([])
  const tagged = group ? answer.media.find(({ mid }) => mid === group.mids[0]) : accepted[0]
  if (group) {
    expect(group.semantics).toBe('BUNDLE')
    expect([...group.mids].sort()).toEqual(accepted.map(({ mid }) => mid).sort())
    for (const mid of group.mids) expect(offered).toContain(mid)
  } else expect(accepted.length).toBe(1)
  expect(tagged?.port).not.toBe(0)
  for (const media of answer.media) expect(media.candidates).toEqual(media === tagged ? LOCAL.candidates : [])
}

function checkPayloads(offered: SdpMedia, media: SdpMedia, section: Sections): void {
  const order = offered.payloadTypes.filter((payloadType) => media.payloadTypes.includes(payloadType))
  expect(media.payloadTypes).toEqual(order)
  const rtx = section.codecs.flatMap(({ rtxPayloadType }) => rtxPayloadType ?? [])
  expect([...section.codecs.map(({ payloadType }) => payloadType), ...rtx].sort()).toEqual(
    [...media.payloadTypes].sort(),
  )
  for (const { payloadType, codec, feedback } of section.codecs) {
    const rtpMap = media.rtpMaps.get(payloadType)
    expect(rtpMap?.name.toLowerCase()).toBe(codec.name.toLowerCase())
    expect([rtpMap?.clockRate, rtpMap?.channels]).toEqual([codec.clockRate, codec.channels])
    if (offered.rtpMaps.has(payloadType)) expect(rtpMap).toEqual(offered.rtpMaps.get(payloadType))
    expect(media.feedback.filter((entry) => entry.payloadType === payloadType).map(({ value }) => value)).toEqual(
      feedback,
    )
  }
  for (const payloadType of [...media.rtpMaps.keys(), ...media.formatParameters.keys()]) {
    expect(media.payloadTypes).toContain(payloadType)
  }
}

function checkExtensions(offer: SdpDescription, offered: SdpMedia, media: SdpMedia, section: Sections): void {
  expect(media.extensions.map(({ id, uri }) => ({ id, uri }))).toEqual(section.extensions)
  const known = [...offered.extensions, ...offer.extensions]
  for (const { id, uri } of section.extensions) {
    expect(known.some((one) => one.id === id && one.uri === uri)).toBe(true)
  }
}
