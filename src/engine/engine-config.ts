/** What an engine is made with: plain resolved values that cross to the worker threads. */
import { defaultMediaConfig } from '../media/media-config.js'
import type { MediaConfig } from '../media/types.js'
import type { AnnouncedAddress, AnnounceHosts } from '../transport/ice/announced-addresses.js'
import { DEFAULT_ICE_TCP, type IceTcpConfig } from '../transport/tcp/ice-tcp-config.js'
import type { NativeChoice } from '../transport/transport-path.js'

export type { AnnouncedAddress, AnnounceHosts } from '../transport/ice/announced-addresses.js'
export { DEFAULT_ICE_TCP, type IceTcpConfig } from '../transport/tcp/ice-tcp-config.js'
export { NATIVE_CHOICES, type NativeChoice } from '../transport/transport-path.js'

/** The settings of the media core that an engine is told; the others are the core's own. */
const MEDIA_SETTINGS = [
  'keyframeIntervalMs',
  'keyframeMinSpacingMs',
  'layerPauseAfterMs',
  'instantStartMaxAgeMs',
  'instantStartMaxBytes',
  'instantStartSpeed',
  'historyPackets',
  'historyBytes',
  'historyMs',
  'retransmissionShare',
  'retransmissionBurstBytes',
  'pacingQueueMs',
  'pacingQueueBytes',
  'startEstimateBps',
  'minEstimateBps',
  'maxEstimateBps',
] as const satisfies readonly (keyof MediaConfig)[]

/** Those settings. */
export type MediaSettings = Pick<MediaConfig, (typeof MEDIA_SETTINGS)[number]>

/** Settings of a shard, resolved; `docs/limits.md` has the options behind them. */
export interface EngineConfig extends MediaSettings {
  readonly listenIps: readonly string[]
  /** An IPv6 listen address that the machine does not have is left out instead of being an error. */
  readonly optionalIpv6: boolean
  /** Addresses in the candidates instead of the machine's own; empty for the machine's own. */
  readonly announceIps: readonly AnnouncedAddress[]
  /** Whether host names among them are looked up. */
  readonly announceHosts: AnnounceHosts
  /** The first shard's port, the next ones follow; 0 for any free ports. */
  readonly udpPort: number
  /** The bounds of TCP connections to the same port; undefined for none. */
  readonly iceTcp: IceTcpConfig | undefined
  readonly connectTimeoutMs: number
  readonly disconnectedAfterMs: number
  readonly consentTimeoutMs: number
  /** What a publisher is asked to send at most, in bits per second; 0 for no limit. */
  readonly publisherMaxBitrateBps: number
  readonly socketBufferBytes: number
  readonly sendQueueBytes: number
  /** How many bytes may wait in each shard for each other one; the largest power of two below it counts. */
  readonly pipeQueueBytes: number
  /** What clients that are not connected yet have asked, as far as it waits behind media. */
  readonly joinQueueBytes: number
  /** Whether packets are encrypted and sent natively. */
  readonly native: NativeChoice
  /** The nice value that a worker thread asks for, on Linux; 0 for the one that it has. */
  readonly workerNice: number
}

/** The defaults of everything in {@link EngineConfig}. */
export const DEFAULT_ENGINE_CONFIG: EngineConfig = {
  ...mediaSettings(defaultMediaConfig(0)),
  listenIps: ['0.0.0.0', '::'],
  optionalIpv6: true,
  announceIps: [],
  announceHosts: 'refuse',
  udpPort: 0,
  iceTcp: DEFAULT_ICE_TCP,
  connectTimeoutMs: 15_000,
  disconnectedAfterMs: 6_000,
  consentTimeoutMs: 30_000,
  publisherMaxBitrateBps: 0,
  socketBufferBytes: 4 * 1024 * 1024,
  sendQueueBytes: 16 * 1024 * 1024,
  pipeQueueBytes: 16 * 1024 * 1024,
  joinQueueBytes: 1024 * 1024,
  native: 'auto',
  workerNice: -10,
}

/**
 * The settings of the media core in a shard with that configuration.
 *
 * @param unixOffsetMs Unix time minus the core's time, in milliseconds.
 */
export function resolveMediaConfig(config: EngineConfig, unixOffsetMs: number): MediaConfig {
  return { ...defaultMediaConfig(unixOffsetMs), ...mediaSettings(config) }
}

function mediaSettings(from: MediaSettings): MediaSettings {
  return Object.fromEntries(MEDIA_SETTINGS.map((name) => [name, from[name]])) as unknown as MediaSettings
}
