/** What an engine is made with: plain resolved values that cross to the worker threads. */

/** Settings of a shard, resolved; `docs/limits.md` has the options behind them. */
export interface EngineConfig {
  readonly listenIps: readonly string[]
  /** An IPv6 listen address that the machine does not have is left out instead of being an error. */
  readonly optionalIpv6: boolean
  /** Addresses in the candidates instead of the machine's own; empty for the machine's own. */
  readonly announceIps: readonly string[]
  /** The first shard's port, the next ones follow; 0 for any free ports. */
  readonly udpPort: number
  readonly connectTimeoutMs: number
  readonly disconnectedAfterMs: number
  readonly consentTimeoutMs: number
  readonly keyframeIntervalMs: number
  readonly keyframeMinSpacingMs: number
  /** What a publisher is asked to send at most, in bits per second; 0 for no limit. */
  readonly publisherMaxBitrateBps: number
  readonly instantStartMaxAgeMs: number
  readonly instantStartMaxBytes: number
  readonly instantStartSpeed: number
  readonly historyPackets: number
  readonly historyBytes: number
  readonly socketBufferBytes: number
  readonly sendQueueBytes: number
}

/** The defaults of everything in {@link EngineConfig}. */
export const DEFAULT_ENGINE_CONFIG: EngineConfig = {
  listenIps: ['0.0.0.0', '::'],
  optionalIpv6: true,
  announceIps: [],
  udpPort: 0,
  connectTimeoutMs: 15_000,
  disconnectedAfterMs: 6_000,
  consentTimeoutMs: 30_000,
  keyframeIntervalMs: 0,
  keyframeMinSpacingMs: 500,
  publisherMaxBitrateBps: 0,
  instantStartMaxAgeMs: 5000,
  instantStartMaxBytes: 1536 * 1024,
  instantStartSpeed: 5,
  historyPackets: 2048,
  historyBytes: 4 * 1024 * 1024,
  socketBufferBytes: 4 * 1024 * 1024,
  sendQueueBytes: 16 * 1024 * 1024,
}
