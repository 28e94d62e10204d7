/** What users pass to `new Sfu()` and `new Broadcast()`, checked and resolved. */
import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { DEFAULT_ENGINE_CONFIG, type EngineConfig, NATIVE_CHOICES } from '../engine/engine-config.js'
import type { ExtensionSettings } from '../engine/types.js'
import { isNodeId, MAX_PATH_NODES } from '../relay/relay-path.js'
import {
  booleanOption,
  choiceOption,
  integerOption,
  numberOption,
  refuseOption,
  stringListOption,
} from '../util/options.js'
import { type AddressOptions, resolveAddressOptions } from './address-options.js'
import { type ExtensionOptions, resolveExtensionOptions } from './extension-options.js'
import { type OverloadConfig, type OverloadOptions, resolveOverload } from './load/overload-options.js'
import { resolveEstimates, resolveWaits } from './related-options.js'
import {
  DEFAULT_ADDRESS_LIMITS,
  DEFAULT_BROADCAST_LIMITS,
  resolveSessionLimits,
  type SessionLimits,
  type SessionLimitsConfig,
} from './session-limits.js'

/** What happens when a broadcast that has a publisher gets another one. */
export type PublisherPolicy = 'replace' | 'reject'

/** Options of one broadcast. */
export interface BroadcastOptions extends ExtensionOptions {
  /**
   * What happens when a broadcast that has a publisher gets another one: `replace` ends the old one as soon as the new one is
   * connected, and viewers go on without renegotiation; `reject` refuses the new one with `publisher-exists`. Default `replace`.
   */
  readonly publisherPolicy?: PublisherPolicy
  /** How many sessions each broadcast may have, and how fast they may come. Defaults at {@link SessionLimits}. */
  readonly limits?: SessionLimits
  /**
   * Milliseconds after which a broadcast that nobody publishes to is closed, its viewers with it, and also when the application has asked for it;
   * 0 for never. Default 0.
   */
  readonly idleTimeoutMs?: number
}

