import { describe, expect, it } from 'vitest'
import { DEFAULT_CAPABILITIES } from '../../../src/sdp/capabilities.js'
import { offerSendsMedia } from '../../../src/sdp/peek-direction.js'
import { checkAnswer } from './answer-invariants.js'
import { FIXTURES, FULL_CAPABILITIES, fixture, publish, view } from './offers.js'

const codecNames = (codecs: readonly { codec: { name: string } }[]) => [
  ...new Set(codecs.map(({ codec }) => codec.name)),
]

describe('offers of real clients', () => {
  it('are all there', () => {
    const clients = new Set(FIXTURES.map(({ name }) => name.replace(/-(?:publish|view).*/, '')))
    const expected = 'aiortc chromium ffmpeg firefox gstreamer obs pion safari webrtc-rs werift'
    expect([...clients].join(' ')).toBe(expected)
  })

  for (const { name, role, sdp } of FIXTURES) {
    for (const capabilities of [DEFAULT_CAPABILITIES, FULL_CAPABILITIES]) {
      const which = capabilities === DEFAULT_CAPABILITIES ? 'default' : 'full'
      it(`${name} is answered with ${which} capabilities`, () => {
        const negotiation = role === 'publisher' ? publish(sdp, capabilities) : view(sdp, capabilities)
        checkAnswer(sdp, role, negotiation)
        expect(negotiation.sections.map(({ kind }) => kind).sort()).toEqual(
          name === 'chromium-view-sendrecv' ? ['video'] : ['audio', 'video'],
        )
        expect(negotiation.remote.fingerprints.length).toBe(1)
      })
    }

    it(`${name} is the same with bare line feeds`, () => {
      const run = (text: string) => (role === 'publisher' ? publish(text) : view(text))
      expect(run(sdp.replaceAll('\r\n', '\n'))).toEqual(run(sdp))
    })

    it(`${name} is told to be a ${role}'s`, () => {
      // A viewer whose transceiver was made without a direction offers to send, too.
      const alsoSends = name === 'chromium-view-sendrecv' || name === 'pion-view'
      expect(offerSendsMedia(sdp)).toBe(role === 'publisher' || alsoSends)
    })
  }

  it('Chromium publishes: every codec that can be forwarded, in its order, and nothing else', () => {
    const [audio, video] = publish(fixture('chromium-publish')).sections
    expect(audio?.codecs.map(({ payloadType }) => payloadType)).toEqual([111, 63, 9, 0, 8])
    expect(video?.codecs.map(({ payloadType }) => payloadType)).toEqual([96, 102, 104, 108, 114, 116, 39, 45, 98, 100])
    expect(audio?.extensions).toEqual([
      { id: 1, uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level' },
      { id: 3, uri: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01' },
      { id: 4, uri: 'urn:ietf:params:rtp-hdrext:sdes:mid' },
    ])
    expect(audio?.ssrcs).toEqual([1013077696])
    expect(video?.ssrcs, 'the RTX SSRC of the FID group is none of its own').toEqual([3476263433])
    expect(video?.rtxPairs).toEqual([{ ssrc: 3476263433, rtxSsrc: 2378806539 }])
    expect(video?.codecs[0]).toMatchObject({ payloadType: 96, rtxPayloadType: 97 })
    expect(video?.codecs[0]?.feedback).toEqual(['goog-remb', 'transport-cc', 'ccm fir', 'nack', 'nack pli'])
    expect(audio?.codecs[0]?.feedback).toEqual(['transport-cc'])
  })

  it('Chromium publishes simulcast: the rids where it is supported, else one stream', () => {
    const sdp = fixture('chromium-publish-simulcast')
    const without = publish(sdp, { ...DEFAULT_CAPABILITIES, simulcast: false })
    expect(without.sections[1]?.rids).toEqual([])
    expect(without.answer).not.toMatch(/a=(?:rid|simulcast)/)
    const full = publish(sdp, FULL_CAPABILITIES)
    expect(full.sections[1]).toMatchObject({ rids: ['q', 'h', 'f'], ssrcs: [] })
    expect(full.answer).toContain('a=rid:q recv\r\na=rid:h recv\r\na=rid:f recv\r\na=simulcast:recv q;h;f\r\n')
  })

  it('Chromium watches: mDNS candidates are left out, the data channel is refused, the rest is served', () => {
    const sdp = fixture('chromium-view-datachannel')
    expect(sdp).toContain('.local ')
    const negotiation = view(sdp)
    expect(negotiation.remote.candidates).toEqual([])
    expect(negotiation.answer).toContain('m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n')
    expect(negotiation.answer).toContain('a=group:BUNDLE 0 1\r\n')
  })

  it('Firefox: credentials of the section, fingerprint of the session, directions of extensions honoured', () => {
    const negotiation = publish(fixture('firefox-publish-simulcast'), FULL_CAPABILITIES)
    expect(negotiation.remote.iceUfrag).toBe('5a119e1a')
    expect(negotiation.remote.fingerprints[0]?.value).toMatch(/^4C:77:86/)
    // playout-delay is offered /recvonly, so a publisher does not send it; the rid is offered /sendonly.
    expect(negotiation.sections[1]?.extensions.map(({ id }) => id)).toEqual([3, 7, 8, 9, 10])
    expect(negotiation.answer).toContain('a=extmap:9/recvonly urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id')
    expect(negotiation.sections[1]?.ssrcs).toEqual([752020024, 1585524125, 2662287697])
    expect(negotiation.sections[1]?.rtxPairs).toEqual([
      { ssrc: 752020024, rtxSsrc: 593734680 },
      { ssrc: 1585524125, rtxSsrc: 3863863214 },
      { ssrc: 2662287697, rtxSsrc: 2289824160 },
    ])
    const viewer = view(fixture('firefox-view'))
    expect(viewer.answer).toContain('a=extmap:6/sendonly http://www.webrtc.org/experiments/rtp-hdrext/playout-delay')
  })

  it('Safari offers H265 and AV1 besides the usual', () => {
    expect(codecNames(publish(fixture('safari-publish')).sections[1]?.codecs ?? [])).toEqual([
      'H264',
      'H265',
      'VP8',
      'VP9',
      'AV1',
    ])
  })

  it('OBS: everything about the transport at session level, candidates in the first section', () => {
    const negotiation = publish(fixture('obs-publish'))
    expect(negotiation.remote).toMatchObject({ iceUfrag: 'fR8s', iceLite: false })
    expect(negotiation.remote.candidates.map(({ ip }) => ip)).toEqual(['198.51.100.20', '2001:db8::20'])
    expect(negotiation.answer).toContain('a=fmtp:111 minptime=10;maxaveragebitrate=96000;stereo=1;useinbandfec=1\r\n')
    expect(negotiation.answer).not.toContain('a=group:LS')
  })

  it('FFmpeg is the DTLS server by itself, so that we are the client', () => {
    const negotiation = publish(fixture('ffmpeg-publish'))
    expect(negotiation.dtlsRole).toBe('client')
    expect(negotiation.answer).toContain('a=setup:active\r\n')
  })

  it('GStreamer: a bundle-only section has port 0 and is served, TCP candidates are kept', () => {
    const negotiation = publish(fixture('gstreamer-publish'))
    expect(negotiation.sections.map(({ mid }) => mid)).toEqual(['audio0', 'video1'])
    expect(negotiation.answer).toContain('a=rtpmap:111 OPUS/48000/2\r\n')
    expect(negotiation.sections[0]?.codecs[0]?.codec.name).toBe('opus')
    expect(negotiation.remote.candidates.find(({ tcpType }) => tcpType === 'passive')?.port).toBe(49515)
  })

  it('aiortc: sections gather on their own, only the candidates of the tagged one lead anywhere', () => {
    const { remote } = publish(fixture('aiortc-publish'))
    expect(remote.iceUfrag).toBe('nZDN')
    expect(remote.candidates.map(({ port }) => port)).toEqual([36402, 37709])
  })

  it('Pion: candidates of component 2 are none', () => {
    expect(view(fixture('pion-view')).remote.candidates.map(({ type }) => type)).toEqual(['host', 'srflx'])
  })

  it('webrtc-rs: repeated feedback is answered once', () => {
    expect(publish(fixture('webrtc-rs-publish')).sections[1]?.codecs[0]?.feedback).toEqual([
      'goog-remb',
      'ccm fir',
      'nack',
      'nack pli',
      'transport-cc',
    ])
  })
})
