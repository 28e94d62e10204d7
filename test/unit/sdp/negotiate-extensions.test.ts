import { describe, expect, it } from 'vitest'
import { EXTENSION_URI } from '../../../src/rtp/extension-uri.js'
import { checkAnswer } from './answer-invariants.js'
import { offerOf, publish, section, TRANSPORT, view } from './offers.js'

const { mid, rid, videoOrientation, audioLevel, playoutDelay } = EXTENSION_URI
const offer = (extensions: readonly string[], session: readonly string[] = [], name = 'v') =>
  offerOf(
    [...TRANSPORT, ...session],
    section({ mid: name === '' ? undefined : name, attributes: extensions.map((one) => `extmap:${one}`) }),
  )
const ids = (run: typeof publish | typeof view, text: string) => {
  const negotiation = run(text)
  checkAnswer(text, run === publish ? 'publisher' : 'viewer', negotiation)
  return negotiation.sections[0]?.extensions.map(({ id }) => id)
}

describe('header extensions', () => {
  it('are taken under the ids of the offer where they can be used', () => {
    const text = offer([`9 ${mid}`, `3 ${videoOrientation}`, '4 urn:x:unknown', `5 ${rid}`])
    expect(ids(publish, text)).toEqual([9, 3, 5])
    expect(ids(view, text), 'a viewer gets no rid').toEqual([9, 3])
  })

  it('go in the direction that was offered', () => {
    const text = offer([
      `1/sendonly ${mid}`,
      `2/recvonly ${videoOrientation}`,
      `3/sendrecv ${playoutDelay}`,
      '4/inactive urn:x',
    ])
    expect(ids(publish, text)).toEqual([1, 3])
    expect(ids(view, text)).toEqual([2, 3])
    expect(publish(text).answer.match(/^a=extmap:.*?(?= )/gm)).toEqual(['a=extmap:1/recvonly', 'a=extmap:3/recvonly'])
    expect(view(text).answer.match(/^a=extmap:.*?(?= )/gm)).toEqual(['a=extmap:2/sendonly', 'a=extmap:3/sendonly'])
  })

  it('may be offered for the whole session', () => {
    expect(ids(view, offer([`3 ${videoOrientation}`], [`extmap:9 ${mid}`]))).toEqual([3, 9])
  })

  it('are taken once under one id', () => {
    expect(ids(view, offer([`3 ${mid}`, `4 ${mid}`, `3 ${videoOrientation}`]))).toEqual([3])
  })

  it('keep one meaning per id within a bundle', () => {
    const text = offerOf(
      ['group:BUNDLE a v', ...TRANSPORT],
      section({ type: 'audio', mid: 'a', attributes: [`extmap:1 ${audioLevel}`, `extmap:2 ${mid}`] }),
      section({ mid: 'v', attributes: [`extmap:1 ${videoOrientation}`, `extmap:2 ${mid}`] }),
    )
    const negotiation = publish(text)
    expect(negotiation.sections.map(({ extensions }) => extensions.map(({ id }) => id))).toEqual([[1, 2], [2]])
  })

  it('with ids of the two-byte form go to viewers that can tell the forms apart', () => {
    const extensions = [`15 ${mid}`, `255 ${videoOrientation}`, `4096 ${playoutDelay}`]
    expect(ids(publish, offer(extensions))).toEqual([15, 255])
    expect(ids(view, offer(extensions))).toEqual([])
    expect(ids(view, offer(extensions, ['extmap-allow-mixed']))).toEqual([15, 255])
  })

  it('say the mid only where there is one that fits', () => {
    expect(ids(view, offer([`1 ${mid}`], [], ''))).toEqual([])
    expect(ids(view, offer([`1 ${mid}`], [], 'm'.repeat(16)))).toEqual([1])
    expect(ids(view, offer([`1 ${mid}`], [], 'm'.repeat(17)))).toEqual([])
  })
})
