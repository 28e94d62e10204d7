/**
 * When to find out by a short burst whether the link carries more: at the start, after a drop, and from time to time while the estimate is
 * below what could be used. Growth by the delay alone takes most of a minute for what a probe shows in a round trip.
 */
import { ProbeCluster, type ProbeWish } from './probe-cluster.js'
import { CLUSTER_IDS } from './send-history.js'

/** The first probe, in multiples of the start rate; after its success, one of twice what arrived, and so on. */
const FIRST_FACTOR = 3
const FACTOR = 2
/** For receivers that estimate by themselves: they need a second, and double nothing. */
const REMB_FACTOR = 1.4
const REMB_PROBE_MS = 1000
const REMB_INTERVAL_MS = 8000
/** A probe lasts this long, and longer where jitter blurs it. */
const PROBE_MS = 25
const JITTER_FACTOR = 2
const MAX_PROBE_MS = 100
const MIN_PACKETS = 5
const MIN_BYTES = 1000
/** The first probe after a change of the rate waits so long; each that fails prolongs the wait up to the other. */
const FIRST_INTERVAL_MS = 2000
const MAX_INTERVAL_MS = 3000
const BACK_OFF = 1.5
/** If the network is busy when a probe is due, it waits so long again. */
const BUSY_MS = 200
/** A probe that the pacer does not send, or that nobody answers, is given up. */
const GIVE_UP_MS = 1500
/** Of the rate asked for, so much has to have been sent for the probe to say something about it. */
const SENT = 0.6
/** What a failed probe has shown includes what it has taken from others: so much of it is asked for next, if that is still more. */
const CONFIRMED = 0.97
const CONFIRMED_MORE = 1.05
/** Below this part of it, a probe has failed before all of it was reported: on a narrow link, the rest of it takes its time. */
const EARLY_FAILURE = 0.5
/** What was shown so long ago, and not used since, is looked at again: the link may have changed unnoticed. */
export const STALE_MS = 5000
/** There is nothing to find out if the estimate is this near to what is wanted. */
export const NEAR = 0.98

/** What the controller goes by when it is asked for a probe. Owned by the estimator, and reused. */
export interface ProbeInput {
  targetBps: number
  /** What could be used; a probe asks for no more. */
  wantedBps: number
  /** The delay is rising, the queue not empty, or packets are lost. */
  busy: boolean
  /** Transport-wide feedback arrives. */
  hasFeedback: boolean
  /** There is only the receiver's own estimate. */
  byReceiver: boolean
  /** Jitter. */
  variationMs: number
  /** When the link last carried about as much as the estimate says. */
  provenMs: number
}

/** At most one probe is on its way. */
export class ProbeController {
  cluster: ProbeCluster | undefined
  /** When the newest probe that was answered or given up ended. */
  endedMs = Number.NEGATIVE_INFINITY
  sent = 0
  succeeded = 0
  failed = 0
  #lastId = 0
  #nextMs = Number.NEGATIVE_INFINITY
  #intervalMs = FIRST_INTERVAL_MS
  #started = false
  /** What the next probe is to confirm; 0 for nothing. */
  #confirmBps = 0

  /** When `next` may have something; before, it has nothing. */
  get dueMs(): number {
    return this.cluster === undefined ? this.#nextMs : this.#giveUpMs(this.cluster)
  }

