/** From command line and environment to a command, with a clear message for everything that is wrong. */
import { isIP } from 'node:net'
import { parseArgs } from 'node:util'
import type { SfuOptions } from '../index.js'
import type { MetricsOptions } from '../metrics/index.js'
import { ACCESS_OPTIONS, type AccessArguments, accessArguments } from './access-arguments.js'
import { CLUSTER_OPTIONS, type ClusterArguments, clusterArguments } from './cluster-arguments.js'
import { CONFORMANCE_OPTIONS, conformanceArguments } from './conformance/conformance-arguments.js'
import type { ConformanceCommand } from './conformance/run-conformance.js'
import { LIMIT_OPTIONS, limitArguments } from './limit-arguments.js'
import { drainSeconds, LOAD_OPTIONS, overloadArguments } from './load-arguments.js'
import { MEDIA_OPTIONS, mediaArguments } from './media-arguments.js'
import { METRICS_OPTIONS, metricsArguments } from './metrics-arguments.js'
import { PLAY_OPTIONS, type PlayArguments, playArguments } from './play-arguments.js'
import { RECORD_OPTIONS, type RecordArguments, recordArguments } from './record-arguments.js'
import { RELAY_OPTIONS, type RelayArguments, relayArguments } from './relay-arguments.js'
import { RTP_IN_OPTIONS, type RtpInBroadcast, rtpInArguments } from './rtp-in-arguments.js'
import { type Environment, type Setting, setting } from './setting.js'
import { UsageError } from './usage-error.js'
import { WEBHOOK_OPTIONS, type WebhookArguments, webhookArguments } from './webhook-arguments.js'

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
  /** How many seconds SIGTERM leaves to the clients to go elsewhere. */
  readonly drainSeconds: number
  /** Whether there is signaling over WebSockets. */
  readonly webSocket?: boolean
  /** Metrics and probes; undefined for none. */
  readonly metrics?: MetricsOptions
  /** Whom to tell what happens; undefined for nobody. */
  readonly webhook?: WebhookArguments
  /** What files are played; undefined for none. */
  readonly play?: PlayArguments
  /** What is saved to disk; undefined for nothing. */
  readonly record?: RecordArguments
  /** What comes as plain RTP; undefined for nothing. */
  readonly rtpIn?: readonly RtpInBroadcast[]
  /** The cluster that it is a node of; undefined for a server that stands alone. */
  readonly cluster?: ClusterArguments
  /** What comes from other servers, and goes there; undefined for nothing. */
  readonly relays?: readonly RelayArguments[]
}

/** What the user wants. */
export type Command = ServeCommand | ConformanceCommand | { readonly name: 'help' } | { readonly name: 'version' }

const SERVE_OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  'udp-port': { type: 'string' },
  ...MEDIA_OPTIONS,
  workers: { type: 'string' },
  ...LOAD_OPTIONS,
  ...ACCESS_OPTIONS,
  websocket: { type: 'boolean' },
  ...LIMIT_OPTIONS,
  ...METRICS_OPTIONS,
  ...WEBHOOK_OPTIONS,
  ...PLAY_OPTIONS,
  ...RECORD_OPTIONS,
  ...RTP_IN_OPTIONS,
  ...CLUSTER_OPTIONS,
  ...RELAY_OPTIONS,
} as const

const OPTIONS = {
  ...SERVE_OPTIONS,
  ...CONFORMANCE_OPTIONS,
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

/** The command in `args` (without node and script). Throws {@link UsageError}. */
export function parseArguments(args: readonly string[], env: Environment = {}): Command {
  const { values, positionals } = parse(args)
  if (values.help) return { name: 'help' }
  if (values.version) return { name: 'version' }
  const [command, ...rest] = positionals
  if (command === undefined) throw new UsageError('a command is missing: "serve" or "conformance"')
  if (command === 'serve') {
    refuseOptions(command, values, CONFORMANCE_OPTIONS)
    refuseMore(rest)
    return serveCommand(values, env)
  }
  if (command === 'conformance') {
    refuseOptions(command, values, SERVE_OPTIONS)
    const [url, ...more] = rest
    refuseMore(more)
    return { name: command, ...conformanceArguments(url, values, env) }
  }
  throw new UsageError(`there is no command ${JSON.stringify(command)}, only "serve" and "conformance"`)
}

type Values = ReturnType<typeof parse>['values']

function refuseOptions(command: string, values: Values, others: Readonly<Record<string, unknown>>): void {
  const wrong = Object.keys(values).find((name) => name in others)
  if (wrong !== undefined) throw new UsageError(`--${wrong} is no option of ${JSON.stringify(command)}`)
}

function refuseMore(rest: readonly string[]): void {
  if (rest.length > 0) throw new UsageError(`unexpected argument ${JSON.stringify(rest[0])}`)
}

function serveCommand(values: Values, env: Environment): ServeCommand {
  const host = hostName(values.host)
  const port = portNumber(setting('--port', values.port, 'PORT', env), 8080)
  const sfu = {
    udpPort: portNumber(setting('--udp-port', values['udp-port'], 'UDP_PORT', env), 0),
    ...mediaArguments(values, host),
    ...overloadArguments(values),
    ...limitArguments(values),
    ...(values.workers === undefined ? {} : { workers: workerCount(values.workers) }),
  }
  if (port !== 0 && port === sfu.udpPort && sfu.iceTcp !== false) {
    throw new UsageError(`--port and --udp-port are both ${port}, and media takes TCP, too; see --ice-tcp`)
  }
  const metrics = metricsArguments(values, env)
  const webhook = webhookArguments(values, env)
  const play = playArguments(values)
  const rtpIn = rtpInArguments(values)
  const relays = relayArguments(values, env)
  const recorded = recordArguments(values)
  const access = accessArguments(values, env)
  const isProtected = (access.publishKey ?? access.tokenSecret ?? access.jwks) !== undefined
  const cluster = clusterArguments(values, env, isProtected)
  return {
    name: 'serve',
    port,
    host,
    sfu,
    access,
    drainSeconds: drainSeconds(values),
    ...(values.websocket === undefined ? {} : { webSocket: values.websocket }),
    ...(metrics === undefined ? {} : { metrics }),
    ...(webhook === undefined ? {} : { webhook }),
    ...(play === undefined ? {} : { play }),
    ...(rtpIn === undefined ? {} : { rtpIn }),
    ...(relays === undefined ? {} : { relays }),
    ...(recorded === undefined ? {} : { record: recorded }),
    ...(cluster === undefined ? {} : { cluster }),
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

function portNumber(given: Setting | undefined, fallback: number): number {
  if (given === undefined) return fallback
  const { origin, value } = given
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

function workerCount(value: string): number | 'auto' {
  if (value === 'auto') return 'auto'
  if (!/^\d{1,3}$/.test(value) || Number(value) > 256) {
    throw new UsageError(`--workers must be "auto" or a number from 0 to 256, not ${JSON.stringify(value)}`)
  }
  return Number(value)
}
