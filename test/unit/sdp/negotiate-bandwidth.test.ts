import { expect, it } from 'vitest'
import { DEFAULT_CAPABILITIES } from '../../../src/sdp/capabilities.js'
import { checkAnswer } from './answer-invariants.js'
import { offerOf, publish, section, TRANSPORT } from './offers.js'

const offer = offerOf(
  ['group:BUNDLE a v', ...TRANSPORT],
  section({ type: 'audio', mid: 'a', direction: 'sendonly' }),
  section({ mid: 'v', direction: 'sendonly' }),
)

it('caps video in kilobits and exactly, right behind the connection line', () => {
  const negotiation = publish(offer, DEFAULT_CAPABILITIES, { maxBitrateBps: 1_234_567 })
  checkAnswer(offer, 'publisher', negotiation)
  const [, audio = '', video = ''] = negotiation.answer.split(/^m=/m)
  expect(audio).not.toContain('b=')
  expect(video).toContain('c=IN IP4 0.0.0.0\r\nb=AS:1235\r\nb=TIAS:1234567\r\na=mid:v\r\n')
})

it('says nothing about bandwidth without a cap', () => {
  expect(publish(offer).answer).not.toMatch(/^b=/m)
})
