import { describe, expect, it } from 'vitest'
import { EXTENSION_URI } from '../../../src/rtp/extension-uri.js'
import { DEFAULT_CAPABILITIES } from '../../../src/sdp/capabilities.js'
import type { SdpDescription, SdpMedia } from '../../../src/sdp/description.js'
import { OFFERED_FORMATS } from '../../../src/sdp/offered-formats.js'
import { parseSdp } from '../../../src/sdp/parse-sdp.js'
import { OFFERER, receive, send } from './answers.js'
import { FULL_CAPABILITIES, publish, view } from './offers.js'

const parsed = (text: string): { offer: SdpDescription; audio: SdpMedia; video: SdpMedia } => {
  const offer = parseSdp(text)
  const [audio, video] = offer.media as [SdpMedia, SdpMedia]
  return { offer, audio, video }
}

describe.each([
  ['to receive', () => receive(), 'recvonly'],
  ['to send', () => send(), 'sendonly'],
] as const)('an offer %s', (_name, make, direction) => {
  const { offer: text } = make()

  it('has one audio and one video in one bundle, which any of them can stand for', () => {
    const { offer } = parsed(text)
    expect(text).toMatch(/^(?:[a-z]=[^\r\n]*\r\n)+$/)
    expect(offer.groups).toEqual([{ semantics: 'BUNDLE', mids: ['0', '1'] }])
    expect(offer.media.map(({ type, mid, direction }) => [type, mid, direction])).toEqual([
      ['audio', '0', direction],
      ['video', '1', direction],
    ])
    for (const media of offer.media) {
      expect(media).toMatchObject({ protocol: 'UDP/TLS/RTP/SAVPF', port: 9, rtcpMux: true, rtcpReducedSize: true })
      expect([media.iceUfrag, media.icePwd]).toEqual([OFFERER.iceUfrag, OFFERER.icePwd])
      expect(media.fingerprints).toEqual([OFFERER.fingerprint])
      expect(media.candidates).toEqual(OFFERER.candidates)
    }
    expect(text.match(/^a=rtcp-mux-only/gm)).toHaveLength(2)
  })

  it('is that of a full ICE agent that leaves the DTLS role to the other side', () => {
    const { offer } = parsed(text)
    expect(offer.iceLite).toBe(false)
    expect(offer.media.map(({ setup }) => setup)).toEqual(['actpass', 'actpass'])
  })

  it('has every codec that is forwarded, under payload types that RTCP cannot be taken for', () => {
    const accepted = direction === 'sendonly' ? publish(text, FULL_CAPABILITIES) : view(text, FULL_CAPABILITIES)
    const names = new Set(accepted.sections.flatMap(({ codecs }) => codecs.map(({ codec }) => codec.name)))
    expect([...names].sort()).toEqual(['AV1', 'G722', 'H264', 'H265', 'PCMA', 'PCMU', 'VP8', 'VP9', 'opus', 'red'])
    const formats = [...OFFERED_FORMATS.audio, ...OFFERED_FORMATS.video]
    const taken = accepted.sections.flatMap(({ codecs }) => codecs.map(({ payloadType }) => payloadType))
    expect(taken).toEqual(formats.map(({ payloadType }) => payloadType))
    const all = formats.flatMap(({ payloadType, rtxPayloadType = -1 }) => [payloadType, rtxPayloadType])
    const used = all.filter((payloadType) => payloadType >= 0)
    expect(new Set(used).size).toBe(used.length)
    expect(used.filter((payloadType) => payloadType > 127 || (payloadType >= 64 && payloadType < 96))).toEqual([])
    for (const { codecs, kind } of accepted.sections) {
      for (const { rtxPayloadType } of codecs) expect(rtxPayloadType !== undefined).toBe(kind === 'video')
    }
  })

  it('names each extension by the same id in both sections', () => {
    const { audio, video } = parsed(text)
    const ids = new Map<number, string>()
    for (const { id, uri } of [...audio.extensions, ...video.extensions]) {
      expect(ids.get(id) ?? uri).toBe(uri)
      ids.set(id, uri)
      expect(id).toBeLessThanOrEqual(14)
    }
    expect(new Set(ids.values()).size).toBe(ids.size)
    const uris = (media: SdpMedia) => media.extensions.map(({ uri }) => uri)
    expect(uris(audio)).toContain(EXTENSION_URI.audioLevel)
    expect(uris(audio)).not.toContain(EXTENSION_URI.videoOrientation)
    expect(uris(video)).toContain(EXTENSION_URI.transportWide)
    expect(uris(video)).not.toContain(EXTENSION_URI.audioLevel)
  })

  it('asks for the feedback that is made use of, in audio for repair and congestion only', () => {
    const { audio, video } = parsed(text)
    const of = (media: SdpMedia, payloadType: number) =>
      media.feedback.filter((entry) => entry.payloadType === payloadType).map(({ value }) => value)
    expect(of(audio, 111)).toEqual(['nack', 'transport-cc'])
    expect(of(video, 96)).toEqual(['nack', 'nack pli', 'ccm fir', 'transport-cc', 'goog-remb'])
    expect(of(video, -1)).toEqual(['ccm pause nowait'])
    expect(of(video, 97)).toEqual([])
  })
})

