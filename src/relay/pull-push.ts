/** Begins relays. */
import { Relay } from './relay.js'
import { pullEnd, pushEnd } from './relay-end.js'
import { type RelayOptions, relayConfig, relayUrl } from './relay-options.js'
import type { RelaySession, RelayTarget } from './relay-target.js'

/**
 * Gets a broadcast of another server by WHEP (draft-ietf-wish-whep), and publishes it in `target`, until the relay is closed; `broadcast.pull(url, options)` does the
 * same. It connects, and comes back, by itself. Throws `option-invalid`.
 */
export function pull<Session extends RelaySession>(
  target: RelayTarget<Session>,
  whepUrl: string | URL,
  options: RelayOptions = {},
): Relay<Session> {
  const config = relayConfig(options)
  return new Relay(pullEnd(target, config), config, relayUrl('whepUrl', whepUrl))
}

/**
 * Publishes what is published in `target` on another server by WHIP (RFC 9725), until the relay is closed; `broadcast.push(url, options)` does the same. Throws
 * `option-invalid`.
 */
export function push<Session extends RelaySession>(
  target: RelayTarget<Session>,
  whipUrl: string | URL,
  options: RelayOptions = {},
): Relay<Session> {
  const config = relayConfig(options)
  return new Relay(pushEnd(target, config), config, relayUrl('whipUrl', whipUrl))
}
