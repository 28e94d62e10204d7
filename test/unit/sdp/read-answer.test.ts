import { describe, expect, it } from 'vitest'
import { ANSWERS, answerOf, readReceiver, readSender, receive, send } from './answers.js'
import { errorOf, FINGERPRINT, FULL_CAPABILITIES, LOCAL, offerOf, publish, section, TRANSPORT, view } from './offers.js'

const PASSIVE = [...TRANSPORT.slice(0, -1), 'setup:passive', 'group:BUNDLE 0 1']
const audio = (more: Parameters<typeof section>[0] = {}) =>
  section({ type: 'audio', mid: '0', direction: 'sendonly', ...more })
const video = (more: Parameters<typeof section>[0] = {}) =>
  section({ type: 'video', mid: '1', direction: 'sendonly', ...more })

describe('the answers of others', () => {
  it.each(ANSWERS)('$name is read', ({ sdp, sends }) => {
    const answered = sends ? readSender(sdp, receive({ layers: 3 })) : readReceiver(sdp)
    expect(answered.sections.length).toBeGreaterThan(0)
    expect(answered.dtlsRole).toBe('server')
    expect(answered.remote.iceLite).toBe(false)
    expect(answered.remote.candidates.length).toBeGreaterThan(0)
    for (const { codecs, extensions } of answered.sections) {
      expect(codecs.length).toBeGreaterThan(0)
      expect(new Set(extensions.map(({ id }) => id)).size).toBe(extensions.length)
    }
  })

  it('Pion sends under our payload types, from SSRCs that it names', () => {
    const [sound, picture] = readSender(answerOf('pion-send')).sections
    expect(sound?.codecs.map(({ payloadType, codec }) => `${payloadType} ${codec.name}`)).toEqual([
      '111 opus',
      '9 G722',
      '0 PCMU',
      '8 PCMA',
    ])
    expect(picture?.codecs[0]).toMatchObject({ payloadType: 96, rtxPayloadType: 97, codec: { name: 'VP8' } })
    expect(picture?.ssrcs).toHaveLength(1)
    expect(picture?.rids).toEqual([])
  })

  it('Chromium sends the layers that were asked for, and none that were not', () => {
    const answer = answerOf('chromium-send-simulcast')
    expect(readSender(answer, receive({ layers: 3 })).sections[1]?.rids).toEqual(['0', '1', '2'])
    expect(readSender(answer, receive({ layers: 2 })).sections[1]?.rids).toEqual(['0', '1'])
    expect(readSender(answer, receive()).sections[1]?.rids).toEqual([])
  })

  it('a server may refuse one of the sections, and leave out the parameters that it was told', () => {
    const { sections, transportSection } = readSender(answerOf('janus-like-send'))
    expect(sections.map(({ mid, kind }) => [mid, kind])).toEqual([['1', 'video']])
    expect(sections[0]?.codecs).toMatchObject([
      { payloadType: 102, codec: { parameters: { 'profile-level-id': '42e01f', 'packetization-mode': '1' } } },
    ])
    expect(sections[0]?.codecs[0]).not.toHaveProperty('rtxPayloadType')
    expect(transportSection).toMatchObject({ mid: '1', bundleMids: ['1'] })
  })
})