describe('without layers', () => {
  it.each([receive(), receive({ layers: 1 }), send(), send({ layers: 1 })])(
    'nothing of simulcast is said',
    ({ offer }) => {
      expect(offer).not.toMatch(/a=rid|simulcast|rtp-stream-id/)
    },
  )

  it('what we send is declared by SSRC', () => {
    const { audio, video } = parsed(send().offer)
    expect(audio.ssrcs).toEqual([1000])
    expect(video.ssrcGroups).toEqual([{ semantics: 'FID', ssrcs: [1001, 1002] }])
    expect(receive().offer).not.toContain('a=ssrc')
  })
})

describe('with layers', () => {
  it.each([
    ['recv', receive({ layers: 3 }).offer],
    ['send', send({ layers: 3 }).offer],
  ])('the video has that many rids, worst first, and the extensions that name them: %s', (direction, text) => {
    expect(text.match(/^a=(?:rid|simulcast).*$/gm)).toEqual([
      `a=rid:0 ${direction}`,
      `a=rid:1 ${direction}`,
      `a=rid:2 ${direction}`,
      `a=simulcast:${direction} 0;1;2`,
    ])
    const { audio, video } = parsed(text)
    const uris = ({ extensions }: SdpMedia) => extensions.map(({ uri }) => uri)
    expect(uris(video)).toEqual(
      expect.arrayContaining([EXTENSION_URI.rid, EXTENSION_URI.repairedRid, EXTENSION_URI.mid]),
    )
    expect(uris(audio)).not.toContain(EXTENSION_URI.rid)
  })

  it('no more are sent than can be, and they are not declared by SSRC', () => {
    const { offer, sections } = send({ layers: 5 }, { ...FULL_CAPABILITIES, viewerLayers: 2 })
    expect(offer).toContain('a=simulcast:send 0;1\r\n')
    expect(sections[1]?.streams).toEqual([
      { ssrc: 1001, rtxSsrc: 1002 },
      { ssrc: 1003, rtxSsrc: 1004 },
    ])
    expect(parsed(offer).video.ssrcs).toEqual([])
    expect(send({ layers: 3 }, { ...FULL_CAPABILITIES, viewerLayers: 0 }).offer).not.toContain('simulcast')
  })
})

it('a cap on what is received is said in the video section', () => {
  const { offer } = receive({ maxBitrateBps: 1_500_000 })
  expect(offer.split(/^m=/m)[2]).toContain('b=AS:1500\r\nb=TIAS:1500000\r\n')
  expect(offer.match(/^b=/gm)).toHaveLength(2)
})

it('what the engine cannot do is not offered', () => {
  const plain = { ...DEFAULT_CAPABILITIES, rtx: false, simulcast: false, pause: false }
  expect(receive({ layers: 3 }, plain).offer).not.toMatch(/rtx|simulcast|pause/)
  expect(send({}, plain).offer).not.toMatch(/rtx|FID|pause/)
})
