import { describe, expect, it } from 'vitest'
import { FULL_CAPABILITIES, offerOf, publish, section, TRANSPORT, view } from './offers.js'

const LINE = 'a=rtcp-fb:* ccm pause nowait\r\n'

function offer(type: string, ...attributes: string[]): string {
  return offerOf(TRANSPORT, section({ type, mid: '0', attributes }))
}

describe.each(['audio', 'video'])('pausing of %s', (type) => {
  it('is taken from publishers and viewers, for all payload types', () => {
    for (const negotiate of [publish, view]) {
      const { answer, sections } = negotiate(offer(type, 'rtcp-fb:* ccm pause nowait'), FULL_CAPABILITIES)
      expect(answer).toContain(LINE)
      expect(sections[0]?.pause).toBe(true)
    }
  })

  it.each([
    ['nobody offers it', 'sendrecv'],
    ['others may have to be waited for', 'rtcp-fb:* ccm pause'],
    ['only half of it is done', 'rtcp-fb:* ccm pause config=2 nowait'],
    ['it is something else', 'rtcp-fb:* ccm paused nowait'],
  ])('is left out where %s', (_why, attribute) => {
    for (const negotiate of [publish, view]) {
      const { answer, sections } = negotiate(offer(type, attribute), FULL_CAPABILITIES)
      expect(answer).not.toContain('ccm pause')
      expect(sections[0]).not.toHaveProperty('pause')
    }
  })

  it('is left out where the profile has no feedback, or this side does not do it', () => {
    const plain = offerOf(TRANSPORT, section({ type, protocol: 'UDP/TLS/RTP/SAVP', attributes: [LINE.slice(2, -2)] }))
    expect(view(plain, FULL_CAPABILITIES).answer).not.toContain('ccm pause')
    const without = { ...FULL_CAPABILITIES, pause: false }
    expect(view(offer(type, 'rtcp-fb:* ccm pause nowait'), without).answer).not.toContain('ccm pause')
  })

  it('is taken with the default configuration written out', () => {
    expect(view(offer(type, 'rtcp-fb:* ccm pause config=1 nowait'), FULL_CAPABILITIES).answer).toContain(LINE)
  })
})
