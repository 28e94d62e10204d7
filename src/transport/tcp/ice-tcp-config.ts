/** The bounds of ICE-TCP on one port. */

/** Resolved settings; plain values that cross threads. */
export interface IceTcpConfig {
  /** Connections at the same time. */
  readonly maxConnections: number
  /** Those of one client address. */
  readonly maxConnectionsPerAddress: number
  /** Those that have not passed an authenticated check. */
  readonly maxPendingConnections: number
  /** Time for an authenticated check to come. */
  readonly checkTimeoutMs: number
  /** What waits for the network of one connection. */
  readonly maxQueueBytes: number
}

/** The defaults. */
export const DEFAULT_ICE_TCP: IceTcpConfig = {
  maxConnections: 4096,
  maxConnectionsPerAddress: 256,
  maxPendingConnections: 256,
  checkTimeoutMs: 10_000,
  maxQueueBytes: 256 * 1024,
}
