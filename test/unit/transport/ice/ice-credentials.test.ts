import { expect, test } from 'vitest'
import { randomIceCredentials } from '../../../../src/transport/ice/ice-credentials.js'

test('credentials have the letters and lengths of RFC 8839 and do not repeat', () => {
  const seen = new Set<string>()
  for (let i = 0; i < 200; i++) {
    const { iceUfrag, icePwd } = randomIceCredentials()
    expect(iceUfrag).toMatch(/^[A-Za-z0-9+/]{8}$/)
    expect(icePwd).toMatch(/^[A-Za-z0-9+/]{24}$/)
    seen.add(iceUfrag).add(icePwd)
  }
  expect(seen.size).toBe(400)
})

test('a ufrag that is taken is not given', () => {
  const refused: string[] = []
  const { iceUfrag } = randomIceCredentials((ufrag) => refused.push(ufrag) < 4)
  expect(refused).toHaveLength(4)
  expect(iceUfrag).toBe(refused[3])
})
