/** The URL of a session is a secret: whoever guesses it could end the session of somebody else. */
import { expect, it } from 'vitest'
import { fakeSfu } from '../../support/fake-sfu.js'
import { VIEWER_OFFER } from '../../support/offers.js'

it('session ids have 128 random bits, and no two of them anything in common', async () => {
  const { sfu } = fakeSfu()
  const ids: Buffer[] = []
  for (let i = 0; i < 500; i++) {
    const { session } = await sfu.view(VIEWER_OFFER, { broadcast: 'main' })
    expect(session.id).toMatch(/^[\w-]{22}$/)
    ids.push(Buffer.from(session.id, 'base64url'))
  }
  expect(new Set(ids.map(String)).size).toBe(500)
  // Each of the 128 bits is one in about half of them; six standard deviations are 67.
  for (let bit = 0; bit < 128; bit++) {
    const ones = ids.filter((id) => (((id[bit >> 3] as number) >> (bit & 7)) & 1) === 1).length
    expect(Math.abs(ones - 250)).toBeLessThan(67)
  }
  await sfu.close()
})
