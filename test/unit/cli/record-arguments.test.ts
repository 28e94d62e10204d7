/** `--record` on the command line. */
import { expect, it } from 'vitest'
import { parseArguments } from '../../../src/cli/parse-arguments.js'

it('records nothing unless it is told where', () => {
  expect(parseArguments(['serve'])).not.toHaveProperty('record')
  expect(parseArguments(['serve', '--record', 'here'])).toMatchObject({ record: { dir: 'here', format: 'webm' } })
  expect(parseArguments(['serve', '--record', 'x', '--record-format', 'mp4'])).toMatchObject({
    record: { dir: 'x', format: 'mp4' },
  })
})

it.each([
  [['--record-format', 'mp4'], '--record-format needs --record'],
  [['--record', ''], '--record needs a folder'],
  [['--record', 'x', '--record-format', 'avi'], '--record-format must be webm or mp4, not "avi"'],
])('refuses %j', (args, message) => {
  expect(() => parseArguments(['serve', ...args])).toThrow(message)
})
