import { describe, expect, it } from 'vitest'
import { DEFAULT_CAPABILITIES } from '../../../src/sdp/capabilities.js'
import { checkAnswer } from './answer-invariants.js'
import { errorOf, FULL_CAPABILITIES, offerOf, publish, section, TRANSPORT, view } from './offers.js'

/** A viewer's offer of one section. */
const offer = (type: string, formats: string, ...attributes: string[]) =>
  offerOf(TRANSPORT, section({ type, formats, mid: 'm', attributes }))
const taken = (type: string, formats: string, ...attributes: string[]) => {
  const text = offer(type, formats, ...attributes)
  const negotiation = view(text)
  checkAnswer(text, 'viewer', negotiation)
  return negotiation.sections[0]?.codecs ?? []
}

describe('codecs', () => {
  it('compare without case and are written back as offered', () => {
    const text = offer('audio', '96', 'rtpmap:96 OPUS/48000/2')
    expect(view(text).sections[0]?.codecs[0]?.codec).toMatchObject({ name: 'opus', clockRate: 48000, channels: 2 })
    expect(view(text).answer).toContain('a=rtpmap:96 OPUS/48000/2\r\n')
  })

  it('of static payload types need no rtpmap, and get one', () => {
    const codecs = taken('audio', '8 0 9 3')
    expect(codecs.map(({ payloadType, codec }) => `${payloadType} ${codec.name}`)).toEqual([
      '8 PCMA',
      '0 PCMU',
      '9 G722',
    ])
    expect(view(offer('audio', '0')).answer).toContain('a=rtpmap:0 PCMU/8000\r\n')
  })

  it('stay in the offered order', () => {
    const codecs = taken('video', '98 96 97', 'rtpmap:96 VP8/90000', 'rtpmap:97 AV1/90000', 'rtpmap:98 VP9/90000')
    expect(codecs.map(({ codec }) => codec.name)).toEqual(['VP9', 'VP8', 'AV1'])
  })

  it('that are none are left out', () => {
    const codecs = taken(
      'audio',
      '111 13 110 114',
      'rtpmap:111 opus/48000/2',
      'rtpmap:13 CN/8000',
      'rtpmap:110 telephone-event/48000',
      'rtpmap:114 opus/48000',
    )
    expect(codecs.map(({ payloadType }) => payloadType)).toEqual([111])
    const video = taken(
      'video',
      '96 97 98',
      'rtpmap:96 ulpfec/90000',
      'rtpmap:97 flexfec-03/90000',
      'rtpmap:98 VP8/90000',
    )
    expect(video.map(({ payloadType }) => payloadType)).toEqual([98])
  })

  it('of Opus keep what is said of silence and of losses', () => {
    const fmtp = 'minptime=10;useinbandfec=1;usedtx=1;stereo=1'
    const text = offer('audio', '111', 'rtpmap:111 opus/48000/2', `fmtp:111 ${fmtp}`)
    expect(view(text).answer).toContain(`a=fmtp:111 ${fmtp}\r\n`)
    expect(view(text).sections[0]?.codecs[0]?.codec.parameters).toMatchObject({ useinbandfec: '1', usedtx: '1' })
  })

  it('of redundant audio are those whose blocks are all of one codec that is taken, before or behind it', () => {
    const opus = { name: 'opus', kind: 'audio', clockRate: 48_000, channels: 2, parameters: { useinbandfec: '1' } }
    const lines = ['rtpmap:111 opus/48000/2', 'fmtp:111 useinbandfec=1', 'rtpmap:63 RED/48000/2', 'fmtp:63 111/111']
    const codecs = taken('audio', '63 111', ...lines, 'rtcp-fb:63 transport-cc')
    const red = { name: 'red', kind: 'audio', clockRate: 48_000, channels: 2, parameters: { '111/111': '' } }
    expect(codecs).toEqual([
      { payloadType: 63, codec: { ...red, blocks: { payloadType: 111, codec: opus } }, feedback: ['transport-cc'] },
      { payloadType: 111, codec: opus, feedback: [] },
    ])
    const answer = view(offer('audio', '111 63', ...lines)).answer
    expect(answer).toContain('a=rtpmap:63 RED/48000/2\r\na=fmtp:63 111/111\r\n')
    expect(answer).toContain('a=fmtp:111 useinbandfec=1\r\n')
  })

  it.each([
    ['without a list', undefined, 'red/48000/2'],
    ['of two codecs', '111/0', 'red/48000/2'],
    ['of a codec that is not taken', '13/13', 'red/48000/2'],
    ['of itself', '63/63', 'red/48000/2'],
    ['of no numbers', '111/x', 'red/48000/2'],
    ['of another clock', '111/111', 'red/8000'],
    ['of other channels', '111/111', 'red/48000'],
  ])('of redundant audio %s are none', (_what, list, rtpMap) => {
    const lines = ['rtpmap:111 opus/48000/2', `rtpmap:63 ${rtpMap}`, 'rtpmap:13 CN/8000']
    if (list !== undefined) lines.push(`fmtp:63 ${list}`)
    const codecs = taken('audio', '111 63 13 0', ...lines)
    expect(codecs.map(({ payloadType }) => payloadType)).toEqual([111, 0])
  })

  it('of redundant video are none, nor of redundant audio that is alone', () => {
    const video = taken('video', '96 97', 'rtpmap:96 VP8/90000', 'rtpmap:97 red/90000', 'fmtp:97 96/96')
    expect(video.map(({ payloadType }) => payloadType)).toEqual([96])
    const error = errorOf(() => view(offer('audio', '63', 'rtpmap:63 red/48000/2', 'fmtp:63 111/111')))
    expect(error).toMatchObject({ code: 'codec-unsupported', details: { offered: ['red'] } })
  })

  it('of redundant audio have no retransmissions of their own', () => {
    const lines = [
      'rtpmap:111 opus/48000/2',
      'rtpmap:63 red/48000/2',
      'fmtp:63 111/111',
      'rtpmap:97 rtx/48000',
      'fmtp:97 apt=63',
    ]
    const codecs = taken('audio', '111 63 97', ...lines)
    expect(codecs.map(({ payloadType, rtxPayloadType }) => [payloadType, rtxPayloadType])).toEqual([
      [111, undefined],
      [63, undefined],
    ])
  })

  it('of the other kind, or of another clock rate, are none', () => {
    const error = errorOf(() => view(offer('audio', '96 97', 'rtpmap:96 VP8/90000', 'rtpmap:97 opus/16000/2')))
    expect(error).toMatchObject({ code: 'codec-unsupported', details: { mid: 'm', offered: ['VP8', 'opus'] } })
  })

  it('under payload types that would be taken for RTCP are none', () => {
    const codecs = taken('video', '72 95 63 100', ...[72, 95, 63, 100].map((type) => `rtpmap:${type} VP8/90000`))
    expect(codecs.map(({ payloadType }) => payloadType)).toEqual([63, 100])
  })

  it.each([
    ['H264', undefined, true],
    ['H264', 'packetization-mode=0;profile-level-id=42e01f', true],
    ['H264', 'packetization-mode=1;profile-level-id=640C1F;level-asymmetry-allowed=1', true],
    ['H264', 'packetization-mode=2;profile-level-id=42e01f', false],
    ['H264', 'profile-level-id=42e0', false],
    ['H264', 'profile-level-id=nothex', false],
    ['VP9', undefined, true],
    ['VP9', 'profile-id=3', true],
    ['VP9', 'profile-id=4', false],
    ['AV1', 'profile=2;level-idx=5;tier=0', true],
    ['AV1', 'profile=x', false],
    ['H265', 'level-id=93;profile-id=2;tier-flag=0;tx-mode=SRST', true],
    ['H265', undefined, true],
    ['H265', 'tx-mode=MRST', false],
  ])('%s with %s can be forwarded: %s', (name, parameters, possible) => {
    const lines = ['rtpmap:96 VP8/90000', `rtpmap:97 ${name}/90000`, ...(parameters ? [`fmtp:97 ${parameters}`] : [])]
    expect(taken('video', '96 97', ...lines).some(({ payloadType }) => payloadType === 97)).toBe(possible)
  })

  it('keep their parameters in the answer: level asymmetry, profile and packetization mode of H.264', () => {
    const fmtp = 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64001f'
    const text = offer(
      'video',
      '97',
      'rtpmap:97 H264/90000',
      `fmtp:97 ${fmtp};sprop-parameter-sets=Z0IACpZTBYmI,aMljiA==`,
    )
    const { answer, sections } = view(text)
    expect(answer).toContain(`a=fmtp:97 ${fmtp}\r\n`)
    expect(sections[0]?.codecs[0]?.codec.parameters['sprop-parameter-sets']).toBe('Z0IACpZTBYmI,aMljiA==')
  })

  it('opus: stereo and FEC pass, and a publisher that will send stereo is told that it may', () => {
    const opus = (parameters: string) => {
      const text = offerOf(TRANSPORT, section({ type: 'audio', attributes: [`fmtp:111 ${parameters}`] }))
      return /a=fmtp:111 (.*)\r/.exec(publish(text).answer)?.[1]
    }
    expect(opus('minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1')).toBe('minptime=10;useinbandfec=1;stereo=1')
    expect(opus('useinbandfec=1;sprop-stereo=1')).toBe('useinbandfec=1;stereo=1')
    expect(opus('useinbandfec=1;stereo=0;sprop-stereo=1')).toBe('useinbandfec=1;stereo=0')
    expect(opus('usedtx=1')).toBe('usedtx=1')
  })

  it('with nothing in common refuse the whole offer, naming what was offered', () => {
    const text = offerOf(
      ['group:BUNDLE a v', ...TRANSPORT],
      section({ type: 'audio', mid: 'a' }),
      section({ mid: 'v', formats: '96 97 34', attributes: ['rtpmap:96 theora/90000', 'rtpmap:97 rtx/90000'] }),
    )
    for (const run of [publish, view]) {
      const error = errorOf(() => run(text))
      expect(error).toMatchObject({ code: 'codec-unsupported', httpStatus: 422 })
      expect(error.details).toMatchObject({ mid: 'v', offered: ['theora', 'rtx', '34'] })
    }
  })
})

