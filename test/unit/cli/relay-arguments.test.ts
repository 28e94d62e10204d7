import { describe, expect, it } from 'vitest'
import { parseArguments } from '../../../src/cli/parse-arguments.js'
import { runRelays } from '../../../src/cli/run-relays.js'
import { UsageError } from '../../../src/cli/usage-error.js'
import { BroadcastError } from '../../../src/errors.js'

const relays = (args: string[], env = {}) => {
  const command = parseArguments(['serve', ...args], env)
  return command.name === 'serve' ? command.relays : undefined
}

describe('--pull and --push', () => {
  it('name a broadcast and where it comes from or goes', () => {
    const args = [
      '--pull',
      'main=https://a.test/whep/x?y=z',
      '--push=other one=http://b.test:81/whip/x',
      '--pull',
      'b=http://c.test/',
    ]
    expect(relays(args)).toEqual([
      { kind: 'pull', name: 'main', url: 'https://a.test/whep/x?y=z', token: undefined },
      { kind: 'pull', name: 'b', url: 'http://c.test/', token: undefined },
      { kind: 'push', name: 'other one', url: 'http://b.test:81/whip/x', token: undefined },
    ])
    expect(relays([])).toBeUndefined()
  })

  it('have one token, or each its own', () => {
    const args = ['--pull', 'a=https://a.test/', '--pull', 'b=https://t%2F1@b.test/']
    const tokens = (env: object, ...more: string[]) => relays([...args, ...more], env)?.map(({ token }) => token)
    expect(tokens({})).toEqual([undefined, 't/1'])
    expect(tokens({ RELAY_TOKEN: '' })).toEqual([undefined, 't/1'])
    expect(tokens({ RELAY_TOKEN: 'env' })).toEqual(['env', 't/1'])
    expect(tokens({ RELAY_TOKEN: 'env' }, '--relay-token', 'flag')).toEqual(['flag', 't/1'])
    expect(relays(args)?.[1]?.url).toBe('https://b.test/')
  })

  it.each(['main', '=https://a.test/', 'main=', 'main=a.test', 'main=ftp://a.test/', 'main=/whep/x'])(
    'are none: %s',
    (text) => {
      expect(() => relays(['--pull', text])).toThrow(UsageError)
      expect(() => relays(['--push', text])).toThrow('whip endpoint')
    },
  )

  it('do not show the token of what is wrong', () => {
    expect(() => relays(['--pull', 'main=ftp://secret@a.test/'])).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    )
  })

  it('are what the token is for', () => {
    expect(() => relays(['--relay-token', 'x'])).toThrow('needs --pull or --push')
    expect(relays([], { RELAY_TOKEN: 'x' })).toBeUndefined()
  })
})

it('they begin, and are told of', () => {
  const begun: unknown[] = []
  const said: string[] = []
  const begin = (kind: string, name: string) => (url: string, options: object) => {
    begun.push([kind, name, url, options])
    const on = (_event: 'state', listener: (state: string, error: BroadcastError | undefined) => void) => {
      listener('connected', undefined)
      listener('reconnecting', new BroadcastError('relay-lost', 'it is lost'))
    }
    return { on }
  }
  const target = { broadcast: (name: string) => ({ pull: begin('pull', name), push: begin('push', name) }) }
  runRelays(
    target,
    [
      { kind: 'pull', name: 'main', url: 'https://a.test/x', token: 't' },
      { kind: 'push', name: 'b', url: 'https://b.test:81/x', token: undefined },
    ],
    (text) => said.push(text),
  )
  expect(begun).toEqual([
    ['pull', 'main', 'https://a.test/x', { token: 't' }],
    ['push', 'b', 'https://b.test:81/x', {}],
  ])
  expect(said).toEqual([
    'main: pulled from a.test is connected',
    'main: pulled from a.test is reconnecting: it is lost',
    'b: pushed to b.test:81 is connected',
    'b: pushed to b.test:81 is reconnecting: it is lost',
  ])
})
