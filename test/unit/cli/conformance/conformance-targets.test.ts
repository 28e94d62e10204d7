import { expect, it } from 'vitest'
import { conformanceTargets } from '../../../../src/cli/conformance/conformance-targets.js'
import { parseArguments } from '../../../../src/cli/parse-arguments.js'
import { UsageError } from '../../../../src/cli/usage-error.js'

it.each([
  ['http://a/whip/x', {}, 'http://a/whip/x', undefined],
  ['https://a/api/WHEP?x=1', {}, undefined, 'https://a/api/WHEP?x=1'],
  ['http://a:8080', {}, 'http://a:8080/whip/conformance', 'http://a:8080/whep/conformance'],
  ['http://a/media/', {}, 'http://a/media/whip/conformance', 'http://a/media/whep/conformance'],
  [undefined, { whip: 'http://a/in' }, 'http://a/in', undefined],
  [undefined, { whip: 'http://a/in', whep: 'http://a/out' }, 'http://a/in', 'http://a/out'],
  ['http://a/whip/x', { whep: 'http://b/out' }, 'http://a/whip/x', 'http://b/out'],
  ['http://a', { whip: 'http://b/in' }, 'http://b/in', 'http://a/whep/conformance'],
])('%s with %j means %s and %s', (url, options, whip, whep) => {
  expect(conformanceTargets(url, options)).toEqual({ whip, whep })
})

it.each([
  [undefined, {}, '--whip'],
  ['localhost:8080', {}, 'http'],
  ['ftp://a/whip', {}, 'http'],
  ['nonsense', {}, 'nonsense'],
  ['http://a/whip-whep', {}, '--whep'],
  [undefined, { whip: 'x' }, '--whip'],
])('%s with %j is wrong', (url, options, part) => {
  expect(() => conformanceTargets(url, options)).toThrow(UsageError)
  expect(() => conformanceTargets(url, options)).toThrow(part)
})

it('has a command of its own', () => {
  expect(parseArguments(['conformance', 'http://a/whip/x', '--token', 't', '--json'])).toEqual({
    name: 'conformance',
    whip: 'http://a/whip/x',
    whep: undefined,
    token: 't',
    timeoutMs: 10_000,
    json: true,
  })
  expect(parseArguments(['conformance', '--whep', 'http://a/x'])).toMatchObject({ json: false, token: undefined })
  expect(parseArguments(['conformance', 'http://a', '--timeout', '2.5'])).toMatchObject({ timeoutMs: 2500 })
})

it('takes the token from the environment, where nobody else sees it', () => {
  expect(parseArguments(['conformance', 'http://a'], { CONFORMANCE_TOKEN: 'x' })).toMatchObject({ token: 'x' })
  expect(parseArguments(['conformance', 'http://a'], { CONFORMANCE_TOKEN: '' })).toMatchObject({ token: undefined })
  expect(parseArguments(['conformance', 'http://a', '--token', 'y'], { CONFORMANCE_TOKEN: 'x' })).toMatchObject({
    token: 'y',
  })
})

it.each([
  [['conformance'], '--whip'],
  [['conformance', 'http://a', 'http://b'], 'http://b'],
  [['conformance', 'http://a', '--port', '1'], '--port'],
  [['conformance', 'http://a', '--publish-key', 'x'], '--publish-key'],
  [['conformance', 'http://a', '--timeout', '0'], '--timeout'],
  [['conformance', 'http://a', '--timeout', 'soon'], '--timeout'],
  [['conformance', 'http://a', '--timeout', '601'], '600'],
  [['conformance', 'http://a', '--token', 'two words'], 'bearer'],
  [['serve', '--json'], '--json'],
  [['serve', '--token', 'x'], '--token'],
])('refuses %j', (args, part) => {
  expect(() => parseArguments(args)).toThrow(UsageError)
  expect(() => parseArguments(args)).toThrow(part)
})
