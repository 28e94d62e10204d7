/** The delay-based rate: additive or multiplicative increase, multiplicative decrease (draft-ietf-rmcat-gcc-02, section 5.5). */
import type { BweConfig } from './bwe-config.js'
import { LinkCapacity } from './link-capacity.js'
import type { LinkUsage } from './overuse-detector.js'

/** What the rate does. */
export type RateState = 'hold' | 'increase' | 'decrease'

/** beta: what is kept of the rate that arrived. */
const DECREASE = 0.85
/** Of it, so much is taken up again as soon as the queue is empty; and a short queue is no reason to go below. */
const RECOVERY = 0.95
/** A queue below this is empty. */
const EMPTY_QUEUE_MS = 15
/** eta: growth per second while the capacity is not known. */
const INCREASE_PER_SECOND = 1.08
const MIN_INCREASE_BPS = 1000
/** Near convergence: at least so much more per second. */
const MIN_ADDITIVE_BPS_PER_SECOND = 4000
/** The rate does not grow beyond what arrives by more than this. */
const MAX_OVER_ACKNOWLEDGED = 1.5
const OVER_ACKNOWLEDGED_BPS = 10_000
/** Sending less than this part of the rate leaves some of it unused. */
const USED = 0.7
/** The draft's frame rate and packet size, for the size of an additive step. */
const FRAMES_PER_SECOND = 30
const PACKET_BITS = 1200 * 8
/** What the over-use detector needs to notice. */
const DETECTION_MS = 100
/** Two decreases are at least a round trip apart, within these bounds. */
const MIN_DECREASE_SPACING_MS = 10
const MAX_DECREASE_SPACING_MS = 200
/** A queue below this may be a passing one, as long as what is sent arrives. */
const SMALL_QUEUE_MS = 50
/** Of what is sent, so much has to arrive for that. */
const ARRIVES = 0.7
/** What arrives has risen if the newest arrivals are so many times what the filter says. */
const RISE = 1.25
/** The last second's step is the largest that time is counted for. */
const MAX_STEP_MS = 1000

/** What an update of {@link AimdRate} goes by. Owned by the estimator, and reused. */
export interface AimdInput {
  usage: LinkUsage
  /** NaN if unknown. */
  acknowledgedBps: number
  /** Of the newest window alone; NaN if unknown. */
  newestWindowBps: number
  /** Of the newest arrivals alone; NaN if unknown. */
  newestBps: number
  queueMs: number
  /** What is sent. */
  sentBps: number
  /** A probe or a keyframe has just been sent: the queue is its. */
  bursting: boolean
  rttMs: number
}

/** The rate that the delay allows. */
export class AimdRate {
  readonly capacity = new LinkCapacity()
  state: RateState = 'hold'
  /** When it was last decreased. */
  decreasedMs = Number.NEGATIVE_INFINITY
  #bps: number
  readonly #minBps: number
  readonly #maxBps: number
  #updatedMs = Number.NaN
  /** What to return to when the queue is empty; 0 for nothing. */
  #recoveryBps = 0

  constructor(config: BweConfig) {
    this.#bps = config.startBps
    this.#minBps = config.minBps
    this.#maxBps = config.maxBps
  }

  get bps(): number {
    return this.#bps
  }

  /** Something else knows better: a probe, or silence. */
  set(bps: number): void {
    this.#bps = Math.min(this.#maxBps, Math.max(this.#minBps, bps))
  }

