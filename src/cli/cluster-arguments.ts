/** The part of the command line that makes a server a node of a cluster. */
import { checkSecret, type Environment, setting } from './setting.js'
import { UsageError } from './usage-error.js'

/** Which cluster, and what node of it. */
export interface ClusterArguments {
  /** Of Redis. */
  readonly redisUrl: string
  readonly nodeUrl: string
  readonly region?: string
  readonly capacity?: number
  readonly secret?: string
  readonly placement?: 'local' | 'balance'
}

/** For `parseArgs`. */
export const CLUSTER_OPTIONS = {
  cluster: { type: 'string' },
  'node-url': { type: 'string' },
  region: { type: 'string' },
  capacity: { type: 'string' },
  'cluster-secret': { type: 'string' },
  placement: { type: 'string' },
} as const

/** What `parseArgs` made of {@link CLUSTER_OPTIONS}. */
export interface ClusterValues {
  readonly cluster?: string | undefined
  readonly 'node-url'?: string | undefined
  readonly region?: string | undefined
  readonly capacity?: string | undefined
  readonly 'cluster-secret'?: string | undefined
  readonly placement?: string | undefined
}

/**
 * Undefined for a server that stands alone. Throws {@link UsageError}; it never repeats a secret, nor the URL of Redis, which may have a password in it.
 *
 * @param isProtected whether publishers or viewers need a key or a token.
 */
export function clusterArguments(
  values: ClusterValues,
  env: Environment,
  isProtected: boolean,
): ClusterArguments | undefined {
  const { region, placement } = values
  const redisUrl = setting('--cluster', values.cluster, 'CLUSTER_URL', env)?.value
  if (redisUrl === undefined) {
    const alone = ['node-url', 'region', 'capacity', 'cluster-secret', 'placement'] as const
    const given = alone.find((name) => values[name] !== undefined)
    if (given !== undefined) throw new UsageError(`--${given} needs --cluster`)
    return undefined
  }
  if (!/^rediss?:\/\//i.test(redisUrl) || !URL.canParse(redisUrl)) {
    throw new UsageError('--cluster must be the URL of a Redis, such as redis://10.0.0.5:6379')
  }
  const nodeUrl = setting('--node-url', values['node-url'], 'NODE_URL', env)?.value
  if (nodeUrl === undefined) {
    throw new UsageError('--cluster needs --node-url or NODE_URL: where clients and other nodes reach this server')
  }
  if (!/^https?:\/\//i.test(nodeUrl) || !URL.canParse(nodeUrl)) {
    throw new UsageError(`--node-url must be an http or https URL, not ${JSON.stringify(nodeUrl)}`)
  }
  if (placement !== undefined && placement !== 'local' && placement !== 'balance') {
    throw new UsageError(`--placement must be local or balance, not ${JSON.stringify(placement)}`)
  }
  const secret = setting('--cluster-secret', values['cluster-secret'], 'CLUSTER_SECRET', env)
  checkSecret(secret)
  if (secret === undefined && isProtected) {
    throw new UsageError(
      '--cluster needs --cluster-secret or CLUSTER_SECRET where publishers or viewers need a key or token',
    )
  }
  return {
    redisUrl,
    nodeUrl,
    ...(region === undefined ? {} : { region }),
    ...(values.capacity === undefined ? {} : { capacity: viewerCount(values.capacity) }),
    ...(secret === undefined ? {} : { secret: secret.value }),
    ...(placement === undefined ? {} : { placement }),
  }
}

function viewerCount(value: string): number {
  const count = Number(value)
  if (!/^\d{1,7}$/.test(value) || count < 1 || count > 1_000_000) {
    throw new UsageError(`--capacity must be a number of viewers from 1 to 1000000, not ${JSON.stringify(value)}`)
  }
  return count
}
