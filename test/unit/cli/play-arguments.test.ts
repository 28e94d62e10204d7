import { expect, it } from 'vitest'
import { parseArguments } from '../../../src/cli/parse-arguments.js'
import { UsageError } from '../../../src/cli/usage-error.js'

function play(args: readonly string[]) {
  const command = parseArguments(['serve', ...args])
  return command.name === 'serve' ? command.play : undefined
}

it('takes files by broadcast; those of one name follow each other', () => {
  expect(play([])).toBeUndefined()
  expect(play(['--play', 'main=film.webm'])).toEqual({
    broadcasts: [{ name: 'main', paths: ['film.webm'] }],
    loop: false,
  })
  expect(play(['--play', 'a=1.webm', '--play', 'b=x=y.mp4', '--play', 'a=2.webm', '--loop'])).toEqual({
    broadcasts: [
      { name: 'a', paths: ['1.webm', '2.webm'] },
      { name: 'b', paths: ['x=y.mp4'] },
    ],
    loop: true,
  })
})

it.each([
  [['--loop'], '--loop needs --play'],
  [['--play', 'film.webm'], '--play must be'],
  [['--play', '=film.webm'], '--play must be'],
  [['--play', 'main='], '--play must be'],
])('refuses %j', (args, message) => {
  expect(() => play(args)).toThrow(UsageError)
  expect(() => play(args)).toThrow(message)
})
