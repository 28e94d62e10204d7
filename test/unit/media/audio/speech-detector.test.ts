import { expect, test } from 'vitest'
import { SpeechDetector } from '../../../../src/media/audio/speech-detector.js'

/** Observes `count` windows of that level; returns after how many `speaking` changed, 0 if it did not. */
function hear(detector: SpeechDetector, levelDbov: number | undefined, count: number): number {
  const before = detector.speaking
  let changedAfter = 0
  for (let i = 1; i <= count; i++) {
    detector.observe(levelDbov)
    if (changedAfter === 0 && detector.speaking !== before) changedAfter = i
  }
  return changedAfter
}

test('speech begins with its second window and ends with the fifth without', () => {
  const detector = new SpeechDetector()
  hear(detector, -80, 10)
  expect(hear(detector, -25, 5)).toBe(2)
  expect(hear(detector, -80, 10)).toBe(5)
})

test('a click is not speech, a breath does not end it', () => {
  const detector = new SpeechDetector()
  hear(detector, -70, 10)
  for (let i = 0; i < 20; i++) {
    expect(hear(detector, -15, 1)).toBe(0)
    expect(hear(detector, -70, 1)).toBe(0)
  }
  hear(detector, -15, 3)
  expect(hear(detector, -70, 4)).toBe(0)
  expect(hear(detector, -15, 1)).toBe(0)
  expect(hear(detector, -70, 4)).toBe(0)
  expect(detector.speaking).toBe(true)
})

test('windows without packets are silence, and say nothing about the background', () => {
  const detector = new SpeechDetector()
  hear(detector, -50, 60)
  expect(detector.speaking).toBe(false)
  hear(detector, undefined, 100)
  // Still 10 dB above the background of before is needed.
  hear(detector, -45, 3)
  expect(detector.speaking).toBe(false)
  hear(detector, -30, 3)
  expect(detector.speaking).toBe(true)
  expect(hear(detector, undefined, 10)).toBe(5)
})

test('what lasts becomes background; speech with pauses does not', () => {
  const fan = new SpeechDetector()
  hear(fan, -48, 2)
  expect(fan.speaking).toBe(true)
  expect(hear(fan, -48, 100)).toBeLessThan(25)
  expect(fan.speaking).toBe(false)
  const speech = new SpeechDetector()
  for (let i = 0; i < 300; i++) {
    hear(speech, -30, 9)
    hear(speech, -58, 2)
    expect(speech.speaking).toBe(true)
  }
})

test('the faintest sound never is speech, the loudest always is', () => {
  const detector = new SpeechDetector()
  expect(hear(detector, -61, 50)).toBe(0)
  hear(detector, -10, 2)
  // Minutes of music.
  expect(hear(detector, -10, 1000)).toBe(0)
  expect(detector.speaking).toBe(true)
})

test('the level follows quickly up, slowly down, and begins anew after a rest', () => {
  const detector = new SpeechDetector()
  hear(detector, -20, 5)
  expect(detector.levelDbov).toBeGreaterThan(-23)
  hear(detector, -70, 2)
  expect(detector.levelDbov).toBeGreaterThan(-35)
  expect(detector.rests).toBe(false)
  hear(detector, -70, 10)
  expect(detector).toMatchObject({ rests: true, levelDbov: -70 })
})

test('it does not rest while background can be heard, which it has to learn', () => {
  const detector = new SpeechDetector()
  hear(detector, -52, 10)
  expect(detector).toMatchObject({ speaking: false, rests: false })
  hear(detector, -75, 1)
  expect(detector.rests).toBe(true)
})
