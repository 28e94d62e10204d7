/** Options of a cluster's node, checked once. */
import { BroadcastError } from '../errors.js'
import type { Authorize, WhipWhepOptions } from '../signaling/index.js'
import { integerOption, objectOption, refuseOption } from '../util/options.js'
import { resolvePolicy } from './placement/placing.js'
import { DEFAULT_RELAY_TREE, type RelayTreePolicy } from './placement/relay-parent.js'
import type { PlacementPolicy } from './placement/types.js'
import type { Directory } from './types.js'

/** Options of {@link cluster}. */
export interface ClusterOptions {
  /** Where this node's signaling is reached, by clients and by other nodes: an http or https URL, such as `https://a.example.org`. */
  readonly nodeUrl: string
  /** Where nodes find each other. Default a directory of this node alone, in memory. */
  readonly directory?: Directory | undefined
  /** Where it stands, such as `eu-west`: nodes of a viewer's region come first. Default ''. */
  readonly region?: string | undefined
  /** How many viewers it takes, 1 to a million; further ones are sent to other nodes. Default 1000. */
  readonly capacity?: number | undefined
  /**
   * What all nodes of the cluster know and nobody else does, at least 32 characters: relays and redirected clients are trusted by it. Needed with `authorize`. Without
   * it, everybody may do what relays may.
   */
  readonly secret?: string | undefined
  /** Decides who may publish and view, as in every adapter; the same on all nodes. Default everybody everything. */
  readonly authorize?: Authorize | undefined
  /** Options of the WHIP and WHEP adapter that `handler` is. */
  readonly signaling?: Omit<WhipWhepOptions, 'authorize' | 'redirect'> | undefined
  /**
   * How sessions are spread. Default `{ mode: 'local' }`: served where they come to, until that node is full, overloaded or draining. With
   * `mode: 'balance'`, viewers are sent to the best node, which has the broadcast already or has less to do.
   */
  readonly placement?: Partial<PlacementPolicy> | undefined
  /** How wide and how deep the trees of relays grow. Default 32 wide, 4 deep. */
  readonly relays?: Partial<RelayTreePolicy> | undefined
  /** How long a lease and a heartbeat hold, in milliseconds, 500 to 300000; both are renewed three times within it. Default 5000. */
  readonly leaseTtlMs?: number | undefined
  /** How long relays go on after the last viewer of a broadcast has left, in milliseconds, 0 to an hour. Default 10000. */
  readonly lingerMs?: number | undefined
  /** How long a ticket of a redirected client and a token of a relay are good, in milliseconds, 1000 to 300000. Default 30000. */
  readonly ticketTtlMs?: number | undefined
  /** How many other nodes clients are told of, to go to when this one dies, 0 to 10. Default 2. */
  readonly alternates?: number | undefined
}

/** {@link ClusterOptions}, resolved; without the directory. */
export interface ClusterConfig {
  readonly nodeUrl: string
  readonly region: string
  readonly capacity: number
  readonly secret: string | undefined
  readonly authorize: Authorize | undefined
  readonly placement: PlacementPolicy
  readonly relays: RelayTreePolicy
  readonly leaseTtlMs: number
  readonly lingerMs: number
  readonly ticketTtlMs: number
  readonly alternates: number
}

const MIN_SECRET_LENGTH = 32
const HOUR_MS = 3_600_000

/** Throws `option-invalid`. */
export function clusterConfig(options: ClusterOptions): ClusterConfig {
  objectOption('options', options, 'an object such as { nodeUrl }')
  const { authorize, secret } = options
  if (authorize !== undefined && typeof authorize !== 'function') refuseOption('authorize', 'a function', authorize)
  if (secret !== undefined && (typeof secret !== 'string' || secret.length < MIN_SECRET_LENGTH)) {
    // Not shown: it may be one all the same.
    refuseOption('secret', `a text of at least ${MIN_SECRET_LENGTH} characters`, undefined)
  }
  if (authorize !== undefined && secret === undefined) {
    throw new BroadcastError(
      'option-invalid',
      'option secret: with authorize, nodes need a secret to trust each other',
      {
        details: { option: 'secret' },
      },
    )
  }
  const d = DEFAULT_RELAY_TREE
  return {
    nodeUrl: nodeUrlOption(options.nodeUrl),
    region: regionOption(options.region),
    capacity: integerOption('capacity', options.capacity, 1000, 1, 1_000_000),
    secret,
    authorize,
    placement: resolvePolicy({ ...options.placement, mode: options.placement?.mode ?? 'local' }),
    relays: {
      fanOut: integerOption('relays.fanOut', options.relays?.fanOut, d.fanOut, 1, 10_000),
      maxDepth: integerOption('relays.maxDepth', options.relays?.maxDepth, d.maxDepth, 2, 16),
    },
    leaseTtlMs: integerOption('leaseTtlMs', options.leaseTtlMs, 5000, 500, 300_000),
    lingerMs: integerOption('lingerMs', options.lingerMs, 10_000, 0, HOUR_MS),
    ticketTtlMs: integerOption('ticketTtlMs', options.ticketTtlMs, 30_000, 1000, 300_000),
    alternates: integerOption('alternates', options.alternates, 2, 0, 10),
  }
}

function nodeUrlOption(value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) refuseOption('nodeUrl', 'an http or https URL', value)
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    refuseOption('nodeUrl', 'a URL without user, query and fragment', 'https://...')
  }
  return url.href.replace(/\/+$/, '')
}

function regionOption(value: unknown): string {
  if (value === undefined) return ''
  if (typeof value !== 'string' || !/^[A-Za-z0-9._-]{0,64}$/.test(value)) {
    refuseOption('region', 'up to 64 letters, digits, dots, hyphens or underscores', value)
  }
  return value
}
