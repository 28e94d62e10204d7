/** The part of the command line that says which broadcasts come from other servers, and which go there. */
import { type Environment, setting } from './setting.js'
import { UsageError } from './usage-error.js'

/** One relay. */
export interface RelayArguments {
  readonly kind: 'pull' | 'push'
  /** The broadcast here. */
  readonly name: string
  /** The endpoint there. */
  readonly url: string
  readonly token: string | undefined
}

/** For `parseArgs`. */
export const RELAY_OPTIONS = {
  pull: { type: 'string', multiple: true },
  push: { type: 'string', multiple: true },
  'relay-token': { type: 'string' },
} as const

interface RelayValues {
  readonly pull?: string[] | undefined
  readonly push?: string[] | undefined
  readonly 'relay-token'?: string | undefined
}

/** Undefined where there are none. Throws {@link UsageError}. */
export function relayArguments(values: RelayValues, env: Environment): readonly RelayArguments[] | undefined {
  const shared = setting('--relay-token', values['relay-token'], 'RELAY_TOKEN', env)?.value
  const relays = (['pull', 'push'] as const).flatMap((kind) =>
    (values[kind] ?? []).map((text) => readRelay(kind, text, shared)),
  )
  if (relays.length > 0) return relays
  if (values['relay-token'] !== undefined) throw new UsageError('--relay-token needs --pull or --push')
  return undefined
}

function readRelay(kind: 'pull' | 'push', text: string, shared: string | undefined): RelayArguments {
  const at = text.indexOf('=')
  const [name, address] = [text.slice(0, Math.max(0, at)), text.slice(at + 1)]
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (name === '' || url === undefined || !/^https?:$/.test(url.protocol)) {
    const endpoint = kind === 'pull' ? 'whep' : 'whip'
    // Not shown: there may be a token in it.
    throw new UsageError(`--${kind} must be <name>=<url>, with the http or https URL of a ${endpoint} endpoint`)
  }
  // A token of its own stands where URLs have the user: http://token@host/whep/main
  const token = url.username === '' ? shared : decodeURIComponent(url.username)
  url.username = url.password = ''
  return { kind, name, url: url.href, token }
}
