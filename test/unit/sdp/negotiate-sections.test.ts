import { describe, expect, it } from 'vitest'
import { offerSendsMedia } from '../../../src/sdp/peek-direction.js'
import { checkAnswer } from './answer-invariants.js'
import { errorOf, offerOf, publish, section, TRANSPORT, view } from './offers.js'

const session = (mids: string) => [`group:BUNDLE ${mids}`, ...TRANSPORT]
const video = (mid: string, direction?: string) => section({ mid, ...(direction === undefined ? {} : { direction }) })
const audio = (mid: string, direction?: string) =>
  section({ type: 'audio', mid, ...(direction === undefined ? {} : { direction }) })
const ports = (offer: string, role: 'publisher' | 'viewer') => {
  const negotiation = role === 'publisher' ? publish(offer) : view(offer)
  return checkAnswer(offer, role, negotiation).media.map(({ port }) => port)
}

describe('directions', () => {
  it.each(['sendonly', 'sendrecv', undefined])('a publisher offers %s and is answered recvonly', (direction) => {
    expect(ports(offerOf(session('a v'), audio('a', direction), video('v', direction)), 'publisher')).toEqual([9, 9])
  })

  it.each(['recvonly', 'sendrecv', undefined])('a viewer offers %s and is answered sendonly', (direction) => {
    expect(ports(offerOf(session('a v'), audio('a', direction), video('v', direction)), 'viewer')).toEqual([9, 9])
  })

  it.each(['recvonly', 'inactive'])('a publisher of nothing but %s is refused', (direction) => {
    const offer = offerOf(session('a v'), audio('a', direction), video('v', direction))
    expect(errorOf(() => publish(offer))).toMatchObject({ code: 'direction-mismatch', details: { role: 'publisher' } })
    expect(offerSendsMedia(offer)).toBe(false)
  })

  it.each(['sendonly', 'inactive'])('a viewer of nothing but %s is refused', (direction) => {
    const offer = offerOf(session('a v'), audio('a', direction), video('v', direction))
    expect(errorOf(() => view(offer))).toMatchObject({ code: 'direction-mismatch', details: { role: 'viewer' } })
  })

  it('stand at session level for sections without their own', () => {
    const offer = offerOf([...session('a v'), 'inactive'], audio('a'), video('v', 'sendonly'))
    expect(ports(offer, 'publisher')).toEqual([0, 9])
  })

  it('that carry nothing our way are rejected, and the others are served', () => {
    expect(ports(offerOf(session('a v'), audio('a', 'recvonly'), video('v', 'sendonly')), 'publisher')).toEqual([0, 9])
    expect(ports(offerOf(session('a v'), audio('a', 'recvonly'), video('v', 'sendonly')), 'viewer')).toEqual([9, 0])
  })

  it('of a disabled section do not count', () => {
    const disabled = section({ mid: 'v', port: 0, direction: 'sendonly' })
    expect(ports(offerOf(session('a v'), audio('a', 'sendonly'), disabled), 'publisher')).toEqual([9, 0])
    expect(offerSendsMedia(offerOf(session('v'), disabled))).toBe(false)
    const outside = section({ mid: 'v', port: 0, direction: 'sendonly', attributes: ['bundle-only'] })
    expect(errorOf(() => publish(offerOf(TRANSPORT, outside))).code).toBe('direction-mismatch')
  })
})

describe('the number of sections', () => {
  it('of a publisher is at most one of a kind', () => {
    const offer = offerOf(session('a v w'), audio('a', 'sendonly'), video('v', 'sendonly'), video('w', 'sendonly'))
    expect(errorOf(() => publish(offer))).toMatchObject({
      code: 'sdp-unsupported',
      httpStatus: 422,
      details: { mid: 'w' },
    })
  })

  it('of a viewer are all served, each pair of audio and video as a MediaStream', () => {
    const offer = offerOf(session('v w a b'), video('v', 'recvonly'), video('w', 'recvonly'), audio('a'), audio('b'))
    expect(ports(offer, 'viewer')).toEqual([9, 9, 9, 9])
    expect(view(offer).answer.match(/^a=msid:.*$/gm)).toEqual([
      'a=msid:stream stream-video',
      'a=msid:stream-1 stream-1-video',
      'a=msid:stream stream-audio',
      'a=msid:stream-1 stream-1-audio',
    ])
  })

  it('of a viewer beyond the limit are rejected', () => {
    const mids = Array.from({ length: 18 }, (_, i) => `v${i}`)
    const offer = offerOf(session(mids.join(' ')), ...mids.map((mid) => video(mid, 'recvonly')))
    expect(ports(offer, 'viewer')).toEqual([...mids.slice(0, 16).map(() => 9), 0, 0])
  })

  it('may be only a data channel, which is nothing', () => {
    const data = section({ type: 'application', protocol: 'UDP/DTLS/SCTP', formats: 'webrtc-datachannel', mid: 'd' })
    expect(errorOf(() => view(offerOf(session('d'), data))).code).toBe('direction-mismatch')
    expect(errorOf(() => view(offerOf(TRANSPORT))).code).toBe('direction-mismatch')
  })
})

describe('the streams of a viewer', () => {
  it('are one MediaStream with SSRCs of their own and our CNAME', () => {
    const { answer, sections } = view(offerOf(session('a v'), audio('a'), video('v')))
    expect(sections.map(({ ssrc, rtxSsrc }) => [ssrc, rtxSsrc])).toEqual([
      [1000, undefined],
      [1001, undefined],
    ])
    expect(answer.match(/^a=msid:.*$/gm)).toEqual(['a=msid:stream stream-audio', 'a=msid:stream stream-video'])
    expect(answer.match(/^a=ssrc:\d+ cname.*$/gm)).toEqual([
      'a=ssrc:1000 cname:cnameOfServer',
      'a=ssrc:1001 cname:cnameOfServer',
    ])
  })
})

describe('an answer', () => {
  it('is the same for the same offer', () => {
    const offer = offerOf(session('a v'), audio('a'), video('v'))
    expect(view(offer)).toEqual(view(offer))
  })

  it('echoes extmap-allow-mixed and reduced-size RTCP where they were offered', () => {
    const rsize = section({ mid: 'v', attributes: ['rtcp-rsize', 'extmap-allow-mixed'] })
    const { answer } = view(offerOf(session('v a'), rsize, audio('a')))
    expect(answer.match(/^a=rtcp-rsize\r$/gm)?.length).toBe(1)
    expect(answer.match(/^a=extmap-allow-mixed\r$/gm)?.length).toBe(1)
    expect(answer.indexOf('a=extmap-allow-mixed')).toBeGreaterThan(answer.indexOf('m=video'))
  })

  it('begins as every session description does', () => {
    const { answer } = view(offerOf(session('v'), video('v')))
    expect(answer.split('\r\n').slice(0, 4)).toEqual(['v=0', 'o=- 4242 1 IN IP4 0.0.0.0', 's=-', 't=0 0'])
    expect(answer).toContain('a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host\r\n')
    expect(answer).toContain('a=end-of-candidates\r\n')
  })
})
