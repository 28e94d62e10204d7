/** What the bandwidth estimation of a viewer knows, as plain numbers. */
import type { RateState } from './aimd.js'
import type { LinkUsage } from './overuse-detector.js'

/** A snapshot of a {@link BandwidthEstimator}. */
export interface BweStats {
  /** What may be sent. Infinite for no limit. */
  readonly targetBps: number
  /** What the delay allows. */
  readonly delayBasedBps: number
  /** What the loss allows; infinite while it allows everything. */
  readonly lossLimitBps: number
  /** The newest REMB. */
  readonly receiverEstimateBps: number | undefined
  /** What arrives. */
  readonly acknowledgedBps: number | undefined
  /** What was sent in the last half second. */
  readonly sentBps: number
  readonly state: RateState
  readonly usage: LinkUsage
  /** Clearly less is sent than might be. */
  readonly appLimited: boolean
  readonly rttMs: number | undefined
  /** How long packets wait in the network's queues. */
  readonly queueMs: number
  /** Jitter: the average difference between the delays of packet groups that follow each other. */
  readonly variationMs: number
  readonly trend: number
  readonly trendThreshold: number
  /** Of the newest window, 0 to 1. */
  readonly lossRate: number
  /** What the link loses however little is sent, 0 to 1. */
  readonly inherentLossRate: number
  readonly feedbacks: number
  readonly packetsReported: number
  readonly packetsLost: number
  readonly probesSent: number
  readonly probesSucceeded: number
  readonly probesFailed: number
  /** How many packets the send history has room for. */
  readonly historyPackets: number
}
