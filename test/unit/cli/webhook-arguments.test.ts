import { expect, it } from 'vitest'
import { parseArguments } from '../../../src/cli/parse-arguments.js'
import { UsageError } from '../../../src/cli/usage-error.js'

const URL_TEXT = 'https://example.org/hooks'
const SECRET = 'a secret of at least thirty-two bytes'

function webhook(args: readonly string[], env: Record<string, string> = {}) {
  const command = parseArguments(['serve', ...args], env)
  return command.name === 'serve' ? command.webhook : undefined
}

it('takes a URL, a secret and events', () => {
  expect(webhook([])).toBeUndefined()
  expect(webhook([], { WEBHOOK_SECRET: SECRET })).toBeUndefined()
  expect(webhook(['--webhook', URL_TEXT, '--webhook-secret', SECRET])).toEqual({ url: URL_TEXT, secret: SECRET })
  expect(webhook(['--webhook', URL_TEXT], { WEBHOOK_SECRET: SECRET })).toEqual({ url: URL_TEXT, secret: SECRET })
  const events = ['--webhook-event', 'live', '--webhook-event', 'idle']
  expect(webhook(['--webhook', URL_TEXT, ...events], { WEBHOOK_SECRET: SECRET })?.events).toEqual(['live', 'idle'])
})

it.each([
  [['--webhook', 'example.org', '--webhook-secret', SECRET], {}, '--webhook must'],
  [['--webhook', 'file:///etc/passwd', '--webhook-secret', SECRET], {}, '--webhook must'],
  [['--webhook', URL_TEXT], {}, '--webhook-secret'],
  [['--webhook', URL_TEXT], { WEBHOOK_SECRET: '' }, '--webhook-secret'],
  [['--webhook', URL_TEXT], { WEBHOOK_SECRET: 'short' }, 'WEBHOOK_SECRET'],
  [['--webhook', URL_TEXT, '--webhook-secret', 'short'], {}, '--webhook-secret'],
  [['--webhook-secret', SECRET], {}, 'need --webhook'],
  [['--webhook-event', 'live'], {}, 'need --webhook'],
  [['--webhook', URL_TEXT, '--webhook-secret', SECRET, '--webhook-event', 'x'], {}, '--webhook-event'],
])('refuses %j with %j, and does not repeat the secret', (args, env, place) => {
  const parse = () => webhook(args, env as Record<string, string>)
  expect(parse).toThrow(UsageError)
  expect(parse).toThrow(place)
  expect(parse).not.toThrow(/short|thirty/)
})
