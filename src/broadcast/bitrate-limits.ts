/** Which limits a publisher's bitrate is measured against. */
import { addressKey } from '../util/address-key.js'
import type { LimitedBroadcast } from './admission.js'
import type { BitrateLimit } from './bitrate-guard.js'
import type { SfuConfig } from './sfu-options.js'

/** How much more than it was asked for a publisher may send: requests are about media, and are not followed to the bit. */
const ASKED_SLACK = 1.25

/** What is known of the publisher. */
export interface LimitedPublisher {
  readonly id: string
  readonly address: string | undefined
  /** What it alone was asked to send at most. */
  readonly maxBitrateBps: number | undefined
}

/** The limits of the broadcast and of the address, and what it was asked for where that is enforced. */
export function bitrateLimits(
  { id, address, maxBitrateBps }: LimitedPublisher,
  broadcast: LimitedBroadcast,
  config: SfuConfig,
): readonly BitrateLimit[] {
  const asked = maxBitrateBps ?? config.engine.publisherMaxBitrateBps
  const key = address === undefined ? undefined : addressKey(address)
  const ofBroadcast = broadcast.limits.maxPublishedBps
  return [
    ...(config.enforcePublisherBitrate && asked > 0
      ? [{ key: `session ${id}`, name: 'maxBitrateBps', maxBps: asked * ASKED_SLACK }]
      : []),
    { key: `broadcast ${broadcast.id}`, name: 'limits.maxPublishedBps', maxBps: ofBroadcast },
    ...(key === undefined
      ? []
      : [
          {
            key: `address ${key}`,
            name: 'addressLimits.maxPublishedBps',
            maxBps: config.addressLimits.maxPublishedBps,
          },
        ]),
  ]
}
