import { describe, expect, it } from 'vitest'
import { parseArguments } from '../../../src/cli/parse-arguments.js'
import { UsageError } from '../../../src/cli/usage-error.js'

describe('serve', () => {
  it('leaves its clients some time when it goes down', () => {
    expect(parseArguments(['serve', '--drain-timeout', '2.5'])).toMatchObject({ drainSeconds: 2.5 })
    expect(parseArguments(['serve', '--drain-timeout=0'])).toMatchObject({ drainSeconds: 0 })
    for (const value of ['-1', 'x', '1e9', '']) {
      expect(() => parseArguments(['serve', `--drain-timeout=${value}`])).toThrow(UsageError)
    }
  })

  it('listens on port 8080 of this machine, with any media port', () => {
    expect(parseArguments(['serve'])).toEqual({
      name: 'serve',
      port: 8080,
      host: '127.0.0.1',
      sfu: { udpPort: 0, listenIps: ['127.0.0.1'] },
      access: {},
      drainSeconds: 30,
    })
  })

  it('says what happens when there is too much to do', () => {
    expect(parseArguments(['serve', '--overload', 'refuse'])).not.toHaveProperty('sfu.overload')
    expect(parseArguments(['serve', '--overload', 'off'])).toHaveProperty('sfu.overload', false)
    expect(parseArguments(['serve', '--overload', 'lower'])).toHaveProperty('sfu.overload', { lowerLayersFirst: true })
    expect(() => parseArguments(['serve', '--overload', 'on'])).toThrow(UsageError)
  })

  it('takes every option', () => {
    const args = [
      '--port',
      '9000',
      '--host',
      '::',
      '--udp-port=5000',
      '--listen-ip',
      '10.0.0.1',
      '--listen-ip',
      'fd00::1',
    ]
    const more = ['--announce', '203.0.113.7', '--announce=[2001:db8::7]', '--workers', 'auto']
    expect(parseArguments(['serve', ...args, ...more])).toEqual({
      name: 'serve',
      port: 9000,
      host: '::',
      sfu: {
        udpPort: 5000,
        listenIps: ['10.0.0.1', 'fd00::1'],
        announceIps: ['203.0.113.7', '2001:db8::7'],
        workers: 'auto',
      },
      access: {},
      drainSeconds: 30,
    })
  })

  it('takes a public address for one of its own, host names to look up, and whether there is TCP', () => {
    const args = ['--announce', '10.0.0.2=203.0.113.7', '--announce=[fd00::2]=[2001:db8::7]', '--ice-tcp', 'off']
    const announceIps = [
      { ip: '203.0.113.7', localIp: '10.0.0.2' },
      { ip: '2001:db8::7', localIp: 'fd00::2' },
    ]
    expect(parseArguments(['serve', ...args])).toMatchObject({ sfu: { announceIps, iceTcp: false } })
    const hosts = ['--announce', 'sfu.example', '--announce', '10.0.0.2=sfu.example', '--announce-hosts', 'resolve']
    expect(parseArguments(['serve', ...hosts, '--ice-tcp=on'])).toMatchObject({
      sfu: {
        announceIps: ['sfu.example', { ip: 'sfu.example', localIp: '10.0.0.2' }],
        announceHosts: 'resolve',
        iceTcp: true,
      },
    })
  })

  it('takes the ports from the environment, and from the options before that', () => {
    const env = { PORT: '81', UDP_PORT: '82' }
    expect(parseArguments(['serve'], env)).toMatchObject({ port: 81, sfu: { udpPort: 82 } })
    expect(parseArguments(['serve', '--port', '0', '--udp-port', '1'], env)).toMatchObject({
      port: 0,
      sfu: { udpPort: 1 },
    })
    expect(parseArguments(['serve'], { PORT: '' })).toMatchObject({ port: 8080 })
  })

  it.each([
    ['[::1]', '::1'],
    ['localhost', 'localhost'],
    ['0.0.0.0', '0.0.0.0'],
  ])('takes the host %s', (text, host) => {
    expect(parseArguments(['serve', '--host', text])).toMatchObject({ host })
  })

  it('takes 0 workers for the main thread', () => {
    expect(parseArguments(['serve', '--workers', '0'])).toMatchObject({ sfu: { workers: 0 } })
  })
})

it.each([
  [['--help'], 'help'],
  [['-h'], 'help'],
  [['serve', '--help', '--port', 'x'], 'help'],
  [['--version'], 'version'],
])('understands %j', (args, name) => {
  expect(parseArguments(args)).toEqual({ name })
})

it.each([
  [[], {}, 'command'],
  [['start'], {}, '"start"'],
  [['serve', 'more'], {}, '"more"'],
  [['serve', '--prot', '1'], {}, '--prot'],
  [['serve', '--port'], {}, '--port'],
  [['serve', '--port', '65536'], {}, '--port'],
  [['serve', '--port', '1e3'], {}, '--port'],
  [['serve', '--udp-port', '-1'], {}, '--udp-port'],
  [['serve'], { PORT: 'http' }, 'PORT'],
  [['serve'], { UDP_PORT: '70000' }, 'UDP_PORT'],
  [['serve', '--host', 'http://x'], {}, '--host'],
  [['serve', '--announce', 'example.org'], {}, '--announce-hosts resolve'],
  [['serve', '--announce', '', '--announce-hosts', 'resolve'], {}, '--announce'],
  [['serve', '--announce', 'eth0=203.0.113.7'], {}, '--announce'],
  [['serve', '--announce-hosts', 'yes'], {}, '--announce-hosts'],
  [['serve', '--ice-tcp', 'maybe'], {}, '--ice-tcp'],
  [['serve', '--port', '5000', '--udp-port', '5000'], {}, '--ice-tcp'],
  [['serve', '--listen-ip', '10.0.0.256'], {}, '--listen-ip'],
  [['serve', '--workers', 'many'], {}, '--workers'],
  [['serve', '--workers', '257'], {}, '--workers'],
])('refuses %j with %j and names what is wrong', (args, env, part) => {
  expect(() => parseArguments(args, env)).toThrow(UsageError)
  expect(() => parseArguments(args, env)).toThrow(part)
})

it.each([
  [['--host', 'localhost'], ['127.0.0.1']],
  [
    ['--host', '[::1]'],
    ['127.0.0.1', '::1'],
  ],
  [['--host', '0.0.0.0'], undefined],
  [['--announce', '203.0.113.7'], undefined],
  [['--host', '127.0.0.1', '--listen-ip', '192.0.2.1'], ['192.0.2.1']],
])('opens the media port where %j can be reached', (args, listenIps) => {
  const command = parseArguments(['serve', ...args])
  expect(command.name === 'serve' ? command.sfu.listenIps : 'no server').toEqual(listenIps)
})