describe('feedback', () => {
  const text = offer(
    'video',
    '96 97',
    'rtpmap:96 VP8/90000',
    'rtpmap:97 VP9/90000',
    'rtcp-fb:* nack pli',
    'rtcp-fb:96 CCM FIR',
    'rtcp-fb:96 nack pli',
    'rtcp-fb:97 transport-cc',
    'rtcp-fb:97 nack',
  )

  it('is what was offered and can be used, by name or for all payload types', () => {
    const few = { ...DEFAULT_CAPABILITIES, viewerFeedback: ['nack', 'nack pli', 'ccm fir'] }
    expect(view(text, few).sections[0]?.codecs.map(({ feedback }) => feedback)).toEqual([
      ['nack pli', 'ccm fir'],
      ['nack pli', 'nack'],
    ])
    const full = view(text, FULL_CAPABILITIES)
    checkAnswer(text, 'viewer', full)
    expect(full.sections[0]?.codecs[1]?.feedback).toEqual(['nack pli', 'transport-cc', 'nack'])
  })

  it('of audio is about its transport and losses only', () => {
    const audio = offer('audio', '111', 'rtpmap:111 opus/48000/2', 'rtcp-fb:111 transport-cc', 'rtcp-fb:111 nack pli')
    const without = { ...DEFAULT_CAPABILITIES, viewerFeedback: ['nack pli'] }
    expect(view(audio, without).sections[0]?.codecs[0]?.feedback).toEqual([])
    expect(view(audio, FULL_CAPABILITIES).sections[0]?.codecs[0]?.feedback).toEqual(['transport-cc'])
  })
})

