import { expect, test } from 'vitest'
import { SpeechMeter, type SpeechReport } from '../../../../src/media/audio/speech-meter.js'
import { SeededRandom } from '../../../../src/testing/seeded-random.js'

const LOUD = 25
const SILENT = 127

/** A sender with a packet every 20 ms. */
class Speaker {
  readonly meter = new SpeechMeter()
  readonly reports: (SpeechReport & { readonly atMs: number })[] = []
  ticks = 0
  nowMs = 1_000_010

  /** Sends packets with `octet`, none if undefined, for so long. */
  say(octet: number | undefined, durationMs: number): void {
    for (const endMs = this.nowMs + durationMs; this.nowMs < endMs; this.nowMs += 20) {
      while (this.meter.dueMs <= this.nowMs) this.#tick(this.meter.dueMs)
      if (octet !== undefined) this.meter.add(octet, this.nowMs)
    }
  }

  #tick(atMs: number): void {
    this.ticks++
    const report = this.meter.tick(atMs)
    if (report) this.reports.push({ ...report, atMs })
  }
}

test('tells that speech begins, how loud it is, and that it has ended', () => {
  const speaker = new Speaker()
  speaker.say(SILENT, 1000)
  const beginsMs = speaker.nowMs
  speaker.say(LOUD, 2000)
  const endsMs = speaker.nowMs
  speaker.say(SILENT, 5000)
  const [first, ...others] = speaker.reports
  const last = others.pop()
  expect(first).toMatchObject({ speaking: true, changed: true })
  expect((first?.atMs ?? 0) - beginsMs).toBeLessThanOrEqual(600)
  expect(last).toMatchObject({ speaking: false, changed: true })
  expect((last?.atMs ?? 0) - endsMs).toBeLessThanOrEqual(1200)
  expect(others.every(({ speaking, changed }) => speaking && !changed)).toBe(true)
  // Five a second.
  expect(others.length).toBeGreaterThan(10)
  expect(others.length).toBeLessThan(16)
  expect(others[5]?.levelDbov).toBeGreaterThan(-28)
})

test('is not called while nothing is heard, packets or none', () => {
  const speaker = new Speaker()
  speaker.say(SILENT, 10_000)
  speaker.say(undefined, 10_000)
  speaker.say(75, 10_000)
  expect(speaker.ticks).toBe(0)
  speaker.say(LOUD, 500)
  speaker.say(undefined, 60_000)
  expect(speaker.meter.dueMs).toBe(Number.POSITIVE_INFINITY)
  expect(speaker.ticks).toBeLessThan(12)
})

test('a sender that sends nothing while it is silent has ended like any other', () => {
  const speaker = new Speaker()
  speaker.say(LOUD, 1000)
  speaker.say(undefined, 3000)
  expect(speaker.reports.at(-1)).toMatchObject({ speaking: false, changed: true })
})

test('where the voice bit is used, packets without it are no speech; where it is not, the level decides', () => {
  const without = new Speaker()
  without.say(LOUD, 1000)
  expect(without.reports[0]).toMatchObject({ speaking: true })
  const withBit = new Speaker()
  withBit.say(0x80 | LOUD, 1000)
  expect(withBit.reports[0]).toMatchObject({ speaking: true })
  withBit.say(LOUD, 3000)
  expect(withBit.reports.at(-1)).toMatchObject({ speaking: false })
})

test('windows end together, whenever their first packet came', () => {
  const [a, b] = [new SpeechMeter(), new SpeechMeter()]
  a.add(LOUD, 1_000_003)
  b.add(LOUD, 1_000_177)
  expect([a.dueMs, b.dueMs]).toEqual([1_000_200, 1_000_200])
})

test.each([1, 2, 3])('one word in a noisy room is told once, seed %i', (seed) => {
  const random = new SeededRandom(seed)
  const speaker = new Speaker()
  for (let i = 0; i < 1000; i++) speaker.say(random.integer(50, 58), 20)
  speaker.reports.length = 0
  for (let i = 0; i < 40; i++) speaker.say(random.integer(18, 34), 20)
  for (let i = 0; i < 300; i++) speaker.say(random.integer(50, 58), 20)
  expect(speaker.reports.filter(({ changed }) => changed).map(({ speaking }) => speaking)).toEqual([true, false])
})
