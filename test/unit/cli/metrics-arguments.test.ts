import { expect, it } from 'vitest'
import { parseArguments } from '../../../src/cli/parse-arguments.js'
import { UsageError } from '../../../src/cli/usage-error.js'

const KEY = 'a-metrics-key-of-mine'

function metrics(args: readonly string[], env: Record<string, string> = {}) {
  const command = parseArguments(['serve', ...args], env)
  return command.name === 'serve' ? command.metrics : undefined
}

it('has metrics where they are asked for, open or behind a key', () => {
  expect(metrics([])).toBeUndefined()
  expect(metrics([], { METRICS_KEY: KEY })).toBeUndefined()
  expect(metrics(['--metrics'])).toEqual({})
  expect(metrics(['--metrics'], { METRICS_KEY: '' })).toEqual({})
  expect(metrics(['--metrics'], { METRICS_KEY: KEY })).toEqual({ token: KEY })
  expect(metrics(['--metrics', '--metrics-key', `${KEY}-2`], { METRICS_KEY: KEY })).toEqual({ token: `${KEY}-2` })
})

it.each([
  [['--metrics-key', KEY], {}, '--metrics'],
  [['--metrics', '--metrics-key', 'short'], {}, '--metrics-key'],
  [['--metrics', '--metrics-key', ''], {}, '--metrics-key'],
  [['--metrics'], { METRICS_KEY: 'short' }, 'METRICS_KEY'],
])('refuses %j with %j, and does not repeat the key', (args, env, place) => {
  const parse = () => metrics(args, env as Record<string, string>)
  expect(parse).toThrow(UsageError)
  expect(parse).toThrow(place)
  expect(parse).not.toThrow(/short/)
})
