/**
 * The loss-based controller (draft-ietf-rmcat-gcc-02, section 6), with two things more: loss that does not change when less is sent belongs
 * to the link and is not held against the rate; and moderate loss that lasts is looked into instead of being put up with.
 */
import type { BweConfig } from './bwe-config.js'
import { LossOrigin } from './loss-origin.js'

/** Below: the limit rises. */
const LOW_LOSS = 0.02
/** Above: it falls. */
const HIGH_LOSS = 0.1
const INCREASE_PER_SECOND = 1.08
/** Growth near the rate that is known to be too much. */
const CAREFUL_INCREASE_PER_SECOND = 1.005
const CAREFUL_FROM = 0.93
/** That knowledge ages. */
const CAREFUL_MS = 20_000
/** So much of it is no bad link but a full one without a queue: then what arrives is what it carries. */
const SEVERE_LOSS = 0.4
/** Fewer packets may have met with one burst of loss. */
const SEVERE_PACKETS = 100
/** A judgement needs so many packets, and so much time. */
const MIN_PACKETS = 20
const WINDOW_MS = 500
/** Decreases are a round trip and this apart. */
const DECREASE_SPACING_MS = 300
/** More than this on average is not just bad luck; so much less is sent to look into it, this long after the last decrease. */
const MODERATE_LOSS = 0.03
const MODERATE_FACTOR = 1.25
const MODERATE_WEIGHT = 0.15
const LOOK_INTO = 0.88
const LOOK_INTO_SPACING_MS = 5000
/** No more loss than this is taken for the link's own. */
const MAX_INHERENT = 0.25
/** How fast the link's own loss follows what is seen, per window. */
const INHERENT_WEIGHT = 0.1

/** The rate that the loss allows; infinite while it allows everything. */
export class LossBasedLimit {
  limitBps = Number.POSITIVE_INFINITY
  /** Of the newest window, 0 to 1. */
  lossRate = 0
  /** What the link loses however little is sent, 0 to 1. */
  inherentLoss = 0
  readonly #minBps: number
  readonly #origin = new LossOrigin()
  #lost = 0
  #total = 0
  #bytes = 0
  #windowMs = Number.NaN
  /** When the last packet of the window before was sent, and the last so far. */
  #sentFromMs = Number.NaN
  #sentToMs = Number.NaN
  #averageLoss = 0
  #decreasedMs = Number.NEGATIVE_INFINITY
  #raisedMs = Number.NaN
  /** The limit before the decreases that are being compared. */
  #beforeBps = Number.POSITIVE_INFINITY
  #learnedLoss = 0
  /** The comparison is about moderate loss. */
  #looksInto = false
  #carriedBps = Number.POSITIVE_INFINITY
  #carriedMs = Number.NEGATIVE_INFINITY

  constructor(config: BweConfig) {
    this.#minBps = config.minBps
  }

  /** True while loss stands in the way of trying for more. */
  isBusy(nowMs: number): boolean {
    return this.#isCareful(nowMs) || this.lossRate > HIGH_LOSS + this.inherentLoss
  }

  /** A probe has shown that the link carries `bps`; `otherBps` is what everything else allows. */
  lift(bps: number, otherBps: number): void {
    if (bps > this.limitBps) this.limitBps = bps >= otherBps ? Number.POSITIVE_INFINITY : bps
  }