describe('retransmissions', () => {
  const text = offer(
    'video',
    '97 96 98 99',
    'rtpmap:96 VP8/90000',
    'rtpmap:97 rtx/90000',
    'fmtp:97 apt=96;rtx-time=3000',
    'rtpmap:98 rtx/90000',
    'fmtp:98 apt=100',
    'rtpmap:99 RTX/48000',
    'fmtp:99 apt=96',
  )

  it('are left out unless they can be used', () => {
    expect(view(text, { ...DEFAULT_CAPABILITIES, rtx: false }).answer).toContain('SAVPF 96\r\n')
  })

  it('are taken for the codec that they repeat, with an SSRC of their own', () => {
    const negotiation = view(text, FULL_CAPABILITIES)
    checkAnswer(text, 'viewer', negotiation)
    expect(negotiation.sections[0]).toMatchObject({
      ssrc: 1000,
      rtxSsrc: 1001,
      codecs: [{ payloadType: 96, rtxPayloadType: 97 }],
    })
    expect(negotiation.answer).toContain('UDP/TLS/RTP/SAVPF 97 96\r\n')
    expect(negotiation.answer).toContain('a=fmtp:97 apt=96;rtx-time=3000\r\n')
    expect(negotiation.answer).toContain('a=ssrc-group:FID 1000 1001\r\n')
  })
})

describe('the SSRCs of a publisher', () => {
  it('are those that carry media themselves', () => {
    const attributes = [
      ...['1', '2', '3', '4', '5'].map((ssrc) => `ssrc:${ssrc} cname:x`),
      'ssrc-group:FID 1 2',
      'ssrc-group:fec-fr 1 3',
      'ssrc-group:SIM 1 4 5',
    ]
    expect(publish(offerOf(TRANSPORT, section({ attributes }))).sections[0]?.ssrcs).toEqual([1, 4, 5])
  })
})
