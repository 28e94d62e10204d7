import { describe, expect, it } from 'vitest'
import { EXTENSION_URI } from '../../../src/rtp/extension-uri.js'
import { FULL_CAPABILITIES, offerOf, publish, section, TRANSPORT } from './offers.js'

const answer = (...attributes: string[]) => {
  const offer = offerOf(TRANSPORT, section({ mid: 'v', attributes: [`extmap:1 ${EXTENSION_URI.rid}`, ...attributes] }))
  const negotiation = publish(offer, FULL_CAPABILITIES)
  const lines = negotiation.answer.match(/^a=(?:rid|simulcast):.*$/gm) ?? []
  return { rids: negotiation.sections[0]?.rids, lines: lines.map((line) => line.slice(2).trim()) }
}

describe('simulcast', () => {
  it('is answered with all rids, in the order of the streams', () => {
    expect(answer('rid:h send', 'rid:q send', 'simulcast:send q;h')).toEqual({
      rids: ['q', 'h'],
      lines: ['rid:q recv', 'rid:h recv', 'simulcast:recv q;h'],
    })
  })

  it('takes the first usable of alternatives', () => {
    expect(answer('rid:b send', 'rid:c send', 'rid:d recv', 'simulcast:send a,d,b;c').rids).toEqual(['b', 'c'])
  })

  it('keeps a stream paused that begins so', () => {
    expect(answer('rid:q send', 'rid:h send', 'simulcast:send q;~h').lines.at(-1)).toBe('simulcast:recv q;~h')
  })

  it('keeps restrictions that are known, drops rids with others, and payload types that are not accepted', () => {
    const { rids, lines } = answer(
      'rid:a send max-width=320;pt=96,97;max-fps=15',
      'rid:b send pt=97',
      'rid:c send min-joy=1',
      'rid:d send',
      'simulcast:send a;b;c;d',
    )
    expect(rids).toEqual(['a', 'd'])
    expect(lines).toEqual(['rid:a recv pt=96;max-width=320;max-fps=15', 'rid:d recv', 'simulcast:recv a;d'])
  })

  it('is left out without rids, without streams, and without the header extension', () => {
    const none = { rids: [], lines: [] }
    expect(answer('simulcast:send q;h')).toEqual(none)
    expect(answer('rid:q send')).toEqual(none)
    expect(answer('rid:q recv', 'simulcast:recv q')).toEqual(none)
    const offer = offerOf(TRANSPORT, section({ attributes: ['rid:q send', 'simulcast:send q'] }))
    expect(publish(offer, FULL_CAPABILITIES).sections[0]?.rids).toEqual([])
  })
})
