/** The part of the command line that says who may do what. Secrets are taken from the environment, too, as everybody on a machine sees its command lines. */
import { checkKey, type Environment, type Setting, setting } from './setting.js'
import { UsageError } from './usage-error.js'

const DASHBOARD_CHOICES = ['local', 'key', 'off'] as const

/** Who gets the dashboard. */
export type DashboardChoice = (typeof DASHBOARD_CHOICES)[number]

/** Who may do what; what is left out is open to everybody. */
export interface AccessArguments {
  /** The bearer token of all publishers. */
  readonly publishKey?: string
  /** Tokens are JSON Web Tokens signed by this secret. */
  readonly tokenSecret?: string
  /** Tokens are JSON Web Tokens signed by a key of this set: a URL, or a file. */
  readonly jwks?: string
  readonly tokenAudience?: readonly string[]
  readonly tokenIssuer?: readonly string[]
  /** Sessions end when the token expires that opened them. */
  readonly endAtExpiry?: boolean
  /** The bearer token of administrators; without it there is no admin API. */
  readonly adminKey?: string
  /** Who gets the dashboard: administrators and who is on this machine (default), only administrators, or nobody. */
  readonly dashboard?: DashboardChoice
  /** Proxies whose word about the client's address is taken: how many, or which addresses. */
  readonly trustProxy?: number | readonly string[]
}

/** For `parseArgs`. */
export const ACCESS_OPTIONS = {
  'publish-key': { type: 'string' },
  'token-secret': { type: 'string' },
  jwks: { type: 'string' },
  'token-audience': { type: 'string', multiple: true },
  'token-issuer': { type: 'string', multiple: true },
  'end-at-expiry': { type: 'boolean' },
  'admin-key': { type: 'string' },
  dashboard: { type: 'string' },
  'trust-proxy': { type: 'string' },
} as const

/** What `parseArgs` made of {@link ACCESS_OPTIONS}. */
export interface AccessValues {
  readonly 'publish-key'?: string | undefined
  readonly 'token-secret'?: string | undefined
  readonly jwks?: string | undefined
  readonly 'token-audience'?: string[] | undefined
  readonly 'token-issuer'?: string[] | undefined
  readonly 'end-at-expiry'?: boolean | undefined
  readonly 'admin-key'?: string | undefined
  readonly dashboard?: string | undefined
  readonly 'trust-proxy'?: string | undefined
}

const MIN_SECRET_BYTES = 32

/** Throws {@link UsageError}; it never repeats a secret. */
export function accessArguments(values: AccessValues, env: Environment): AccessArguments {
  const publishKey = setting('--publish-key', values['publish-key'], 'PUBLISH_KEY', env)
  const tokenSecret = setting('--token-secret', values['token-secret'], 'TOKEN_SECRET', env)
  const { jwks, 'token-audience': tokenAudience, 'token-issuer': tokenIssuer } = values
  const adminKey = setting('--admin-key', values['admin-key'], 'ADMIN_KEY', env)
  checkKey(publishKey)
  checkKey(adminKey)
  if (tokenSecret !== undefined && Buffer.byteLength(tokenSecret.value) < MIN_SECRET_BYTES) {
    throw new UsageError(`${tokenSecret.origin} must have at least ${MIN_SECRET_BYTES} characters`)
  }
  if (tokenSecret !== undefined && jwks !== undefined) {
    throw new UsageError(`${tokenSecret.origin} and --jwks exclude each other`)
  }
  const hasTokens = tokenSecret !== undefined || jwks !== undefined
  const endAtExpiry = values['end-at-expiry']
  if (!hasTokens && (tokenAudience ?? tokenIssuer ?? endAtExpiry) !== undefined) {
    throw new UsageError('--token-audience, --token-issuer and --end-at-expiry need --token-secret or --jwks')
  }
  const dashboard = dashboardChoice(values.dashboard, adminKey)
  const trustProxy = proxies(values['trust-proxy'])
  return {
    ...(publishKey === undefined ? {} : { publishKey: publishKey.value }),
    ...(tokenSecret === undefined ? {} : { tokenSecret: tokenSecret.value }),
    ...(jwks === undefined ? {} : { jwks }),
    ...(tokenAudience === undefined ? {} : { tokenAudience }),
    ...(tokenIssuer === undefined ? {} : { tokenIssuer }),
    ...(endAtExpiry === undefined ? {} : { endAtExpiry }),
    ...(adminKey === undefined ? {} : { adminKey: adminKey.value }),
    ...(dashboard === undefined ? {} : { dashboard }),
    ...(trustProxy === undefined ? {} : { trustProxy }),
  }
}

function dashboardChoice(value: string | undefined, adminKey: Setting | undefined): DashboardChoice | undefined {
  const choice = DASHBOARD_CHOICES.find((candidate) => candidate === value)
  if (value !== undefined && choice === undefined) {
    throw new UsageError(`--dashboard must be ${DASHBOARD_CHOICES.join(', ')}, not ${JSON.stringify(value)}`)
  }
  if (choice === 'key' && adminKey === undefined) throw new UsageError('--dashboard key needs --admin-key or ADMIN_KEY')
  return choice
}

function proxies(value: string | undefined): number | readonly string[] | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,2}$/.test(value)) return Number(value)
  return value.split(',').map((address) => address.trim())
}
