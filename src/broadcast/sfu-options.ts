/** What users pass to `new Sfu()` and `new Broadcast()`, checked and resolved. */
import { isIP } from 'node:net'
import { DEFAULT_ENGINE_CONFIG, type EngineConfig } from '../engine/engine-config.js'
import { BroadcastError } from '../errors.js'
import { choiceOption, integerOption, stringListOption } from '../util/options.js'

/** What happens when a broadcast that has a publisher gets another one. */
export type PublisherPolicy = 'replace' | 'reject'

/** Options of one broadcast. */
export interface BroadcastOptions {
  /**
   * What happens when a broadcast that has a publisher gets another one: `replace` ends the old one as soon as the new one is
   * connected, and viewers go on without renegotiation; `reject` refuses the new one with `publisher-exists`. Default `replace`.
   */
  readonly publisherPolicy?: PublisherPolicy
}

/** Options of an Sfu, or of a Broadcast that stands alone. */
export interface SfuOptions extends BroadcastOptions {
  /** Worker threads that carry the media: a number, `auto` for all cores but one, or 0 for this thread. Default 1. */
  readonly workers?: number | 'auto'
  /** Local addresses of the media port. Default `['0.0.0.0', '::']`, the second one where the machine has IPv6. */
  readonly listenIps?: string | readonly string[]
  /** Public addresses of a server behind a NAT; they replace its own in the candidates. Default none. */
  readonly announceIps?: string | readonly string[]
  /** UDP port of the media, 0 for any free one; further worker threads take the following numbers. Default 0. */
  readonly udpPort?: number
  /** Milliseconds within which a session must be connected. Default 15000. */
  readonly connectTimeoutMs?: number
  /** Milliseconds without a sign of life after which a session is `disconnected`. Default 6000. */
  readonly disconnectedAfterMs?: number
  /** Milliseconds without a sign of life after which a session is closed (RFC 7675). Default 30000. */
  readonly consentTimeoutMs?: number
  /** Asks publishers for a keyframe at this interval in milliseconds while anybody watches; 0 for never. Default 0. */
  readonly keyframeIntervalMs?: number
  /** Milliseconds between two keyframe requests to a publisher, at the least. Default 500. */
  readonly keyframeMinSpacingMs?: number
  /** What publishers are asked to send at most, in bits per second each (REMB and `b=`); 0 for no limit. Default 0. */
  readonly publisherMaxBitrateBps?: number
  /**
   * A viewer that joins starts from the newest keyframe that is kept, if that came no longer than this many milliseconds ago: nobody waits, and
   * the publisher is not asked for another one. 0 asks for a keyframe at each join. Default 5000.
   */
  readonly instantStartMaxAgeMs?: number
  /** A viewer starts from what is kept if that has no more bytes than this. Default 1.5 MiB. */
  readonly instantStartMaxBytes?: number
  /** How many times as fast as it was captured a viewer is sent what is kept, until it is live. Default 5. */
  readonly instantStartSpeed?: number
  /** Packets that the history of a layer keeps, at most. Default 2048. */
  readonly historyPackets?: number
  /** Bytes that the history of a layer keeps, at most. Default 4 MiB. */
  readonly historyBytes?: number
  /** Receive and send buffer that is asked of the kernel for each media socket, in bytes. Default 4 MiB. */
  readonly socketBufferBytes?: number
  /** Bytes that may wait in a media socket for the kernel; what comes on top is dropped and counted. Default 16 MiB. */
  readonly sendQueueBytes?: number
  /** Sessions that may be connecting at the same time. Default 1000. */
  readonly maxPendingSessions?: number
  /** Broadcasts that may exist at the same time. Default 10000. */
  readonly maxBroadcasts?: number
}

/** {@link SfuOptions}, resolved. */
export interface SfuConfig {
  readonly workers: number | 'auto'
  readonly engine: EngineConfig
  readonly publisherPolicy: PublisherPolicy
  readonly maxPendingSessions: number
  readonly maxBroadcasts: number
}

const DAY_MS = 86_400_000
const GIB = 1024 ** 3

/** Checks and completes what the user passed. Throws `option-invalid`. */
export function resolveSfuOptions(options: SfuOptions): SfuConfig {
  const d = DEFAULT_ENGINE_CONFIG
  const integer = (name: keyof EngineConfig & keyof SfuOptions, min: number, max: number) =>
    integerOption(name, options[name], d[name] as number, min, max)
  const isAddress = (text: string) => isIP(text) !== 0
  const engine: EngineConfig = {
    listenIps: stringListOption('listenIps', options.listenIps, d.listenIps, 'IP addresses', isAddress),
    optionalIpv6: options.listenIps === undefined,
    announceIps: stringListOption('announceIps', options.announceIps, d.announceIps, 'IP addresses', isAddress),
    udpPort: integer('udpPort', 0, 65_535),
    connectTimeoutMs: integer('connectTimeoutMs', 100, DAY_MS),
    disconnectedAfterMs: integer('disconnectedAfterMs', 100, DAY_MS),
    consentTimeoutMs: integer('consentTimeoutMs', 100, DAY_MS),
    keyframeIntervalMs: integer('keyframeIntervalMs', 0, DAY_MS),
    keyframeMinSpacingMs: integer('keyframeMinSpacingMs', 50, 60_000),
    publisherMaxBitrateBps: integer('publisherMaxBitrateBps', 0, 1_000_000_000),
    instantStartMaxAgeMs: integer('instantStartMaxAgeMs', 0, 60_000),
    instantStartMaxBytes: integer('instantStartMaxBytes', 0, GIB),
    instantStartSpeed: integer('instantStartSpeed', 2, 20),
    historyPackets: integer('historyPackets', 64, 16_384),
    historyBytes: integer('historyBytes', 64 * 1024, GIB),
    socketBufferBytes: integer('socketBufferBytes', 16 * 1024, GIB),
    sendQueueBytes: integer('sendQueueBytes', 64 * 1024, GIB),
  }
  if (engine.listenIps.length === 0) {
    throw new BroadcastError('option-invalid', 'option listenIps: expected at least one address', {
      details: { option: 'listenIps' },
    })
  }
  return {
    workers: options.workers === 'auto' ? 'auto' : integerOption('workers', options.workers, 1, 0, 256),
    engine,
    publisherPolicy: resolvePublisherPolicy(options, 'replace'),
    maxPendingSessions: integerOption('maxPendingSessions', options.maxPendingSessions, 1000, 1, 1_000_000),
    maxBroadcasts: integerOption('maxBroadcasts', options.maxBroadcasts, 10_000, 1, 10_000_000),
  }
}

/** The policy that the user passed, or `fallback`. Throws `option-invalid`. */
export function resolvePublisherPolicy(options: BroadcastOptions, fallback: PublisherPolicy): PublisherPolicy {
  return choiceOption('publisherPolicy', options.publisherPolicy, fallback, ['replace', 'reject'])
}
