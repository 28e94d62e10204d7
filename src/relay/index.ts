/**
 * Media between servers: a broadcast of another server is pulled by WHEP, or pushed to one by WHIP.
 *
 * @packageDocumentation
 */

export type { RelayReconnectOptions } from './backoff.js'
export { pull, push } from './pull-push.js'
export { Relay, type RelayEvents, type RelayState, type RelayStats } from './relay.js'
export type { RelayOptions, RelayToken } from './relay-options.js'
export { RELAY_PATH_HEADER } from './relay-path.js'
export type {
  RelayContext,
  RelayInfo,
  RelayOffer,
  RelaySession,
  RelaySessionStats,
  RelayTarget,
} from './relay-target.js'