  /**
   * Counts packets that feedback has covered, of `bytes` together, the newest of them sent at `sentMs`. A packet that arrives after it was
   * reported missing counts as -1 lost.
   */
  count(lost: number, total: number, bytes: number, sentMs: number): void {
    if (Number.isNaN(this.#sentFromMs)) {
      // What the first report covers was sent since some unknown time.
      this.#sentFromMs = sentMs
      this.#sentToMs = sentMs
      return
    }
    this.#lost += lost
    this.#total += total
    this.#bytes += bytes
    if (sentMs > this.#sentToMs) this.#sentToMs = sentMs
  }

  /** Judges what was counted, if it is enough; `otherBps` is what everything else allows. */
  update(otherBps: number, rttMs: number, nowMs: number): void {
    if (Number.isNaN(this.#windowMs)) this.#windowMs = nowMs
    const packets = this.#total
    if (packets < MIN_PACKETS || nowMs - this.#windowMs < WINDOW_MS) return
    const loss = Math.max(0, this.#lost) / packets
    // The rate at which these packets were sent, a round trip ago: the present one may be another.
    const sentBps = (this.#bytes * 8000) / Math.max(1, this.#sentToMs - this.#sentFromMs)
    this.#lost = 0
    this.#total = 0
    this.#bytes = 0
    this.#windowMs = nowMs
    this.#sentFromMs = this.#sentToMs
    this.report(loss, packets, otherBps, sentBps, rttMs, nowMs)
  }

  /** Takes the loss among `packets` that were sent at `sentBps`, as a receiver report tells it (RFC 3550, section 6.4.1). */
  report(loss: number, packets: number, otherBps: number, sentBps: number, rttMs: number, nowMs: number): void {
    this.lossRate = loss
    const isHigh = loss > HIGH_LOSS + this.inherentLoss
    // An outage is not what the link is like.
    if (!isHigh) this.#averageLoss += MODERATE_WEIGHT * (loss - this.#averageLoss)
    this.#follow()
    this.#heed(loss, packets, sentBps, nowMs)
    const spacingMs = nowMs - this.#decreasedMs
    if (isHigh) {
      this.#looksInto = false
      const excess = loss - this.inherentLoss
      const isSevere = excess > SEVERE_LOSS && packets >= SEVERE_PACKETS
      const factor = isSevere ? 1 - excess : 1 - 0.5 * excess
      if (spacingMs >= DECREASE_SPACING_MS + rttMs) this.#decrease(factor, loss, otherBps, sentBps, nowMs)
    } else if (
      this.#averageLoss > MODERATE_LOSS + MODERATE_FACTOR * this.inherentLoss &&
      spacingMs >= LOOK_INTO_SPACING_MS
    ) {
      this.#decrease(LOOK_INTO, this.#averageLoss, otherBps, sentBps, nowMs)
      this.#looksInto = this.#origin.compares
    } else if (loss <= LOW_LOSS + this.inherentLoss && !this.#origin.compares) this.#increase(otherBps, nowMs)
    this.#raisedMs = nowMs
  }

  #decrease(factor: number, loss: number, otherBps: number, sentBps: number, nowMs: number): void {
    const fromBps = Math.min(this.limitBps, otherBps)
    // The delay, or an earlier loss, has lowered the rate since those packets were sent.
    if (fromBps <= sentBps * factor) return
    this.#decreasedMs = nowMs
    if (!this.#origin.compares) {
      this.#beforeBps = this.limitBps
      this.#origin.begin(loss, sentBps, nowMs)
    }
    // Without any other estimate there is only what is sent.
    this.limitBps = Math.max(this.#minBps, (fromBps === Number.POSITIVE_INFINITY ? sentBps : fromBps) * factor)
  }

  #increase(otherBps: number, nowMs: number): void {
    if (this.limitBps === Number.POSITIVE_INFINITY || Number.isNaN(this.#raisedMs)) return
    const perSecond = this.#isCareful(nowMs) ? CAREFUL_INCREASE_PER_SECOND : INCREASE_PER_SECOND
    this.limitBps *= perSecond ** (Math.min(1000, nowMs - this.#raisedMs) / 1000)
    if (otherBps < Number.POSITIVE_INFINITY && this.limitBps > otherBps) this.limitBps = Number.POSITIVE_INFINITY
  }

  /** So near to what the link was found to carry, more would be lost again. */
  #isCareful(nowMs: number): boolean {
    return nowMs - this.#carriedMs < CAREFUL_MS && this.limitBps > CAREFUL_FROM * this.#carriedBps
  }

  #heed(loss: number, packets: number, sentBps: number, nowMs: number): void {
    const verdict = this.#origin.judge(loss, packets, sentBps, nowMs)
    if (verdict === 'of the link') {
      this.#learnedLoss = Math.min(MAX_INHERENT, this.#origin.lossAfter)
      this.inherentLoss = this.#learnedLoss
      this.limitBps = this.#beforeBps
    } else if (verdict === 'ours' && this.#looksInto) {
      // The delay has not shown that the link is full, so nothing else would keep the rate from coming back at once.
      this.#carriedBps = this.#origin.carriedBps
      this.#carriedMs = nowMs
      this.#averageLoss = this.#origin.lossAfter
    }
  }

  /** A link that gets better is noticed; one that gets worse has to be found out anew. */
  #follow(): void {
    if (this.#learnedLoss === 0) return
    const next = this.inherentLoss + INHERENT_WEIGHT * (this.#averageLoss - this.inherentLoss)
    this.inherentLoss = Math.min(this.#learnedLoss, next)
    if (this.inherentLoss > 1e-3) return
    this.inherentLoss = 0
    this.#learnedLoss = 0
  }
}
