import { describe, expect, it } from 'vitest'
import { EXTENSION_URI } from '../../../src/rtp/extension-uri.js'
import { FULL_CAPABILITIES, offerOf, section, TRANSPORT, view } from './offers.js'

const NAMES = [
  `extmap:1 ${EXTENSION_URI.mid}`,
  `extmap:2 ${EXTENSION_URI.rid}`,
  `extmap:3 ${EXTENSION_URI.repairedRid}`,
]
const RTX = ['rtpmap:97 rtx/90000', 'fmtp:97 apt=96']

function video(...attributes: string[]): string[] {
  const codecs = ['rtpmap:96 VP8/90000', ...RTX]
  return section({ mid: 'v', direction: 'recvonly', formats: '96 97', attributes: [...codecs, ...attributes] })
}

function answer(attributes: string[], capabilities = FULL_CAPABILITIES) {
  const negotiation = view(offerOf(TRANSPORT, video(...attributes)), capabilities)
  const lines = negotiation.answer.match(/^a=(?:rid|simulcast|ssrc|ssrc-group|rtcp-fb:\*):?.*$/gm) ?? []
  return { section: negotiation.sections[0], lines: lines.map((line) => line.slice(2)), text: negotiation.answer }
}

const OFFERED = [...NAMES, 'rid:0 recv', 'rid:1 recv', 'rid:2 recv', 'simulcast:recv 0;1;2']

describe('a viewer that asks for all layers at once', () => {
  it('is answered with a stream and a retransmission stream each, which packets name', () => {
    const { section: video, lines, text } = answer(OFFERED)
    expect(lines).toEqual(['rid:0 send', 'rid:1 send', 'rid:2 send', 'simulcast:send 0;1;2'])
    expect(video).toMatchObject({
      ssrc: 1000,
      rtxSsrc: 1001,
      layers: [
        { rid: '0', ssrc: 1000, rtxSsrc: 1001 },
        { rid: '1', ssrc: 1002, rtxSsrc: 1003 },
        { rid: '2', ssrc: 1004, rtxSsrc: 1005 },
      ],
    })
    expect(video?.extensions.map(({ uri }) => uri)).toEqual([
      EXTENSION_URI.mid,
      EXTENSION_URI.rid,
      EXTENSION_URI.repairedRid,
    ])
    expect(text).toContain(`a=extmap:3 ${EXTENSION_URI.repairedRid}\r\n`)
  })

  it('takes the rids of the offer, of alternatives the first that can be sent', () => {
    const offer = [...NAMES, 'rid:lo recv pt=96', 'rid:x recv wonder=1', 'rid:hi recv', 'simulcast:recv lo;x,hi']
    const { section: video, lines } = answer(offer)
    expect(lines).toEqual(['rid:lo send pt=96', 'rid:hi send', 'simulcast:send lo;hi'])
    expect(video?.layers?.map(({ rid }) => rid)).toEqual(['lo', 'hi'])
  })

  it('begins paused what is offered so, if it can be resumed', () => {
    const offer = [...NAMES, 'rid:0 recv', 'rid:1 recv', 'simulcast:recv 0;~1']
    const plain = answer(offer)
    expect(plain.lines.at(-1)).toBe('simulcast:send 0;1')
    expect(plain.section?.layers?.map(({ paused }) => paused)).toEqual([undefined, undefined])
    const pausing = answer([...offer, 'rtcp-fb:* ccm pause nowait'])
    expect(pausing.lines.at(-1)).toBe('simulcast:send 0;~1')
    expect(pausing.section?.layers?.map(({ paused }) => paused)).toEqual([undefined, true])
  })

  it('gets no more than the limit', () => {
    const rids = Array.from({ length: 12 }, (_, i) => String(i))
    const offer = [...NAMES, ...rids.map((rid) => `rid:${rid} recv`), `simulcast:recv ${rids.join(';')}`]
    expect(answer(offer).section?.layers).toHaveLength(8)
  })

  it.each([
    ['without the extension for rids', OFFERED.filter((line) => !line.includes('sdes:rtp-stream-id'))],
    ['without the extension for mids', OFFERED.filter((line) => !line.includes('sdes:mid'))],
    ['without the rids', OFFERED.filter((line) => !line.startsWith('rid:'))],
    ['with rids too long for packets', [...NAMES, 'rid:abcdefghijklmnopq recv', 'simulcast:recv abcdefghijklmnopq']],
    ['that asks to send', [...NAMES, 'rid:0 send', 'simulcast:send 0']],
  ])('%s gets one layer at a time', (_name, offer) => {
    const { section: video, lines } = answer(offer)
    expect(video).not.toHaveProperty('layers')
    expect(lines).toContain('ssrc-group:FID 1000 1001')
    expect(lines.join()).not.toContain('simulcast')
  })

  it('gets one layer at a time where that is all that is done, and no extension for it', () => {
    const { section: video, text } = answer(OFFERED, { ...FULL_CAPABILITIES, viewerLayers: 0 })
    expect(video).not.toHaveProperty('layers')
    expect(text).not.toContain('rtp-stream-id')
  })
})

describe('one that does not ask', () => {
  it('has no extension for rids in its answer, even if it offers it', () => {
    expect(answer(NAMES).text).not.toContain('rtp-stream-id')
  })
})
