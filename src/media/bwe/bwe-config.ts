/** The settings of the bandwidth estimation of one viewer's transport; `docs/bandwidth.md` says why they are what they are. */

/** Settings of a {@link BandwidthEstimator}, resolved. */
export interface BweConfig {
  /** The viewer has negotiated feedback (transport-cc or REMB): without any so far, `startBps` is kept to for a while. */
  readonly expectsFeedback: boolean
  /** The estimate before the first feedback. */
  readonly startBps: number
  /** No estimate is below it. */
  readonly minBps: number
  /** No estimate that comes from feedback is above it. */
  readonly maxBps: number
  /** The estimate for a viewer that gives no feedback; infinity for no limit. */
  readonly unknownBps: number
  /** A viewer that should give feedback and has given none for this long after the first packet is taken for one that gives none. */
  readonly feedbackWaitMs: number
}

/** The default settings, for a viewer that has negotiated feedback. */
export function defaultBweConfig(): BweConfig {
  return {
    expectsFeedback: true,
    startBps: 600_000,
    minBps: 50_000,
    maxBps: 50_000_000,
    unknownBps: Number.POSITIVE_INFINITY,
    feedbackWaitMs: 5000,
  }
}