/** Options of an Sfu, or of a Broadcast that stands alone. */
export interface SfuOptions extends BroadcastOptions, AddressOptions {
  /**
   * Worker threads that carry the media: a number, 0 for this thread, or `auto` for all cores but one that the process may use, at least one. A container's
   * limit of CPU time counts. Default 1.
   */
  readonly workers?: number | 'auto'
  /** Local addresses of the media port. Default `['0.0.0.0', '::']`, the second one where the machine has IPv6. */
  readonly listenIps?: string | readonly string[]
  /**
   * Port of the media, UDP's and, with `iceTcp`, TCP's; 0 for any free one. Further worker threads take the following numbers. Default 0.
   */
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
  /**
   * Milliseconds that nobody takes a layer of a video which comes from another server, before that server is asked to pause it (RFC 7728). It
   * comes again as soon as somebody does. 0 for never. Default 2000.
   */
  readonly layerPauseAfterMs?: number
  /** What publishers are asked to send at most, in bits per second each (REMB and `b=`); 0 for no limit. Default 0. */
  readonly publisherMaxBitrateBps?: number
  /**
   * Whether a publisher that sends a quarter more than it was asked to, for ten seconds, is ended with `limit-exceeded`. Many clients do not
   * know the request; those that do keep well within. Default false.
   */
  readonly enforcePublisherBitrate?: boolean
  /**
   * A viewer that joins starts from the newest keyframe that is kept, if that came no longer than this many milliseconds ago: nobody waits, and
   * the publisher is not asked for another one. 0 asks for a keyframe at each join. Default 5000.
   */
  readonly instantStartMaxAgeMs?: number
  /** A viewer starts from what is kept if that has no more bytes than this. Default 1.5 MiB. */
  readonly instantStartMaxBytes?: number
  /** How many times as fast as it was captured a viewer is sent what is kept, until it is live. Default 5. */
  readonly instantStartSpeed?: number
  /** Packets that the history of a layer keeps, at most: what is sent again and replayed comes from it. Default 2048. */
  readonly historyPackets?: number
  /** Bytes that the history of a layer keeps, at most. Default 4 MiB. */
  readonly historyBytes?: number
  /**
   * Milliseconds that a packet stays in the history of its layer, at most; not less than `pacingQueueMs`. Default 10000, or
   * `instantStartMaxAgeMs` if that is more.
   */
  readonly historyMs?: number
  /**
   * What sending lost packets again may cost for each viewer, as a part of its media's bitrate: 0 to 1, on average. What exceeds it is counted in
   * `retransmission.overBudget` of its stats. Default 0.3.
   */
  readonly retransmissionShare?: number
  /** What sending lost packets again may cost at once for each viewer, in bytes; 0 for no repair. Default 128 KiB. */
  readonly retransmissionBurstBytes?: number
  /**
   * Milliseconds that a packet of video may wait for the viewer's network, at most; then video is dropped up to its next keyframe.
   * Default 500.
   */
  readonly pacingQueueMs?: number
  /** Bytes that may wait for one viewer's network, at most. Default 512 KiB. */
  readonly pacingQueueBytes?: number
  /** What a viewer's network is taken to carry before its first feedback, in bits per second. Default 600000. */
  readonly startEstimateBps?: number
  /** No estimate of a viewer's network is below this, in bits per second. Default 50000. */
  readonly minEstimateBps?: number
  /** No estimate of a viewer's network is above this, in bits per second. Default 50000000. */
  readonly maxEstimateBps?: number
  /** Receive and send buffer that is asked of the kernel for each media socket, in bytes. Default 4 MiB. */
  readonly socketBufferBytes?: number
  /** Bytes that may wait in a media socket for the kernel; what comes on top is dropped and counted. Default 16 MiB. */
  readonly sendQueueBytes?: number
  /**
   * Bytes of media that may wait for another worker thread, for each pair of threads and direction; what comes on top is dropped and counted. The memory is
   * shared by the two, and its size a power of two, 256 KiB at first. Default 16 MiB.
   */
  readonly pipeQueueBytes?: number
  /**
   * Bytes that may wait behind media, per shard: checks and handshakes of clients that are not connected yet, and 256 more for each. What comes on top is
   * dropped, counted in `joinsPutOff`, and repeated by its client. Default 1 MiB.
   */
  readonly joinQueueBytes?: number
  /**
   * Whether packets are encrypted and sent by what the process and the kernel have in C (on Linux, with the optional package `koffi`), which takes a
   * fraction of the CPU: `auto` where that works, `off` for never, `require` to refuse to start without it (`native-unavailable`). Default: what the
   * environment variable `MANYCAST_NATIVE` says, else `auto`.
   */
  readonly native?: 'auto' | 'off' | 'require'
  /**
   * The nice value that each worker thread asks for, on Linux, -20 to 0: where cores are short, media comes before the application's thread and before the
   * compiler of JavaScript. It takes the capability `CAP_SYS_NICE`, and without it all stays as it was. 0 asks for nothing. Default -10.
   */
  readonly workerNice?: number
  /**
   * How many sessions each client address may have, and how fast they may come, as far as addresses are known (`context.address`; `nodeHttp` knows
   * them). An IPv6 network of 64 bits counts as one address; loopback addresses are not limited. Defaults at {@link SessionLimits}.
   */
  readonly addressLimits?: SessionLimits
  /** Sessions that may be connecting at the same time. Default 1000. */
  readonly maxPendingSessions?: number
  /**
   * What this node is called in the paths of relays, unique among all nodes: 1 to 64 letters, digits, dots, hyphens, underscores or tildes. Default 16
   * random letters and digits.
   */
  readonly nodeId?: string
  /** Nodes that media may have come through before they come to this one, 1 to 31; others are refused with `relay-too-deep`. Default 8. */
  readonly maxRelayDepth?: number
  /** Broadcasts that may exist at the same time. Default 10000. */
  readonly maxBroadcasts?: number
  /** Of those, the ones that offers have made (`sfu.publish`, `sfu.view`, the adapters) and that go with their last session. Default 5000. */
  readonly maxEphemeralBroadcasts?: number
  /** How often the load is measured, in milliseconds, see `sfu.load()`. Default 1000. */
  readonly loadIntervalMs?: number
  /** From which load on newcomers are refused with `overloaded`; false for never. Defaults at {@link OverloadOptions}. */
  readonly overload?: OverloadOptions | false
}

/** {@link SfuOptions}, resolved. */
export interface SfuConfig {
  readonly workers: number | 'auto'
  readonly engine: EngineConfig
  readonly publisherPolicy: PublisherPolicy
  readonly extensions: ExtensionSettings
  readonly enforcePublisherBitrate: boolean
  readonly limits: SessionLimitsConfig
  readonly addressLimits: SessionLimitsConfig
  readonly maxPendingSessions: number
  readonly maxBroadcasts: number
  readonly maxEphemeralBroadcasts: number
  readonly idleTimeoutMs: number
  readonly nodeId: string
  readonly maxRelayDepth: number
  readonly loadIntervalMs: number
  readonly overload: OverloadConfig
}

const DAY_MS = 86_400_000
const GIB = 1024 ** 3

