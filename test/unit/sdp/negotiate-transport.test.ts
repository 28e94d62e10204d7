import { describe, expect, it } from 'vitest'
import { checkAnswer } from './answer-invariants.js'
import { errorOf, FINGERPRINT, offerOf, publish, section, TRANSPORT, view } from './offers.js'

const A = section({ type: 'audio', mid: 'a', direction: 'sendonly' })
const V = section({ mid: 'v', direction: 'sendonly' })
const without = (name: string) => TRANSPORT.filter((attribute) => !attribute.startsWith(name))

describe('the transport of an offer', () => {
  it('is one for all sections of the bundle', () => {
    const offer = offerOf(['group:BUNDLE a v', ...TRANSPORT], A, V)
    const answer = checkAnswer(offer, 'publisher', publish(offer))
    expect(answer.groups).toEqual([{ semantics: 'BUNDLE', mids: ['a', 'v'] }])
  })

  it('carries rtcp-mux and rtcp-mux-only in every bundled section', () => {
    const { answer } = publish(offerOf(['group:BUNDLE a v', ...TRANSPORT], A, V))
    expect(answer.match(/^a=rtcp-mux\r$/gm)?.length).toBe(2)
    expect(answer.match(/^a=rtcp-mux-only\r$/gm)?.length).toBe(2)
  })

  it('needs no bundle and no mid for one section', () => {
    const offer = offerOf(TRANSPORT, section({ direction: 'sendonly' }))
    const negotiation = publish(offer)
    checkAnswer(offer, 'publisher', negotiation)
    expect(negotiation.answer).not.toMatch(/a=(?:mid|group|rtcp-mux-only)/)
    expect(negotiation.sections[0]?.mid).toBe('0')
  })

  it('gives a section without mid a name that no other has', () => {
    const offer = offerOf(TRANSPORT, section({ direction: 'sendonly' }), section({ mid: '0', direction: 'inactive' }))
    expect(publish(offer).sections[0]?.mid).toBe('_0')
  })

  it('is refused as several', () => {
    const details = { lines: [9, 15] }
    expect(errorOf(() => publish(offerOf(TRANSPORT, A, V)))).toMatchObject({ code: 'sdp-unsupported', details })
    expect(errorOf(() => publish(offerOf(['group:BUNDLE a', ...TRANSPORT], A, V))).code).toBe('sdp-unsupported')
    const groups = offerOf(['group:BUNDLE a', 'group:BUNDLE v', ...TRANSPORT], A, V)
    expect(errorOf(() => publish(groups)).code).toBe('sdp-unsupported')
  })

  it('is carried by an accepted section when the suggested one is refused', () => {
    const refused = section({ type: 'application', protocol: 'UDP/DTLS/SCTP', formats: 'webrtc-datachannel', mid: 'd' })
    const offer = offerOf(['group:BUNDLE d v a', ...TRANSPORT], refused, A, V)
    const answer = checkAnswer(offer, 'publisher', publish(offer))
    expect(answer.groups[0]?.mids).toEqual(['v', 'a'])
    expect(answer.media.map(({ port }) => port)).toEqual([0, 9, 9])
  })

  it('may be described by a refused section only', () => {
    const d = section({
      type: 'application',
      protocol: 'UDP/DTLS/SCTP',
      formats: 'webrtc-datachannel',
      mid: 'd',
      attributes: [...TRANSPORT, 'candidate:1 1 udp 1 192.0.2.9 7 typ host'],
    })
    const v = section({ mid: 'v', port: 0, direction: 'sendonly', mux: false, attributes: ['bundle-only'] })
    const offer = offerOf(['group:BUNDLE d v'], d, v)
    const negotiation = publish(offer)
    checkAnswer(offer, 'publisher', negotiation)
    expect(negotiation.remote.iceUfrag).toBe('abcd')
    expect(negotiation.remote.candidates.map(({ ip }) => ip)).toEqual(['192.0.2.9'])
  })

  it('of a section goes before that of the session', () => {
    const own = section({
      mid: 'v',
      direction: 'sendonly',
      attributes: ['ice-ufrag:wxyz', 'ice-pwd:ABCDEFGHIJKLMNOPQRSTUV', 'setup:passive'],
    })
    const negotiation = publish(offerOf(['group:BUNDLE v', ...TRANSPORT], own))
    expect(negotiation.remote).toMatchObject({ iceUfrag: 'wxyz', icePwd: 'ABCDEFGHIJKLMNOPQRSTUV' })
    expect(negotiation.dtlsRole).toBe('client')
  })

  it('says whether the peer is ICE-lite', () => {
    expect(publish(offerOf([...TRANSPORT, 'ice-lite'], V)).remote.iceLite).toBe(true)
    expect(publish(offerOf(TRANSPORT, V)).remote.iceLite).toBe(false)
  })

  it.each([
    ['actpass', 'server'],
    ['active', 'server'],
    ['passive', 'client'],
  ])('with setup:%s makes us the DTLS %s', (setup, role) => {
    const offer = offerOf([...without('setup'), `setup:${setup}`], V)
    const negotiation = publish(offer)
    checkAnswer(offer, 'publisher', negotiation)
    expect(negotiation.dtlsRole).toBe(role)
  })

  it('without setup is active, so that we are the server', () => {
    expect(publish(offerOf(without('setup'), V)).dtlsRole).toBe('server')
  })

  it.each([
    ['ICE credentials', without('ice-pwd')],
    ['ICE credentials', without('ice-ufrag')],
    ['fingerprint', without('fingerprint')],
    ['fingerprint', [...without('fingerprint'), `fingerprint:sha-1 ${'AB:'.repeat(19)}AB`]],
    ['holdconn', [...without('setup'), 'setup:holdconn']],
  ])('is refused for its %s', (word, session) => {
    const error = errorOf(() => publish(offerOf(session, V)))
    expect(error).toMatchObject({ code: 'sdp-unsupported', details: { mid: 'v' } })
    expect(error.message).toContain(word)
  })

  it('keeps fingerprints of strong hashes only', () => {
    const { remote } = publish(offerOf([`fingerprint:sha-1 ${'AB:'.repeat(19)}AB`, ...TRANSPORT], V))
    expect(remote.fingerprints.map(({ algorithm, value }) => `${algorithm} ${value}`)).toEqual([FINGERPRINT])
  })

  it('is refused without rtcp-mux and without DTLS-SRTP', () => {
    const plain = section({ mid: 'v', direction: 'sendonly', mux: false })
    expect(errorOf(() => publish(offerOf(TRANSPORT, plain)))).toMatchObject({
      code: 'sdp-unsupported',
      details: { mid: 'v' },
    })
    const open = section({ mid: 'v', direction: 'sendonly', protocol: 'RTP/AVPF' })
    expect(errorOf(() => publish(offerOf(TRANSPORT, open)))).toMatchObject({
      code: 'sdp-unsupported',
      details: { mid: 'v' },
    })
  })

  it.each(['RTP/SAVPF', 'UDP/TLS/RTP/SAVP', 'TCP/DTLS/RTP/SAVPF'])(
    'takes the protocol %s and writes it back',
    (protocol) => {
      const offer = offerOf(
        TRANSPORT,
        section({ mid: 'v', direction: 'recvonly', protocol, attributes: ['rtcp-fb:96 nack pli'] }),
      )
      const negotiation = view(offer)
      checkAnswer(offer, 'viewer', negotiation)
      expect(negotiation.sections[0]?.codecs[0]?.feedback).toEqual(protocol.endsWith('F') ? ['nack pli'] : [])
    },
  )

  it('passes over candidates that are names: mDNS, and all others', () => {
    const named = ['4d5b18db-caac-465e-b195-86f90a168c53.local', 'localhost', 'metadata.internal']
    const lines = named.flatMap((name) => [
      `candidate:1 1 udp 1 ${name} 7 typ host`,
      `candidate:2 1 tcp 1 ${name} 9 typ host tcptype active`,
    ])
    expect(publish(offerOf([...TRANSPORT, ...lines], V)).remote.candidates).toEqual([])
  })

  it('keeps at most a handful of candidates', () => {
    const many = Array.from({ length: 500 }, (_, i) => `candidate:1 1 udp 1 192.0.2.9 ${i + 1} typ host`)
    expect(publish(offerOf([...TRANSPORT, ...many], V)).remote.candidates.length).toBe(32)
  })
})
