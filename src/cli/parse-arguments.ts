/** From command line and environment to a command, with a clear message for everything that is wrong. */
import { isIP } from 'node:net'
import { parseArgs } from 'node:util'
import type { SfuOptions } from '../index.js'
import { ACCESS_OPTIONS, type AccessArguments, accessArguments } from './access-arguments.js'
import { UsageError } from './usage-error.js'

export { UsageError } from './usage-error.js'

/** Runs the server. */
export interface ServeCommand {
  readonly name: 'serve'
  /** HTTP port, 0 for any free one. */
  readonly port: number
  /** HTTP address, IPv6 without brackets. */
  readonly host: string
  readonly sfu: SfuOptions
  /** Who may do what. */
  readonly access: AccessArguments
}

/** What the user wants. */
export type Command = ServeCommand | { readonly name: 'help' } | { readonly name: 'version' }

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  'udp-port': { type: 'string' },
  'listen-ip': { type: 'string', multiple: true },
  announce: { type: 'string', multiple: true },
  workers: { type: 'string' },
  ...ACCESS_OPTIONS,
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

/** The command in `args` (without node and script). Throws {@link UsageError}. */
export function parseArguments(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Command {
  const { values, positionals } = parse(args)
  if (values.help) return { name: 'help' }
  if (values.version) return { name: 'version' }
  const [command, ...rest] = positionals
  if (command === undefined) throw new UsageError('a command is missing; there is one, "serve"')
  if (command !== 'serve') throw new UsageError(`there is no command ${JSON.stringify(command)}, only "serve"`)
  if (rest.length > 0) throw new UsageError(`unexpected argument ${JSON.stringify(rest[0])}`)
  const listenIps = addresses('--listen-ip', values['listen-ip'])
  const announceIps = addresses('--announce', values.announce)
  const host = hostName(values.host)
  return {
    name: 'serve',
    port: portNumber(setting('--port', values.port, 'PORT', env), 8080),
    host,
    sfu: {
      udpPort: portNumber(setting('--udp-port', values['udp-port'], 'UDP_PORT', env), 0),
      ...mediaAddresses(host, listenIps, announceIps),
      ...(values.workers === undefined ? {} : { workers: workerCount(values.workers) }),
    },
    access: accessArguments(values, env),
  }
}

/** Pages that only this machine can open need no media port that others can reach, unless other addresses are asked for. */
function mediaAddresses(
  host: string,
  listenIps: readonly string[] | undefined,
  announceIps: readonly string[] | undefined,
): Pick<SfuOptions, 'listenIps' | 'announceIps'> {
  const loopback = host === '::1' ? ['127.0.0.1', '::1'] : ['127.0.0.1']
  const onlyHere = host === 'localhost' || host === '::1' || host.startsWith('127.')
  const resolved = listenIps ?? (onlyHere && announceIps === undefined ? loopback : undefined)
  return {
    ...(resolved === undefined ? {} : { listenIps: resolved }),
    ...(announceIps === undefined ? {} : { announceIps }),
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    // parseArgs says it well, but goes on with advice about "--" that fits none of our options.
    const message = error instanceof Error ? error.message : String(error)
    throw new UsageError(message.replace(/\. To specify.*$/s, '').replace(/\n[\s\S]*$/, ''))
  }
}

/** A value and where it came from, so that the message names the place to correct. */
interface Setting {
  readonly origin: string
  readonly value: string | undefined
}

function setting(
  option: string,
  value: string | undefined,
  variable: string,
  env: Readonly<Record<string, string | undefined>>,
): Setting {
  if (value !== undefined) return { origin: option, value }
  // An empty variable is how shells and compose files say "not set".
  return { origin: variable, value: env[variable] === '' ? undefined : env[variable] }
}

function portNumber({ origin, value }: Setting, fallback: number): number {
  if (value === undefined) return fallback
  const port = Number(value)
  if (!/^\d{1,5}$/.test(value) || port > 65_535) {
    throw new UsageError(`${origin} must be a number from 0 to 65535, not ${JSON.stringify(value)}`)
  }
  return port
}

function hostName(value: string | undefined): string {
  if (value === undefined) return '127.0.0.1'
  const host = value.replace(/^\[(.*)\]$/, '$1')
  if (isIP(host) === 0 && !/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(host)) {
    throw new UsageError(`--host must be an address or a host name, not ${JSON.stringify(value)}`)
  }
  return host
}

function addresses(option: string, values: readonly string[] | undefined): readonly string[] | undefined {
  const list = values?.map((value) => value.replace(/^\[(.*)\]$/, '$1'))
  const wrong = list?.find((value) => isIP(value) === 0)
  if (wrong !== undefined) throw new UsageError(`${option} must be an IP address, not ${JSON.stringify(wrong)}`)
  return list
}

function workerCount(value: string): number | 'auto' {
  if (value === 'auto') return 'auto'
  if (!/^\d{1,3}$/.test(value) || Number(value) > 256) {
    throw new UsageError(`--workers must be "auto" or a number from 0 to 256, not ${JSON.stringify(value)}`)
  }
  return Number(value)
}
