import { expect, it } from 'vitest'
import { ProgressLine, progressText } from '../../../src/cli/progress-line.js'

function terminal(isTTY: boolean, columns = 80) {
  const written: string[] = []
  return { isTTY, columns, written, write: (text: string) => written.push(text) }
}

it.each([
  [0, 60_000, '[--------------------] 0:00 / 1:00'],
  [30_000, 60_000, '[##########----------] 0:30 / 1:00'],
  [90_000, 60_000, '[####################] 1:30 / 1:00'],
  [3_723_999, 7_200_000, '[##########----------] 1:02:03 / 2:00:00'],
  [61_000, undefined, '1:01'],
  [61_000, 0, '1:01'],
])('at %d of %d ms is %s', (positionMs, durationMs, text) => {
  expect(progressText({ positionMs, durationMs })).toBe(text)
})

it('keeps one line at the bottom of a terminal, and other lines above it', () => {
  const screen = terminal(true, 30)
  const line = new ProgressLine(screen)
  line.update('main', 'film.webm', { positionMs: 1000, durationMs: undefined })
  line.say('hello')
  line.update('b', 'other.ivf', { positionMs: 2000, durationMs: undefined })
  line.remove('main')
  line.end()
  line.say('goodbye\n')
  expect(screen.written).toEqual([
    '\r\u001b[2Kmain: film.webm 0:01',
    '\r\u001b[2K',
    'hello\n',
    '\r\u001b[2Kmain: film.webm 0:01',
    // No longer than the terminal is wide.
    '\r\u001b[2Kmain: film.webm 0:01   b: oth',
    '\r\u001b[2K',
    '\r\u001b[2Kb: other.ivf 0:02',
    '\r\u001b[2K',
    'goodbye\n',
  ])
})

it('writes no progress into a file or a pipe', () => {
  const screen = terminal(false)
  const line = new ProgressLine(screen)
  line.update('main', 'film.webm', { positionMs: 1000, durationMs: 2000 })
  line.say('hello')
  line.end()
  expect(screen.written).toEqual(['hello\n'])
})
