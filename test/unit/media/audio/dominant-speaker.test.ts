import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DominantSpeaker } from '../../../../src/media/audio/dominant-speaker.js'

/** Everybody in `levels` reports five times a second; returns who was dominant after each round. */
function talk(
  dominant: DominantSpeaker,
  levels: Readonly<Record<string, number>>,
  fromMs: number,
  durationMs: number,
): (string | undefined)[] {
  const seen: (string | undefined)[] = []
  for (let nowMs = fromMs; nowMs < fromMs + durationMs; nowMs += 200) {
    for (const [id, levelDbov] of Object.entries(levels)) dominant.speaks(id, levelDbov, nowMs)
    seen.push(dominant.current)
  }
  return seen
}

test('the only one who speaks is it, until nobody does', () => {
  const dominant = new DominantSpeaker()
  expect(dominant.current).toBeUndefined()
  dominant.speaks('a', -50, 0)
  expect(dominant.current).toBe('a')
  dominant.stops('nobody')
  expect(dominant.current).toBe('a')
  dominant.stops('a')
  expect(dominant.current).toBeUndefined()
})

test('somebody clearly louder takes over, after a while', () => {
  const dominant = new DominantSpeaker()
  talk(dominant, { a: -30 }, 0, 1000)
  const seen = talk(dominant, { a: -30, b: -20 }, 1000, 2000)
  expect(seen.indexOf('b') * 200).toBe(600)
  expect(seen.slice(seen.indexOf('b')).every((id) => id === 'b')).toBe(true)
})

test('somebody about as loud does not, however long', () => {
  const dominant = new DominantSpeaker()
  talk(dominant, { a: -30 }, 0, 200)
  expect(new Set(talk(dominant, { a: -30, b: -25 }, 200, 60_000))).toEqual(new Set(['a']))
})

test('a loud word does not, however often', () => {
  const dominant = new DominantSpeaker()
  talk(dominant, { a: -30 }, 0, 200)
  for (let i = 0; i < 50; i++) {
    talk(dominant, { a: -30, b: -10 }, i * 1000, 600)
    talk(dominant, { a: -30, b: -40 }, i * 1000 + 600, 400)
  }
  expect(dominant.current).toBe('a')
})

test('whoever is loudest follows one who falls silent', () => {
  const dominant = new DominantSpeaker()
  talk(dominant, { a: -20 }, 0, 200)
  talk(dominant, { a: -20, b: -40, c: -35, d: -50 }, 200, 1000)
  dominant.stops('a')
  expect(dominant.current).toBe('c')
  dominant.stops('b')
  expect(dominant.current).toBe('c')
})

test('of two who are clearly louder, it is the louder one', () => {
  const dominant = new DominantSpeaker()
  talk(dominant, { a: -40 }, 0, 200)
  const seen = talk(dominant, { a: -40, b: -30, c: -20 }, 200, 2000)
  expect([...new Set(seen)]).toEqual(['a', 'c'])
})

test('one who has just taken over is not held to how loud others were before', () => {
  const dominant = new DominantSpeaker()
  talk(dominant, { a: -40 }, 0, 200)
  const seen = talk(dominant, { a: -40, b: -20, c: -30 }, 200, 10_000)
  expect([...new Set(seen)]).toEqual(['a', 'b'])
})

test('whatever is told, the dominant one is one of those who speak', () => {
  const step = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.option(fc.integer({ min: -90, max: 0 })), fc.nat(1000))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const dominant = new DominantSpeaker()
      const speaking = new Set<string>()
      let nowMs = 0
      for (const [id, levelDbov, afterMs] of steps) {
        nowMs += afterMs
        if (levelDbov === null) {
          dominant.stops(id)
          speaking.delete(id)
        } else {
          dominant.speaks(id, levelDbov, nowMs)
          speaking.add(id)
        }
        if (speaking.size === 0) expect(dominant.current).toBeUndefined()
        else expect([...speaking]).toContain(dominant.current)
      }
    }),
  )
})