/** Checks and completes what the user passed. Throws `option-invalid`. */
export function resolveSfuOptions(options: SfuOptions): SfuConfig {
  const d = DEFAULT_ENGINE_CONFIG
  const integer = (name: keyof EngineConfig & keyof SfuOptions, min: number, max: number) =>
    integerOption(name, options[name], d[name] as number, min, max)
  const isAddress = (text: string) => isIP(text) !== 0
  const instantStartMaxAgeMs = integer('instantStartMaxAgeMs', 0, 60_000)
  const engine: EngineConfig = {
    listenIps: stringListOption('listenIps', options.listenIps, d.listenIps, 'IP addresses', isAddress),
    optionalIpv6: options.listenIps === undefined,
    ...resolveAddressOptions(options),
    udpPort: integer('udpPort', 0, 65_535),
    connectTimeoutMs: integer('connectTimeoutMs', 100, DAY_MS),
    disconnectedAfterMs: integer('disconnectedAfterMs', 100, DAY_MS),
    consentTimeoutMs: integer('consentTimeoutMs', 100, DAY_MS),
    keyframeIntervalMs: integer('keyframeIntervalMs', 0, DAY_MS),
    keyframeMinSpacingMs: integer('keyframeMinSpacingMs', 50, 60_000),
    layerPauseAfterMs: integer('layerPauseAfterMs', 0, DAY_MS),
    publisherMaxBitrateBps: integer('publisherMaxBitrateBps', 0, 1_000_000_000),
    instantStartMaxAgeMs,
    instantStartMaxBytes: integer('instantStartMaxBytes', 0, GIB),
    instantStartSpeed: integer('instantStartSpeed', 2, 20),
    historyPackets: integer('historyPackets', 64, 16_384),
    historyBytes: integer('historyBytes', 64 * 1024, GIB),
    retransmissionShare: numberOption('retransmissionShare', options.retransmissionShare, d.retransmissionShare, 0, 1),
    retransmissionBurstBytes: integer('retransmissionBurstBytes', 0, GIB),
    pacingQueueBytes: integer('pacingQueueBytes', 16 * 1024, GIB),
    ...resolveWaits(options, instantStartMaxAgeMs),
    ...resolveEstimates(options),
    socketBufferBytes: integer('socketBufferBytes', 16 * 1024, GIB),
    sendQueueBytes: integer('sendQueueBytes', 64 * 1024, GIB),
    pipeQueueBytes: integer('pipeQueueBytes', 256 * 1024, GIB),
    joinQueueBytes: integer('joinQueueBytes', 16 * 1024, GIB),
    native: choiceOption('native', options.native ?? environmentChoice(), d.native, NATIVE_CHOICES),
    workerNice: integer('workerNice', -20, 0),
  }
  if (engine.listenIps.length === 0) refuseOption('listenIps', 'at least one address', engine.listenIps)
  return {
    workers: options.workers === 'auto' ? 'auto' : integerOption('workers', options.workers, 1, 0, 256),
    engine,
    publisherPolicy: resolvePublisherPolicy(options, 'replace'),
    extensions: resolveExtensionOptions(options, {}),
    enforcePublisherBitrate: booleanOption('enforcePublisherBitrate', options.enforcePublisherBitrate, false),
    limits: resolveSessionLimits('limits', options.limits, DEFAULT_BROADCAST_LIMITS),
    addressLimits: resolveSessionLimits('addressLimits', options.addressLimits, DEFAULT_ADDRESS_LIMITS),
    maxPendingSessions: integerOption('maxPendingSessions', options.maxPendingSessions, 1000, 1, 1_000_000),
    maxBroadcasts: integerOption('maxBroadcasts', options.maxBroadcasts, 10_000, 1, 10_000_000),
    maxEphemeralBroadcasts: integerOption(
      'maxEphemeralBroadcasts',
      options.maxEphemeralBroadcasts,
      5000,
      0,
      10_000_000,
    ),
    idleTimeoutMs: resolveIdleTimeout(options, 0),
    nodeId: resolveNodeId(options.nodeId),
    maxRelayDepth: integerOption('maxRelayDepth', options.maxRelayDepth, 8, 1, MAX_PATH_NODES - 1),
    loadIntervalMs: integerOption('loadIntervalMs', options.loadIntervalMs, 1000, 100, 60_000),
    overload: resolveOverload(options.overload),
  }
}

function resolveNodeId(value: string | undefined): string {
  if (value === undefined) return randomBytes(8).toString('hex')
  if (!isNodeId(value)) refuseOption('nodeId', '1 to 64 letters, digits, dots, hyphens, underscores or tildes', value)
  return value
}

/** The timeout that the user passed, or `fallback`. Throws `option-invalid`. */
export function resolveIdleTimeout(options: BroadcastOptions, fallback: number): number {
  return integerOption('idleTimeoutMs', options.idleTimeoutMs, fallback, 0, 30 * DAY_MS)
}

/** The policy that the user passed, or `fallback`. Throws `option-invalid`. */
export function resolvePublisherPolicy(options: BroadcastOptions, fallback: PublisherPolicy): PublisherPolicy {
  return choiceOption('publisherPolicy', options.publisherPolicy, fallback, ['replace', 'reject'])
}

/** What the environment says of the native path; an empty variable says nothing. */
function environmentChoice(): string | undefined {
  return process.env.MANYCAST_NATIVE || undefined
}
