import { expect, it } from 'vitest'
import { parseArguments } from '../../../src/cli/parse-arguments.js'
import { UsageError } from '../../../src/cli/usage-error.js'

function sfu(...args: string[]) {
  const command = parseArguments(['serve', ...args])
  return command.name === 'serve' ? command.sfu : undefined
}

it('sets no limits by itself', () => {
  expect(sfu()).toEqual({ udpPort: 0, listenIps: ['127.0.0.1'] })
})

it('takes limits of the server, of broadcasts and of addresses', () => {
  expect(sfu('--max-broadcasts', '20', '--idle-timeout', '300')).toMatchObject({
    maxBroadcasts: 20,
    idleTimeoutMs: 300_000,
  })
  expect(sfu('--max-viewers', '0', '--max-publishers=4')).toMatchObject({ limits: { maxViewers: 0, maxPublishers: 4 } })
  expect(sfu('--max-address-viewers', '10')).toMatchObject({ addressLimits: { maxViewers: 10 } })
  expect(sfu('--max-address-publishers', '2')).toMatchObject({ addressLimits: { maxPublishers: 2 } })
})

it.each([
  ['--max-broadcasts', '0'],
  ['--max-viewers', '-1'],
  ['--max-viewers', '1e3'],
  ['--max-publishers', 'many'],
  ['--max-publishers', '0'],
  ['--max-address-viewers', '1.5'],
  ['--idle-timeout', '2592001'],
  ['--idle-timeout', ''],
])('refuses %s %s', (option, value) => {
  expect(() => sfu(`${option}=${value}`)).toThrow(UsageError)
  expect(() => sfu(`${option}=${value}`)).toThrow(option)
})
