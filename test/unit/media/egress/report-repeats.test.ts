import { expect, test } from 'vitest'
import { ReportRepeats } from '../../../../src/media/egress/report-repeats.js'

const KHZ = 90
const UNIX_MS = 1_700_000_000_000

/** A stream whose timestamps are `offMs` off, in core time. */
function report(repeats: ReportRepeats, nowMs: number, offMs = 0): void {
  const timestamp = (0xffff_0000 + Math.round((nowMs + offMs) * KHZ)) >>> 0
  repeats.sent(UNIX_MS + nowMs, timestamp, KHZ * 1000, nowMs)
}

test('reports that agree with each other are not repeated', () => {
  const repeats = new ReportRepeats()
  for (let nowMs = 0; nowMs < 60_000; nowMs += 1000) {
    report(repeats, nowMs, (nowMs / 1000) % 2 === 0 ? 0 : 9)
    expect(repeats.dueMs).toBe(Number.POSITIVE_INFINITY)
  }
})

test('one that contradicts the last is followed by nineteen, 100 ms apart, and by more if one of those does', () => {
  for (const offMs of [11, -11, 3_600_000]) {
    const repeats = new ReportRepeats()
    report(repeats, 0)
    let nowMs = 700
    report(repeats, nowMs, offMs)
    let repeated = 0
    for (; repeats.dueMs < Number.POSITIVE_INFINITY; repeated++) {
      expect(repeats.dueMs).toBe(nowMs + 100)
      nowMs = repeats.dueMs
      report(repeats, nowMs, repeated < 5 ? offMs : 2 * offMs)
    }
    expect(repeated).toBe(6 + 19)
  }
})

test('where there is no room for a report, or nothing to report on, nothing is due at once', () => {
  const repeats = new ReportRepeats()
  report(repeats, 0)
  report(repeats, 1000, 50)
  repeats.next(1100)
  expect(repeats.dueMs).toBe(1200)
  repeats.stop()
  expect(repeats.dueMs).toBe(Number.POSITIVE_INFINITY)
  repeats.next(1300)
  expect(repeats.dueMs).toBe(Number.POSITIVE_INFINITY)
})
