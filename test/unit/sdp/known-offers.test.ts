import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_CAPABILITIES } from '../../../src/sdp/capabilities.js'
import { KnownOffers, type ReadOffer } from '../../../src/sdp/known-offers.js'
import { type KnownViewerOffers, negotiateViewer } from '../../../src/sdp/negotiate-viewer.js'
import { outlineOf } from '../../../src/sdp/offer-outline.js'
import { parseSdp } from '../../../src/sdp/parse-sdp.js'
import { FIXTURES, FULL_CAPABILITIES, LOCAL, streams } from './offers.js'

const RUNS = 4000

/** Values as clients write them, and as nobody should. */
const VALUES = [
  'abcd',
  'aPasswordOf24CharactersXX',
  '',
  ' ',
  'x',
  'ab cd',
  '0',
  '70000',
  '4000000000 cname:a',
  '5 typ',
  'sha-256 AA:BB',
  `sha-256 ${Array.from({ length: 32 }, () => 'CD').join(':')}`,
  `sha-512 ${Array.from({ length: 64 }, () => '0a').join(':')}`,
  '1 1 udp 2130706431 192.0.2.77 4444 typ host',
  '1 1 tcp 2130706431 2001:db8::9 9 typ host tcptype active',
  'FID 1 2',
  '- 1 2 IN IP4 127.0.0.1',
  'a\u0001b',
  'a\u2028b',
  'a\rb',
  'v'.repeat(20_000),
]

/** The offer with some of its own values replaced, or with its lines doubled. */
function vary(text: string, changes: readonly (readonly [where: number, value: number, doubled: boolean])[]): string {
  const lines = text.split('\r\n')
  for (const [where, value, doubled] of changes) {
    const candidates = lines.flatMap((line, i) =>
      /^(?:[oc]=|m=|a=(?:ice|finger|cand|ssrc|msid|rtcp:))/.test(line) ? [i] : [],
    )
    const at = candidates[where % candidates.length] as number
    const line = lines[at] as string
    const text = VALUES[value % VALUES.length] as string
    if (line.startsWith('m=')) lines[at] = line.replace(/ \d+ /, ` ${text.slice(0, 6)} `)
    else lines[at] = `${/^.=[^:]*$/.test(line) ? line.slice(0, 2) : line.slice(0, line.indexOf(':') + 1)}${text}`
    if (doubled) lines.splice(at, 0, line)
  }
  return lines.join('\r\n')
}

const outcome = (run: () => unknown): unknown => {
  try {
    return run()
  } catch (error) {
    return error
  }
}

const changes = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.boolean()), { maxLength: 4 })

describe('offers that are known but for what is the client’s own', () => {
  it(`are read as if they were not known, ${RUNS} times`, () => {
    const known = new KnownOffers<undefined>()
    const outlines = new Set<unknown>()
    let shared = 0
    fc.assert(
      fc.property(fc.constantFrom(...FIXTURES), changes, ({ sdp }, changes) => {
        const text = vary(sdp, changes)
        const read = outcome(() => known.read(text))
        expect(read instanceof Error ? read : (read as ReadOffer<undefined>).description).toEqual(
          outcome(() => parseSdp(text)),
        )
        if (read instanceof Error) return
        const outline = (read as ReadOffer<undefined>).shared
        if (outlines.has(outline)) shared++
        outlines.add(outline)
      }),
      { numRuns: RUNS },
    )
    expect(shared).toBeGreaterThan(RUNS / 10)
  }, 60_000)

  for (const capabilities of [DEFAULT_CAPABILITIES, FULL_CAPABILITIES]) {
    it('are answered as if they were not known', () => {
      const known: KnownViewerOffers = new KnownOffers()
      const answer = (text: string, known?: KnownViewerOffers) =>
        outcome(() => negotiateViewer(text, LOCAL, streams(), capabilities, known))
      fc.assert(
        fc.property(fc.constantFrom(...FIXTURES), changes, ({ sdp }, changes) => {
          const text = vary(sdp, changes)
          expect(answer(text, known)).toEqual(answer(text))
        }),
        { numRuns: RUNS / 4 },
      )
    }, 60_000)
  }

  it('share what is not their own', () => {
    const known: KnownViewerOffers = new KnownOffers()
    const { sdp } = FIXTURES.find(({ name }) => name === 'chromium-view') as (typeof FIXTURES)[number]
    const [first, second] = [sdp, sdp.replace(/a=ice-ufrag:.*/g, 'a=ice-ufrag:another')].map((text) =>
      negotiateViewer(text, LOCAL, streams(), DEFAULT_CAPABILITIES, known),
    )
    expect(second?.remote.iceUfrag).toBe('another')
    expect(first?.remote.iceUfrag).not.toBe('another')
    expect(second?.sections[0]?.codecs).toBe(first?.sections[0]?.codecs)
  })

  it('are forgotten when others are needed more', () => {
    const known = new KnownOffers<undefined>()
    const read = (i: number) => known.read(`v=0\r\no=- ${i} 1 IN IP4 0.0.0.0\r\ns=${i}\r\nt=0 0\r\n`).shared
    const [first, second] = [read(0), read(1)]
    for (let i = 2; i < 40; i++) {
      read(i)
      expect(read(0)).toBe(first)
    }
    expect(read(1)).not.toBe(second)
  })

  it('are not remembered if they are long', () => {
    const known = new KnownOffers<undefined>()
    const long = `v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n${`a=x:${'y'.repeat(100)}\r\n`.repeat(400)}`
    expect(known.read(long)).toEqual({ description: parseSdp(long), shared: undefined })
  })
})

describe('an outline', () => {
  it('has every line of the offer, and lacks what is the client’s own', () => {
    const { outline, own } = outlineOf(
      'v=0\r\no=- 4 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 5000 RTP/SAVPF 0\r\na=ice-ufrag:abc\r\na=mid:0\r\nm=video 0 RTP/SAVPF 96',
    )
    expect(outline.split('\n')).toEqual([
      'v=0\r',
      'o=',
      's=-\r',
      't=0 0\r',
      'm=audio  RTP/SAVPF 0\r',
      'a=ice-ufrag:',
      'a=mid:0\r',
      'm=video 0 RTP/SAVPF 96',
    ])
    expect(own.map(({ label, value, section }) => [label, value, section])).toEqual([
      ['o=', '- 4 1 IN IP4 0.0.0.0\r', -1],
      ['m=', '5000', 0],
      ['a=ice-ufrag:', 'abc\r', 0],
    ])
  })
})
