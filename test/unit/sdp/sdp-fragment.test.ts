import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BroadcastError } from '../../../src/errors.js'
import { FRAGMENT_LIMITS } from '../../../src/sdp/limits.js'
import { parseSdpFragment, writeSdpFragment } from '../../../src/sdp/sdp-fragment.js'
import type { IceCandidate } from '../../../src/sdp/types.js'

/** As in the example of RFC 9725, section 4.3.2. */
const FRAGMENT = [
  'a=group:BUNDLE 0 1',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'a=mid:0',
  'a=ice-ufrag:EsAw',
  'a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1',
  'a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1',
  'a=candidate:3471623853 1 udp 2122194687 4d5b18db-caac-465e-b195-86f90a168c53.local 61765 typ host',
  'a=candidate:473322822 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active generation 0',
  'a=end-of-candidates',
  '',
].join('\r\n')

function codeOf(text: string): string {
  try {
    parseSdpFragment(text)
    return 'read'
  } catch (error) {
    if (!(error instanceof BroadcastError)) throw error
    return error.code
  }
}

describe('an SDP fragment', () => {
  it('is read, without the candidates that cannot be used', () => {
    const { media, iceUfrag } = parseSdpFragment(FRAGMENT)
    expect(iceUfrag).toBeUndefined()
    expect(media).toMatchObject([
      { mid: '0', iceUfrag: 'EsAw', icePwd: 'P2uYro0UCOQ4zxjKXaWCBui1', endOfCandidates: true },
    ])
    expect(media[0]?.candidates.map(({ protocol, ip }) => `${protocol} ${ip}`)).toEqual([
      'udp 192.0.2.1',
      'tcp 192.0.2.1',
    ])
  })

  it('may have its credentials above the first media line, as many clients write them', () => {
    const text =
      'a=ice-ufrag:EsAw\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\nm=audio 9 RTP/AVP 0\na=mid:audio0\nc=IN IP4 0.0.0.0\n'
    expect(parseSdpFragment(text)).toMatchObject({ iceUfrag: 'EsAw', media: [{ mid: 'audio0', iceUfrag: undefined }] })
  })

  it.each([
    ['nothing', '', 1],
    ['a word', 'hello', 1],
    ['JSON', '{"candidate":"x"}', 1],
    ['a whole description', 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n', 1],
    ['a connection line above the media lines', 'a=ice-ufrag:EsAw\r\nc=IN IP4 0.0.0.0\r\n', 2],
    ['a timing line', 'm=audio 9 RTP/AVP 0\r\nt=0 0\r\n', 2],
    ['a short ufrag', 'a=ice-ufrag:abc\r\n', 1],
    ['a ufrag with a blank', 'a=ice-ufrag:ab cd\r\n', 1],
    ['a short password', 'a=ice-pwd:abcdefghijklmnopqrstu\r\n', 1],
    ['a mid that is no token', 'm=audio 9 RTP/AVP 0\r\na=mid:a b\r\n', 2],
    ['a media line without formats', 'm=audio 9 RTP/AVP\r\n', 1],
    ['a media line with a bad port', 'm=audio x RTP/AVP 0\r\n', 1],
    ['a blank line between', 'a=ice-lite\r\n\r\na=mid:0\r\n', 2],
    ['a lone carriage return', 'a=ice-lite\ra=mid:0\r\n', 1],
    ['a zero byte', 'a=ice-lite\0\r\n', 1],
  ])('is refused with the line at fault: %s', (_, text, line) => {
    expect(() => parseSdpFragment(text)).toThrow(
      expect.objectContaining({ code: 'sdp-invalid', details: expect.objectContaining({ line }) }),
    )
  })

  it.each([
    ['textLength', `a=x:${'y'.repeat(FRAGMENT_LIMITS.textLength)}`],
    ['lines', 'a=x\n'.repeat(FRAGMENT_LIMITS.lines + 1)],
    ['lineLength', `a=x:${'y'.repeat(FRAGMENT_LIMITS.lineLength)}`],
    ['mediaSections', 'm=audio 9 RTP/AVP 0\n'.repeat(FRAGMENT_LIMITS.mediaSections + 1)],
  ])('is refused when it exceeds %s', (limit, text) => {
    expect(() => parseSdpFragment(text)).toThrow(
      expect.objectContaining({ code: 'sdp-unsupported', details: expect.objectContaining({ limit }) }),
    )
  })

  it('keeps 32 candidates of a section', () => {
    const candidates = Array.from({ length: 100 }, (_, i) => `a=candidate:${i} 1 udp 1 192.0.2.1 ${i + 1} typ host`)
    expect(parseSdpFragment(candidates.join('\n')).candidates).toHaveLength(32)
  })

  it('cut off anywhere is read or refused', () => {
    const outcomes = new Set<string>()
    for (let length = 0; length <= FRAGMENT.length; length++) outcomes.add(codeOf(FRAGMENT.slice(0, length)))
    expect([...outcomes].sort()).toEqual(['read', 'sdp-invalid'])
  })

  it('of random lines is read or refused', () => {
    const line = fc.oneof(
      fc.constantFrom(...FRAGMENT.split('\r\n')),
      fc.string(),
      fc.string().map((text) => `a=${text}`),
      fc.string().map((text) => `m=${text}`),
    )
    const outcomes = new Map<string, number>()
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.constantFrom('\r\n', '\n', '\r'), (lines, end) => {
        const outcome = codeOf(lines.join(end))
        expect(outcome).toMatch(/^(?:read|sdp-invalid)$/)
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      }),
      { numRuns: 3000 },
    )
    expect(outcomes.get('read')).toBeGreaterThan(50)
    expect(outcomes.get('sdp-invalid')).toBeGreaterThan(50)
  })

  it('that is written says of this side what the answer says, and is read again', () => {
    const candidate: fc.Arbitrary<IceCandidate> = fc.record({
      foundation: fc.stringMatching(/^[A-Za-z0-9+/]{1,32}$/),
      component: fc.constant(1),
      protocol: fc.constant('udp'),
      priority: fc.integer({ min: 0, max: 0xffff_ffff }),
      ip: fc.oneof(fc.ipV4(), fc.ipV6()),
      port: fc.integer({ min: 1, max: 65_535 }),
      type: fc.constant('host'),
    })
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z0-9+/]{4,32}$/),
        fc.stringMatching(/^[A-Za-z0-9+/]{22,64}$/),
        fc.array(candidate, { maxLength: 8 }),
        fc.constantFrom(['0', '1'], []),
        (iceUfrag, icePwd, candidates, bundleMids) => {
          const section = { mid: bundleMids[0], mediaLine: 'm=audio 9 UDP/TLS/RTP/SAVPF 111', bundleMids }
          const text = writeSdpFragment(section, { iceUfrag, icePwd, candidates })
          expect(text).toMatch(/^a=ice-lite\r\na=ice-options:trickle ice2\r\n/)
          expect(parseSdpFragment(text).media).toEqual([
            { mid: bundleMids[0], iceUfrag, icePwd, candidates, endOfCandidates: true },
          ])
        },
      ),
    )
  })
})