  /** A probe that should be sent now. */
  next(input: ProbeInput, nowMs: number): ProbeWish | undefined {
    this.expire(nowMs)
    if (this.cluster !== undefined || nowMs < this.#nextMs) return undefined
    const { targetBps, wantedBps } = input
    const isStale = input.hasFeedback && nowMs - input.provenMs >= STALE_MS
    const isEnough = targetBps >= wantedBps * NEAR && !isStale
    if (isEnough || (this.#started && !input.hasFeedback && !input.byReceiver)) {
      this.#nextMs = nowMs + FIRST_INTERVAL_MS
      return undefined
    }
    if (input.busy) {
      this.#nextMs = nowMs + BUSY_MS
      return undefined
    }
    if (this.#confirmBps > 0 && this.#confirmBps < CONFIRMED_MORE * targetBps) {
      this.#confirmBps = 0
      this.#wait(nowMs)
      return undefined
    }
    const slow = input.byReceiver && !input.hasFeedback
    const factor = slow ? REMB_FACTOR : this.#started ? FACTOR : FIRST_FACTOR
    const probeBps = this.#confirmBps > 0 ? this.#confirmBps : targetBps * factor
    this.#started = true
    this.#confirmBps = 0
    return this.#create(Math.min(probeBps, wantedBps), slow ? REMB_PROBE_MS : probeMs(input), slow, nowMs)
  }

  /** A packet of a probe was sent. */
  packetSent(clusterId: number, extSeq: number, bytes: number, nowMs: number): void {
    if (this.cluster?.wish.clusterId === clusterId) this.cluster.sent(extSeq, bytes, nowMs)
  }

  /** A packet of a probe has arrived. */
  packetReceived(clusterId: number, sentMs: number, arrivalMs: number, bytes: number): void {
    if (this.cluster?.wish.clusterId === clusterId) this.cluster.received(sentMs, arrivalMs, bytes)
  }

  /** Feedback covers everything up to `extSeq`: returns the rate that the probe has shown, NaN if there is none. */
  evaluate(extSeq: number, nowMs: number): number {
    const { cluster } = this
    if (cluster === undefined || !cluster.isSent) return Number.NaN
    if (extSeq < cluster.lastExtSeq) {
      const partialBps = cluster.partialBps()
      if (!(partialBps < EARLY_FAILURE * cluster.wish.targetBps)) return Number.NaN
      this.#end(partialBps, false, nowMs)
      return partialBps
    }
    const measuredBps = cluster.measuredBps()
    this.#end(measuredBps, cluster.isCarried && measuredBps >= SENT * cluster.wish.targetBps, nowMs)
    return measuredBps
  }

  /** The rate has dropped by much: what it was may come back soon. */
  dropped(nowMs: number): void {
    this.#intervalMs = FIRST_INTERVAL_MS
    this.#nextMs = nowMs + FIRST_INTERVAL_MS
  }

  /** What could be used has become more than the estimate. */
  wanted(nowMs: number): void {
    if (this.#started && this.cluster === undefined) this.#nextMs = Math.min(this.#nextMs, nowMs)
  }

  /** Gives up a probe that takes too long. */
  expire(nowMs: number): void {
    if (this.cluster !== undefined && nowMs >= this.#giveUpMs(this.cluster)) this.#end(Number.NaN, false, nowMs)
  }

  #create(targetBps: number, durationMs: number, slow: boolean, nowMs: number): ProbeWish {
    this.#lastId = (this.#lastId % (CLUSTER_IDS - 1)) + 1
    const bytes = Math.max(MIN_BYTES, Math.ceil((targetBps * durationMs) / 8000))
    const wish = { clusterId: this.#lastId, targetBps, bytes, packets: MIN_PACKETS }
    this.cluster = new ProbeCluster(wish, nowMs)
    this.sent++
    if (slow) this.#intervalMs = REMB_INTERVAL_MS
    return wish
  }

  #end(measuredBps: number, success: boolean, nowMs: number): void {
    this.cluster = undefined
    this.endedMs = nowMs
    if (success) {
      this.succeeded++
      this.#intervalMs = FIRST_INTERVAL_MS
      this.#nextMs = nowMs
      return
    }
    this.failed++
    this.#confirmBps = measuredBps > 0 ? CONFIRMED * measuredBps : 0
    if (this.#confirmBps > 0) this.#nextMs = nowMs
    else this.#wait(nowMs)
  }

  #wait(nowMs: number): void {
    this.#nextMs = nowMs + this.#intervalMs
    this.#intervalMs = Math.max(this.#intervalMs, Math.min(MAX_INTERVAL_MS, this.#intervalMs * BACK_OFF))
  }

  #giveUpMs({ createdMs, lastSentMs }: ProbeCluster): number {
    return (Number.isNaN(lastSentMs) ? createdMs : lastSentMs) + GIVE_UP_MS
  }
}

function probeMs({ variationMs }: ProbeInput): number {
  return Math.min(MAX_PROBE_MS, PROBE_MS + JITTER_FACTOR * variationMs)
}