describe('an answer of ours', () => {
  it('to an offer to receive brings the streams that it names, every codec, and repair', () => {
    const offer = receive()
    const { answer, sections } = view(offer.offer, FULL_CAPABILITIES)
    const read = readSender(answer, offer)
    expect(read.dtlsRole).toBe('client')
    expect(read.remote).toMatchObject({ iceLite: true, iceUfrag: LOCAL.iceUfrag, icePwd: LOCAL.icePwd })
    expect(read.remote.candidates).toEqual(LOCAL.candidates)
    expect(read.sections.map(({ codecs }) => codecs)).toEqual(sections.map(({ codecs }) => codecs))
    expect(read.sections.map(({ extensions }) => extensions)).toEqual(sections.map(({ extensions }) => extensions))
    expect(read.sections.map(({ ssrcs }) => ssrcs)).toEqual(sections.map(({ ssrc }) => [ssrc]))
    const [, picture] = sections
    expect(read.sections[1]?.rtxPairs).toEqual([{ ssrc: picture?.ssrc, rtxSsrc: picture?.rtxSsrc }])
    expect(read.sections.map(({ pause }) => pause)).toEqual([undefined, true])
  })

  it('brings all layers at once if they were asked for', () => {
    const offer = receive({ layers: 3 })
    const { answer, sections } = view(offer.offer, FULL_CAPABILITIES)
    expect(sections[1]?.layers?.map(({ rid }) => rid)).toEqual(['0', '1', '2'])
    expect(readSender(answer, offer).sections[1]?.rids).toEqual(['0', '1', '2'])
  })

  it('to an offer to send takes our streams', () => {
    const offer = send()
    const { answer } = publish(offer.offer, FULL_CAPABILITIES)
    const { sections, dtlsRole } = readReceiver(answer, offer)
    expect(dtlsRole).toBe('client')
    expect(sections).toMatchObject([
      { kind: 'audio', mid: '0', ssrc: 1000 },
      { kind: 'video', mid: '1', ssrc: 1001, rtxSsrc: 1002, pause: true },
    ])
    expect(sections[0]).not.toHaveProperty('rtxSsrc')
    expect(sections[1]).not.toHaveProperty('layers')
  })

  it('takes our layers, those of them that it names', () => {
    const offer = send({ layers: 3 })
    const { answer } = publish(offer.offer, FULL_CAPABILITIES)
    const layers = [
      { rid: '0', ssrc: 1001, rtxSsrc: 1002 },
      { rid: '1', ssrc: 1003, rtxSsrc: 1004 },
      { rid: '2', ssrc: 1005, rtxSsrc: 1006 },
    ]
    expect(readReceiver(answer, offer).sections[1]).toMatchObject({ ssrc: 1001, layers })
    const fewer = answer.replace('recv 0;1;2', 'recv ~1;2').replace('a=rid:0 recv\r\n', '')
    expect(readReceiver(fewer, offer).sections[1]).toMatchObject({
      ssrc: 1003,
      layers: [{ ...layers[1], paused: true }, layers[2]],
    })
    const none = answer.replace(/^a=(?:rid|simulcast).*\r\n/gm, '')
    const [, picture] = readReceiver(none, offer).sections
    expect(picture).toMatchObject({ ssrc: 1001, rtxSsrc: 1002 })
    expect(picture).not.toHaveProperty('layers')
  })
})

describe('what is taken', () => {
  const read = (...parts: readonly string[][]) => readSender(offerOf(PASSIVE, ...parts))

  it('is what was offered under that payload type', () => {
    const formats = {
      formats: '96 98 50',
      attributes: ['rtpmap:96 VP8/90000', 'rtpmap:98 H264/90000', 'rtpmap:50 AV1/90000'],
    }
    const { sections } = read(audio(), video(formats))
    expect(sections[1]?.codecs.map(({ payloadType }) => payloadType)).toEqual([96])
  })

  it('is, of payload types that we send under, what the other side wants to receive', () => {
    const formats = {
      direction: 'recvonly',
      formats: '120 121',
      attributes: ['rtpmap:120 VP8/90000', 'rtpmap:121 rtx/90000', 'fmtp:121 apt=120'],
    }
    const { sections } = readReceiver(offerOf(PASSIVE, audio({ direction: 'recvonly' }), video(formats)))
    expect(sections[1]?.codecs).toMatchObject([{ payloadType: 120, rtxPayloadType: 121 }])
  })

  it('is no extension under another id or of another name', () => {
    const [offered] = receive().sections[1]?.extensions ?? []
    const attributes = [
      `extmap:${offered?.id} urn:3gpp:video-orientation`,
      'extmap:13 urn:ietf:params:rtp-hdrext:sdes:mid',
    ]
    expect(read(audio(), video({ attributes })).sections[1]?.extensions).toEqual([])
  })

  it.each([
    ['passive', 'client'],
    ['active', 'server'],
  ])('is the DTLS role that setup:%s leaves', (setup, role) => {
    const answer = offerOf(PASSIVE, audio(), video()).replace('setup:passive', `setup:${setup}`)
    expect(readSender(answer).dtlsRole).toBe(role)
  })

  it('is one section, if the other is refused or flows the wrong way', () => {
    const one = [...PASSIVE.slice(0, -1), 'group:BUNDLE 1']
    for (const refused of [audio({ port: 0 }), audio({ direction: 'inactive' }), audio({ direction: 'recvonly' })]) {
      const { sections } = readSender(offerOf(one, refused, video()))
      expect(sections.map(({ mid }) => mid)).toEqual(['1'])
    }
  })

  it('is a single section without a bundle and without mids', () => {
    const session = PASSIVE.slice(0, -1)
    const { sections } = readSender(offerOf(session, audio({ port: 0, mid: undefined }), video({ mid: undefined })))
    expect(sections.map(({ mid }) => mid)).toEqual(['1'])
  })
})

