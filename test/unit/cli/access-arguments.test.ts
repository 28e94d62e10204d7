import { expect, it } from 'vitest'
import { parseArguments } from '../../../src/cli/parse-arguments.js'
import { UsageError } from '../../../src/cli/usage-error.js'

const KEY = 'a-publish-key-of-mine'
const SECRET = 'a secret of at least thirty-two bytes'

function access(args: readonly string[], env: Record<string, string> = {}) {
  const command = parseArguments(['serve', ...args], env)
  return command.name === 'serve' ? command.access : undefined
}

it('takes keys, secrets and key sets', () => {
  expect(access([])).toEqual({})
  expect(access(['--publish-key', KEY])).toEqual({ publishKey: KEY })
  const ending = { tokenSecret: SECRET, endAtExpiry: true }
  expect(access(['--token-secret', SECRET, '--end-at-expiry'])).toEqual(ending)
  const tokens = ['--token-secret', SECRET, '--token-audience', 'a', '--token-audience', 'b', '--token-issuer', 'c']
  expect(access(tokens)).toEqual({ tokenSecret: SECRET, tokenAudience: ['a', 'b'], tokenIssuer: ['c'] })
  expect(access(['--jwks', 'https://id.example.org/keys'])).toEqual({ jwks: 'https://id.example.org/keys' })
})

it('takes secrets from the environment, and from the options before that', () => {
  const env = { PUBLISH_KEY: KEY, TOKEN_SECRET: SECRET, ADMIN_KEY: `${KEY}-3` }
  expect(access([], env)).toEqual({ publishKey: KEY, tokenSecret: SECRET, adminKey: `${KEY}-3` })
  expect(access(['--publish-key', `${KEY}-2`], { PUBLISH_KEY: KEY })).toEqual({ publishKey: `${KEY}-2` })
  expect(access([], { PUBLISH_KEY: '', TOKEN_SECRET: '' })).toEqual({})
})

it('takes who gets the dashboard', () => {
  expect(access(['--dashboard', 'local'])).toEqual({ dashboard: 'local' })
  expect(access(['--dashboard=off'])).toEqual({ dashboard: 'off' })
  expect(access(['--dashboard', 'key'], { ADMIN_KEY: KEY })).toEqual({ adminKey: KEY, dashboard: 'key' })
})

it('takes the number or the addresses of proxies', () => {
  expect(access(['--trust-proxy', '1'])).toEqual({ trustProxy: 1 })
  expect(access(['--trust-proxy', '10.0.0.0/8, ::1'])).toEqual({ trustProxy: ['10.0.0.0/8', '::1'] })
})

it.each([
  [['--publish-key', 'short'], {}, '--publish-key'],
  [['--publish-key', 'a key with some spaces'], {}, '--publish-key'],
  [[], { PUBLISH_KEY: 'short' }, 'PUBLISH_KEY'],
  [['--admin-key', 'short'], {}, '--admin-key'],
  [[], { ADMIN_KEY: 'short' }, 'ADMIN_KEY'],
  [['--token-secret', 'short'], {}, '--token-secret'],
  [[], { TOKEN_SECRET: 'short' }, 'TOKEN_SECRET'],
  [['--token-secret', SECRET, '--jwks', 'keys.json'], {}, '--jwks'],
  [['--jwks', 'keys.json'], { TOKEN_SECRET: SECRET }, 'TOKEN_SECRET'],
  [['--token-audience', 'a'], {}, '--token-audience'],
  [['--end-at-expiry'], {}, '--end-at-expiry'],
  [['--dashboard', 'on'], {}, '--dashboard must be local, key, off'],
  [['--dashboard', 'key'], {}, '--admin-key'],
])('refuses %j with %j, and does not repeat secrets', (args, env, place) => {
  const parse = () => access(args, env as Record<string, string>)
  expect(parse).toThrow(UsageError)
  expect(parse).toThrow(place)
  expect(parse).not.toThrow(/short|some spaces|thirty/)
})
