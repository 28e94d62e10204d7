import { expect, test } from 'vitest'
import { searchSaturation } from '../../bench/peers/saturation-search.mjs'

/** A server that sustains up to `limit`, and fails by accident at the looks of these numbers. */
function server(limit: number, accidents: readonly number[] = []) {
  const looks: { rate: number; isLong: boolean }[] = []
  const holds = async (rate: number, isLong: boolean): Promise<boolean> => {
    looks.push({ rate, isLong })
    return rate <= limit && !accidents.includes(looks.length - 1)
  }
  return { looks, holds }
}

test('the highest rate that holds for long is found within 5 %', async () => {
  for (const limit of [40, 251, 999, 3333, 7900]) {
    const { holds, looks } = server(limit)
    const found = await searchSaturation({ start: 250, max: 8000, holds })
    expect(found, `limit ${limit}`).toBeGreaterThan(limit / 1.08)
    expect(found).toBeLessThanOrEqual(limit)
    expect(looks.some((look) => look.isLong && look.rate === found)).toBe(true)
    expect(looks.length, `looks at ${limit}`).toBeLessThan(30)
  }
})

test('one look that fails by accident changes nothing', async () => {
  const plain = await searchSaturation({ start: 250, max: 8000, holds: server(2000).holds })
  for (let accident = 0; accident < 8; accident++) {
    const { holds } = server(2000, [accident])
    expect(await searchSaturation({ start: 250, max: 8000, holds })).toBe(plain)
  }
})

test('a guess saves the search, and goes down where it does not hold any more', async () => {
  const good = server(2000)
  expect(await searchSaturation({ start: 250, max: 8000, guess: 1950, holds: good.holds })).toBe(1950)
  expect(good.looks[0]).toEqual({ rate: 1950, isLong: true })
  expect(await searchSaturation({ start: 250, max: 8000, guess: 2400, holds: server(2000).holds })).toBeGreaterThan(
    1900,
  )
})

test('a server that sustains nothing has no rate, and one that sustains everything the highest', async () => {
  expect(await searchSaturation({ start: 250, max: 8000, holds: server(1).holds })).toBeUndefined()
  expect(await searchSaturation({ start: 250, max: 8000, holds: server(1e9).holds })).toBe(8000)
})