  /** Feedback has arrived. */
  update(input: AimdInput, nowMs: number): void {
    const stepMs = Number.isNaN(this.#updatedMs) ? 0 : Math.min(MAX_STEP_MS, nowMs - this.#updatedMs)
    this.#updatedMs = nowMs
    if (input.usage !== 'overuse' && input.queueMs < EMPTY_QUEUE_MS) this.#recover()
    if (input.usage === 'overuse') {
      if (input.bursting && this.#carriesWhatIsSent(input)) this.state = 'hold'
      else if (this.#mayDecrease(input, nowMs)) this.#decrease(input, nowMs)
    } else if (input.usage === 'underuse') {
      // The queue drains: wait until it is empty.
      this.state = 'hold'
    } else if (this.state === 'decrease') {
      this.state = 'hold'
    } else {
      this.state = 'increase'
      this.#increase(input, stepMs)
    }
  }

  /** The rate was lowered so that the queue would drain; what the link carried meanwhile is known. */
  #recover(): void {
    if (this.#recoveryBps > this.#bps) this.set(this.#recoveryBps)
    this.#recoveryBps = 0
  }

  #carriesWhatIsSent(input: AimdInput): boolean {
    return arrivingBps(input) >= ARRIVES * input.sentBps
  }

  #mayDecrease(input: AimdInput, nowMs: number): boolean {
    const spacingMs = Math.min(MAX_DECREASE_SPACING_MS, Math.max(MIN_DECREASE_SPACING_MS, input.rttMs))
    return nowMs - this.decreasedMs >= spacingMs || input.acknowledgedBps < this.#bps / 2
  }

  #decrease(input: AimdInput, nowMs: number): void {
    const { acknowledgedBps, queueMs } = input
    this.state = 'decrease'
    this.decreasedMs = nowMs
    if (Number.isNaN(acknowledgedBps)) {
      this.set(this.#bps * DECREASE)
      return
    }
    const arrivesBps = arrivingBps(input)
    if (queueMs < SMALL_QUEUE_MS && this.#carriesWhatIsSent(input)) {
      // The link is not known to be full: what arrives may be just what was sent.
      const eased = this.#bps * (1 - ((1 - DECREASE) * Math.max(0, queueMs)) / SMALL_QUEUE_MS)
      this.set(Math.max(eased, Math.min(this.#bps, RECOVERY * arrivesBps)))
      return
    }
    if (input.sentBps < USED * this.#bps && this.#carriesWhatIsSent(input)) {
      // Others fill the link: what is given up first is what is not used.
      this.set(Math.max(this.#bps * USED, Math.min(this.#bps, arrivesBps)))
      return
    }
    let bps = arrivesBps * DECREASE
    if (bps > this.#bps && this.capacity.bps > 0) bps = this.capacity.bps * DECREASE
    this.#recoveryBps = Math.min(this.#bps, arrivesBps * RECOVERY)
    this.set(Math.min(bps, this.#bps))
    if (this.capacity.isAbove(arrivesBps)) this.capacity.forget()
    this.capacity.observe(arrivesBps)
  }

  #increase({ acknowledgedBps, rttMs }: AimdInput, stepMs: number): void {
    if (this.capacity.isBelow(acknowledgedBps)) this.capacity.forget()
    const limitBps = Number.isNaN(acknowledgedBps)
      ? this.#bps
      : MAX_OVER_ACKNOWLEDGED * acknowledgedBps + OVER_ACKNOWLEDGED_BPS
    if (this.#bps >= limitBps) return
    const near = this.capacity.bps > 0
    const growthBps = near ? this.#additive(rttMs) * (stepMs / 1000) : this.#multiplicative(stepMs)
    this.set(Math.min(this.#bps + growthBps, limitBps))
  }

  #multiplicative(stepMs: number): number {
    const growth = this.#bps * (INCREASE_PER_SECOND ** (stepMs / 1000) - 1)
    return Math.max(growth, (MIN_INCREASE_BPS * stepMs) / 1000)
  }

  /** One packet more per response time. */
  #additive(rttMs: number): number {
    const frameBits = this.#bps / FRAMES_PER_SECOND
    const packetBits = frameBits / Math.ceil(frameBits / PACKET_BITS)
    return Math.max(MIN_ADDITIVE_BPS_PER_SECOND, (packetBits * 1000) / (DETECTION_MS + rttMs))
  }
}

/**
 * While the link is full, what arrives is what it carries. The filter would take a second to say so after a drop, and after a sender that
 * has begun to send much more.
 */
function arrivingBps({ acknowledgedBps, newestWindowBps, newestBps }: AimdInput): number {
  return newestBps > RISE * acknowledgedBps ? newestBps : Math.min(acknowledgedBps, newestWindowBps)
}
