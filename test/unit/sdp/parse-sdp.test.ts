import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BroadcastError } from '../../../src/errors.js'
import { SDP_LIMITS } from '../../../src/sdp/limits.js'
import { parseSdp } from '../../../src/sdp/parse-sdp.js'
import { errorOf, FIXTURES, fixture, offerOf, section, TRANSPORT } from './offers.js'

const HEAD = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0']
const parse = (...lines: string[]) => parseSdp([...HEAD, ...lines].join('\r\n'))
const media = (...attributes: string[]) =>
  parse('m=video 9 UDP/TLS/RTP/SAVPF 96', ...attributes.map((a) => `a=${a}`)).media[0]

describe('reading a session description', () => {
  it('reads what negotiation needs of a section', () => {
    const one = media(
      'mid:v',
      'recvonly',
      'rtcp-mux',
      'rtcp-rsize',
      'extmap-allow-mixed',
      'extmap:3/sendonly urn:x some attributes',
      'rtpmap:96 H264/90000',
      'fmtp:96 Packetization-Mode=1; profile-level-id=42e01f',
      'rtcp-fb:96 nack  pli',
      'rtcp-fb:* ccm fir',
      'ssrc:1 cname:a',
      'ssrc:1 msid:a b',
      'ssrc:4294967295 cname:a',
      'ssrc-group:FID 1 4294967295',
      'rid:a send pt=96;max-width=640',
      'simulcast:send a,b;~c recv d',
      'ice-ufrag:abcd',
      'ice-pwd:abcdefghijklmnopqrstuv',
      'setup:ACTPASS',
      `fingerprint:SHA-256 ${Array.from({ length: 32 }, () => 'ab').join(':')}`,
      'candidate:1 1 udp 1 192.0.2.7 9 typ host',
      'x-unknown:anything at all',
    )
    expect(one).toMatchObject({
      line: 5,
      type: 'video',
      port: 9,
      protocol: 'UDP/TLS/RTP/SAVPF',
      payloadTypes: [96],
      mid: 'v',
      direction: 'recvonly',
      rtcpMux: true,
      rtcpReducedSize: true,
      bundleOnly: false,
      extmapAllowMixed: true,
      extensions: [{ id: 3, direction: 'sendonly', uri: 'urn:x' }],
      rtpMaps: new Map([[96, { name: 'H264', clockRate: 90000, channels: 1 }]]),
      feedback: [
        { payloadType: 96, value: 'nack pli' },
        { payloadType: -1, value: 'ccm fir' },
      ],
      ssrcs: [1, 4294967295],
      ssrcGroups: [{ semantics: 'FID', ssrcs: [1, 4294967295] }],
      rids: [
        {
          id: 'a',
          direction: 'send',
          restrictions: [
            { name: 'pt', value: '96' },
            { name: 'max-width', value: '640' },
          ],
        },
      ],
      simulcastSend: [
        [
          { rid: 'a', paused: false },
          { rid: 'b', paused: false },
        ],
        [{ rid: 'c', paused: true }],
      ],
      simulcastReceive: [[{ rid: 'd', paused: false }]],
      iceUfrag: 'abcd',
      setup: 'actpass',
      fingerprints: [{ algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'AB').join(':') }],
    })
    expect(one?.candidates.length).toBe(1)
  })

  it.each([
    ['nothing at all', '', 1],
    ['no version', 'o=- 1 1 IN IP4 0.0.0.0', 1],
    ['another version', 'v=1\r\no=- 1 1 IN IP4 0.0.0.0', 1],
    ['an origin cut short', 'v=0\r\no=- 1 1 IN', 2],
    ['no session name', 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\nt=0 0', 3],
    ['no timing', 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\na=x', 4],
    ['media before timing', 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nm=audio 9 RTP/AVP 0', 4],
    ['HTML', '<!doctype html>\n<html></html>', 1],
    ['JSON', '{"type":"offer"}', 1],
  ])('names the line at fault: %s', (_, text, line) => {
    const error = errorOf(() => parseSdp(text))
    expect([error.code, error.details.line]).toEqual(['sdp-invalid', line])
  })

  it.each([
    'x=unknown line type',
    'a',
    'hello world',
    '',
    'm=video',
    'm=video 65536 UDP/TLS/RTP/SAVPF 96',
    'm=video -1 UDP/TLS/RTP/SAVPF 96',
    'm=video 9 UDP/TLS/RTP/SAVPF',
    'm=video 9 UDP/TLS/RTP/SAVPF 128',
    'm=video 9 UDP/TLS/RTP/SAVPF VP8',
    'a=mid:',
    'a=mid:two words',
    'a=mid:semi;colon(paren)',
    'a=mid:other',
    'a=rtpmap:96 VP8',
    'a=rtpmap:128 VP8/90000',
    'a=rtpmap:96 VP8/0',
    'a=extmap:0 urn:x',
    'a=extmap:1/upwards urn:x',
    'a=extmap:1',
    'a=rtcp-fb:x nack',
    'a=ssrc:4294967296 cname:x',
    'a=ssrc-group:FID 1 x',
    'a=ice-ufrag:abc',
    'a=ice-ufrag:ab cd',
    'a=ice-pwd:short',
    'a=setup:maybe',
    'a=fingerprint:sha-256 AB:CD',
    'a=fingerprint:sha-256 not hex',
    'a=x:\u0000',
    'a=x:\r y',
  ])('refuses the line %j and names it', (line) => {
    const lines = [
      ...HEAD,
      'a=group:BUNDLE v',
      'm=audio 9 UDP/TLS/RTP/SAVPF 0',
      'a=mid:other',
      'm=video 9 UDP/TLS/RTP/SAVPF 96',
    ]
    const error = errorOf(() => parseSdp([...lines, line, 'a=sendrecv'].join('\r\n')))
    expect([error.code, error.details.line]).toEqual(['sdp-invalid', lines.length + 1])
    expect(error.httpStatus).toBe(400)
  })

  it('keeps the text of the line at fault short and printable', () => {
    const error = errorOf(() => parse(`a=group:${'\u0007'.repeat(1000)}`))
    expect((error.details.text as string).length).toBeLessThan(200)
    expect(error.details.text).toMatch(/^[\u0020-\u007e]+$/)
    expect(error.message).not.toContain('\u0007')
  })

  it.each([
    ['a=candidate:nonsense', 'candidates'],
    ['a=rid:a sideways', 'rids'],
    ['a=rid:a!b send', 'rids'],
    ['a=rid:a send pt=1 more', 'rids'],
    ['a=simulcast:send', 'simulcastSend'],
    ['a=simulcast:send a;;b', 'simulcastSend'],
    ['a=simulcast:send a;a', 'simulcastSend'],
    ['a=simulcast:send a send b', 'simulcastSend'],
    ['a=simulcast: send rid=a;b', 'simulcastSend'],
  ] as const)('takes %s for absent', (line, field) => {
    expect(media(line.slice(2))?.[field]).toEqual([])
  })

  it('passes over blanks at line ends and blank lines at the end', () => {
    expect(parseSdp(`${HEAD.join(' \r\n')}\r\na=ice-lite \t\n\r\n \n`).iceLite).toBe(true)
  })

  it('does not take attribute names for members of an object', () => {
    expect(parse('a=constructor:x', 'a=__proto__', 'a=hasOwnProperty:1').media).toEqual([])
  })

  it('reads the attributes of RTP in RTP sections only', () => {
    const one = parse('m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'a=rtpmap:whatever', 'a=mid:d').media[0]
    expect(one).toMatchObject({ formats: ['webrtc-datachannel'], payloadTypes: [], mid: 'd' })
  })

  it.each([
    ['textLength', () => `v=0${' '.repeat(SDP_LIMITS.textLength)}`],
    ['lines', () => [...HEAD, ...Array.from({ length: SDP_LIMITS.lines }, () => 'a=x')].join('\n')],
    ['lineLength', () => [...HEAD, `a=${'x'.repeat(SDP_LIMITS.lineLength)}`].join('\n')],
    ['mediaSections', () => offerOf([], ...Array.from({ length: SDP_LIMITS.mediaSections + 1 }, () => section()))],
    ['extensionsPerSection', () => repeated(SDP_LIMITS.extensionsPerSection, (i) => `extmap:${i + 1} urn:x`)],
    ['ssrcsPerSection', () => repeated(SDP_LIMITS.ssrcsPerSection, (i) => `ssrc:${i} cname:x`)],
    ['ridsPerSection', () => repeated(SDP_LIMITS.ridsPerSection, (i) => `rid:${i} send`)],
    ['fingerprintsPerSection', () => repeated(SDP_LIMITS.fingerprintsPerSection, () => 'fingerprint:sha-1 AB')],
    ['groups', () => offerOf(Array.from({ length: SDP_LIMITS.groups + 1 }, () => 'group:BUNDLE a'))],
  ] as const)('refuses more than %s allows, and names the limit', (limit, text) => {
    const error = errorOf(() => parseSdp(text()))
    expect([error.code, error.details]).toEqual(['sdp-unsupported', { limit, maximum: SDP_LIMITS[limit] }])
  })

  it('refuses every truncation of an offer by the BroadcastError of its last line, or reads it', () => {
    const text = fixture('obs-publish')
    for (let length = 0; length < text.length; length++) {
      const cut = text.slice(0, length)
      try {
        expect(parseSdp(cut).media.length).toBeLessThanOrEqual(2)
      } catch (error) {
        expect(error).toBeInstanceOf(BroadcastError)
        expect((error as BroadcastError).details.line).toBe(cut.trimEnd().split('\r\n').length)
      }
    }
  })

  it('reads random text or refuses it, and does nothing else', () => {
    const line = fc.tuple(
      fc.constantFrom('v=', 'o=', 's=', 't=', 'm=', 'a=', 'c=', 'a=rtpmap:', 'a=fmtp:', 'a=rid:', 'a=simulcast:', ''),
      fc.oneof(
        fc.string(),
        fc.string({ unit: 'binary' }),
        fc.constantFrom(...FIXTURES.flatMap(({ sdp }) => sdp.split('\r\n'))),
      ),
    )
    fc.assert(
      fc.property(fc.array(line), fc.boolean(), (lines, withHead) => {
        try {
          parseSdp([...(withHead ? HEAD : []), ...lines.map((parts) => parts.join(''))].join('\r\n'))
        } catch (error) {
          expect(error).toBeInstanceOf(BroadcastError)
        }
      }),
      { numRuns: 500 },
    )
  })
})

function repeated(limit: number, attribute: (index: number) => string): string {
  return offerOf(TRANSPORT, section({ attributes: Array.from({ length: limit + 1 }, (_, index) => attribute(index)) }))
}