describe('what is refused', () => {
  const answer = offerOf(PASSIVE, audio(), video())

  it.each([
    ['no SDP', 'hello', 'sdp-invalid'],
    ['nothing', '', 'sdp-invalid'],
    ['our own offer', receive().offer, 'direction-mismatch'],
    ['a section too many', offerOf(PASSIVE, audio(), video(), video({ mid: '2' })), 'sdp-invalid'],
    ['a section too few', offerOf(PASSIVE, audio()), 'sdp-invalid'],
    ['no section', offerOf(PASSIVE), 'sdp-invalid'],
    ['sections in another order', offerOf(PASSIVE, video({ mid: '0' }), audio({ mid: '1' })), 'sdp-invalid'],
    ['other mids', offerOf(PASSIVE, audio({ mid: 'a' }), video({ mid: 'v' })), 'sdp-invalid'],
    [
      'nothing to send',
      offerOf(PASSIVE, audio({ direction: 'recvonly' }), video({ direction: 'inactive' })),
      'direction-mismatch',
    ],
    ['every section refused', offerOf(PASSIVE, audio({ port: 0 }), video({ port: 0 })), 'direction-mismatch'],
    ['two transports', answer.replace('a=group:BUNDLE 0 1\r\n', ''), 'sdp-unsupported'],
    ['a DTLS role left open', answer.replace('setup:passive', 'setup:actpass'), 'sdp-unsupported'],
    ['a held connection', answer.replace('setup:passive', 'setup:holdconn'), 'sdp-unsupported'],
    ['no fingerprint', answer.replace(`a=fingerprint:${FINGERPRINT}\r\n`, ''), 'sdp-unsupported'],
    ['no ICE credentials', answer.replace('a=ice-pwd:abcdefghijklmnopqrstuv\r\n', ''), 'sdp-unsupported'],
    ['no rtcp-mux', offerOf(PASSIVE, audio({ mux: false }), video()), 'sdp-unsupported'],
    [
      'a codec that nobody knows',
      offerOf(PASSIVE, audio(), video({ formats: '96', attributes: ['rtpmap:96 H261/90000'] })),
      'codec-unsupported',
    ],
    [
      'only payload types of its own',
      offerOf(PASSIVE, audio(), video({ formats: '99', attributes: ['rtpmap:99 VP8/90000'] })),
      'codec-unsupported',
    ],
  ])('%s', (_name, text, code) => {
    const error = errorOf(() => readSender(text))
    expect(error.code).toBe(code)
    if (code === 'sdp-invalid') expect(error.details.line).toBeGreaterThan(0)
  })

  it('an answer that takes nothing of what we send', () => {
    expect(errorOf(() => readReceiver(answer)).code).toBe('direction-mismatch')
  })
})

it('an offer and its answer leave nothing to chance', () => {
  expect(receive({ layers: 2 })).toEqual(receive({ layers: 2 }))
  expect(readSender(answerOf('pion-send'))).toEqual(readSender(answerOf('pion-send')))
})
