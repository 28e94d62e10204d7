/**
 * How much a viewer's network carries: Google congestion control for the send side (draft-ietf-rmcat-gcc-02), one per transport. The page
 * `docs/bandwidth.md` names what is done differently. Packets, feedback and the time come in; a rate and wishes for probes go out.
 */
import { RateMeter } from '../../util/rate-meter.js'
import { AcknowledgedBitrate } from './acknowledged-bitrate.js'
import { type AimdInput, AimdRate, type RateState } from './aimd.js'
import type { BweConfig } from './bwe-config.js'
import type { BweStats } from './bwe-stats.js'
import { DelayDetector } from './delay-detector.js'
import { FeedbackReader, type PacketFeedback } from './feedback-reader.js'
import { FeedbackSilence } from './feedback-silence.js'
import { LossBasedLimit } from './loss-based.js'
import type { ProbeWish } from './probe-cluster.js'
import { NEAR, ProbeController, type ProbeInput, STALE_MS } from './probe-controller.js'
import { ReceiverEstimate } from './remb.js'
import { RoundTrip } from './round-trip.js'
import { SendHistory } from './send-history.js'

/** Sending less than this part of the estimate is being limited by the application. */
const APP_LIMITED = 0.7
/** A queue up to this and the jitter is none. */
const EMPTY_QUEUE_MS = 10
/** A queue longer than this is waited for before probing. */
const BUSY_QUEUE_MS = 40
/** A queue up to this, right after a probe or a keyframe, is its. */
const BURST_QUEUE_MS = 150
/** A queue longer than this is drained within about a second, by sending less than the link carries; at least this part of it. */
const DRAINED_QUEUE_MS = 80
const DRAIN_MS = 500
const MIN_DRAIN_FACTOR = 0.5
/** How long what comes with a keyframe takes to be sent. */
const BURST_MS = 400
/** How long after a probe's end, or a decrease, the network is given besides a round trip. */
const AFTERMATH_MS = 300
/** How long after a decrease the network may still be full. */
const STRAINED_MS = 2000
/** What a failed probe has shown is what the link carries, or else partly taken from others: so much of it is to be had either way. */
const SURE_PART = 0.6
/** As far as it lowers the estimate, it is believed with a margin. */
const PROBE_MARGIN = 0.95
/** A failed probe that shows less than this part of an estimate that is not used proves it wrong. */
const CONTRADICTION = 0.8
/** What has been carried proves an estimate that is not much greater. */
const PROOF = 0.8
/** What is kept of the rate at each step while feedback does not come. */
const SILENCE_FACTOR = 0.8
/** A fall below this part of the newest high is a drop. */
const DROP = 0.7
/** What could be used wavers with what layers take; it has become more only when it is so many times what it was. */
const MORE_WANTED = 1.3

/** The bandwidth estimation of one viewer's transport. */
export class BandwidthEstimator {
  readonly #config: BweConfig
  readonly #history = new SendHistory()
  /** Something has been sent that no feedback has covered. */
  #waits = false
  readonly #acknowledged = new AcknowledgedBitrate()
  readonly #detector = new DelayDetector()
  readonly #aimd: AimdRate
  readonly #loss: LossBasedLimit
  readonly #remb = new ReceiverEstimate()
  readonly #probes = new ProbeController()
  readonly #reader: FeedbackReader
  readonly #silence = new FeedbackSilence()
  readonly #rtt = new RoundTrip()
  readonly #sentRate = new RateMeter(500, 10)
  /** The newest packet that counts there. */
  #meteredTo = -1
  // Reused, so that an update allocates nothing.
  readonly #aimdInput: AimdInput
  readonly #probeInput: ProbeInput
  #targetBps: number
  #carriedBps: number
  #highBps = 0
  #allocatedBps = Number.POSITIVE_INFINITY
  /** What it was when it last became more, or less. */
  #notedAllocatedBps = Number.POSITIVE_INFINITY
  #appLimited = false
  #feedbacks = 0
  #firstSentMs = Number.NaN
  /** When the link last carried about as much as the estimate says, or as could be used. */
  #provenMs = Number.NEGATIVE_INFINITY
  /** When it last carried about all that could be used. */
  #amplyMs = Number.NEGATIVE_INFINITY
  #burstMs = Number.NEGATIVE_INFINITY
  /** No feedback is expected, or not any more. It still counts if it comes. */
  #gaveUpWaiting: boolean

  constructor(config: BweConfig) {
    this.#config = config
    this.#aimd = new AimdRate(config)
    this.#loss = new LossBasedLimit(config)
    const takers = {
      acknowledged: this.#acknowledged,
      detector: this.#detector,
      loss: this.#loss,
      probes: this.#probes,
    }
    this.#reader = new FeedbackReader(this.#history, takers)
    this.#gaveUpWaiting = !config.expectsFeedback
    this.#targetBps = config.expectsFeedback ? config.startBps : config.unknownBps
    this.#carriedBps = this.#targetBps
    this.#aimdInput = {
      usage: 'normal',
      acknowledgedBps: Number.NaN,
      newestWindowBps: Number.NaN,
      newestBps: Number.NaN,
      queueMs: 0,
      sentBps: 0,
      bursting: false,
      rttMs: this.#rtt.msOrDefault,
    }
    this.#probeInput = {
      targetBps: 0,
      wantedBps: 0,
      busy: false,
      hasFeedback: false,
      byReceiver: false,
      variationMs: 0,
      provenMs: Number.NEGATIVE_INFINITY,
    }
  }

  /** What may be sent, all of it: media, retransmissions, padding. Infinite if nothing is known and the configuration sets no limit. */
  get targetBps(): number {
    return this.#targetBps
  }

  /** What the network is estimated to carry: more than `targetBps` while a long queue is drained. */
  get carriedBps(): number {
    return this.#carriedBps
  }

  /** What the delay makes the rate do. */
  get state(): RateState {
    return this.#aimd.state
  }

  /** The network is full, or was a moment ago. */
  isStrained(nowMs: number): boolean {
    return nowMs - this.#aimd.decreasedMs < STRAINED_MS || this.#detector.queueMs > DRAINED_QUEUE_MS
  }

  /** All that could be used is being sent, and carried: there is nothing to find out. */
  isAmple(nowMs: number): boolean {
    return this.#targetBps >= NEAR * this.#allocatedBps && nowMs - this.#amplyMs < STALE_MS
  }

  /** Transport-wide feedback or receiver estimates have come. */
  get hasFeedback(): boolean {
    return this.#feedbacks > 0 || this.#remb.bps >= 0
  }

  /** The round trip: as reports tell, or else as feedback lets suppose; NaN before anything is known. */
  get rttMs(): number {
    return this.#rtt.ms
  }

  /** What has been sent of late. It is looked up when it is asked for, and costs nothing per packet. */
  sentBps(nowMs: number): number {
    const history = this.#history
    const newest = history.newestExtSeq
    // What the history has forgotten meanwhile is too old to count.
    for (let extSeq = Math.max(this.#meteredTo, newest - history.capacity) + 1; extSeq <= newest; extSeq++) {
      const slot = history.slot(extSeq)
      if (slot >= 0) this.#sentRate.add(history.bytes(slot), history.sentMs(slot, nowMs))
    }
    this.#meteredTo = newest
    return this.#sentRate.bps(nowMs)
  }

  /** When to call `tick` and `nextProbe` next; infinity before anything is sent. */
  get dueMs(): number {
    if (Number.isNaN(this.#firstSentMs)) return Number.POSITIVE_INFINITY
    const probeMs = this.#mayProbe ? this.#probes.dueMs : Number.POSITIVE_INFINITY
    return Math.min(probeMs, this.silenceDueMs)
  }

  /** When to call `tick` next, where no probe can be sent; infinity before anything is sent. */
  get silenceDueMs(): number {
    return Number.isNaN(this.#firstSentMs) ? Number.POSITIVE_INFINITY : Math.min(this.#silentFromMs(), this.#giveUpMs())
  }

  /** The unwrapped number of 16 bits in a feedback packet: the nearest to the newest that was sent. */
  unwrap(transportSeq: number): number {
    return this.#history.unwrap(transportSeq)
  }

  /**
   * A packet goes out.
   *
   * @param transportExtSeq its transport-wide sequence number, unwrapped: greater than all before. @param bytes what it takes on the
   * wire. @param probeClusterId the probe that it belongs to, 0 for none.
   */
  onPacketSent(transportExtSeq: number, bytes: number, nowMs: number, probeClusterId = 0): void {
    if (!this.#history.add(transportExtSeq, bytes, nowMs, probeClusterId)) return
    if (!this.#waits) this.#beginToWait(nowMs)
    if (probeClusterId !== 0) this.#probes.packetSent(probeClusterId, transportExtSeq, bytes, nowMs)
  }

  /** Takes transport-wide feedback. What it says about packets that were never sent, or long ago, is ignored. */
  onFeedback(feedback: PacketFeedback, nowMs: number): void {
    this.#appLimited = this.sentBps(nowMs) < APP_LIMITED * this.#targetBps
    if (!this.#reader.read(feedback, this.#appLimited, nowMs)) return
    this.#feedbacks++
    const { newestSentMs, coveredTo } = this.#reader
    if (newestSentMs >= 0) this.#rtt.measure(nowMs - newestSentMs)
    const slot = this.#history.slot(coveredTo + 1)
    this.#silence.heard(slot < 0 ? Number.NaN : this.#history.sentMs(slot, nowMs))
    this.#waits = slot >= 0
    this.#updateDelayBased(nowMs)
    this.#noteProof(this.#acknowledged.bps, nowMs)
    if (this.#acknowledged.bps >= PROOF * this.#allocatedBps) this.#amplyMs = nowMs
    this.#updateProbe(coveredTo, nowMs)
    this.#loss.update(this.#lossFreeBps(nowMs), this.#rtt.msOrDefault, nowMs)
    this.#retarget(nowMs)
  }

  /**
   * Takes a receiver report's loss (RFC 3550, section 6.4.1; 0 to 1), all streams together, and round trip (NaN if it tells none). The loss
   * counts for viewers without transport-wide feedback only.
   */
  onReceiverReport(fractionLost: number, rttMs: number, nowMs: number): void {
    this.onRtt(rttMs)
    if (this.#feedbacks > 0 || !(fractionLost >= 0 && fractionLost <= 1)) return
    const sentBps = this.sentBps(nowMs)
    // Reports come about once a second; so many packets of 1000 bytes are in one.
    const packets = Math.max(1, sentBps / 8000)
    this.#loss.report(fractionLost, packets, this.#lossFreeBps(nowMs), sentBps, this.#rtt.msOrDefault, nowMs)
    this.#retarget(nowMs)
  }

  /** Takes a receiver estimate (REMB). */
  onRemb(bps: number, nowMs: number): void {
    this.#remb.receive(bps, nowMs)
    this.#retarget(nowMs)
  }

  /** Takes a round trip; what is no time is ignored. */
  onRtt(rttMs: number): void {
    this.#rtt.report(rttMs)
  }

  /** A keyframe begins to be sent: the queue that it makes passes. */
  onBurst(nowMs: number): void {
    this.#burstMs = nowMs
  }

  /** At least `bps` is tried from now on: what is known is from a time when hardly anything was sent. */
  assume(bps: number, nowMs: number): void {
    this.#aimd.set(Math.max(bps, this.#aimd.bps))
    this.#loss.lift(bps, this.#lossFreeBps(nowMs))
    this.#retarget(nowMs)
  }

  /** Nothing is held back for the estimate's sake: what arrives of it without a queue is carried, however little the estimate was. */
  learn(nowMs: number): void {
    const { usage, queueMs } = this.#detector
    const bps = Math.min(this.#acknowledged.bps, this.#acknowledged.newestWindowBps)
    if (!(bps > this.#aimd.bps) || usage !== 'normal' || queueMs >= EMPTY_QUEUE_MS) return
    this.#aimd.set(bps)
    this.#noteProof(bps, nowMs)
    this.#retarget(nowMs)
  }

  /** What the allocator could use, with the headroom it wants: probing stops there. Without a call, it goes up to `maxBps`. */
  setAllocatedBps(bps: number, nowMs: number): void {
    this.#allocatedBps = bps
    const isMore = bps > MORE_WANTED * this.#notedAllocatedBps
    if (isMore && this.#targetBps < bps) this.#probes.wanted(nowMs)
    if (isMore || bps < this.#notedAllocatedBps) this.#notedAllocatedBps = bps
  }

  /** A probe that should be sent now, if any. One that is not sent, or not answered, within a second or two is given up. */
  nextProbe(nowMs: number): ProbeWish | undefined {
    if (!this.#mayProbe) return undefined
    const input = this.#probeInput
    const { usage, queueMs, variationMs } = this.#detector
    input.hasFeedback = this.#feedbacks > 0
    input.byReceiver = this.#remb.bps >= 0
    input.targetBps = this.#targetBps
    input.wantedBps = Math.min(this.#allocatedBps, this.#config.maxBps)
    // A cap that the receiver has set needs no probing; its own estimate is what a probe is to raise.
    if (input.hasFeedback) input.wantedBps = Math.min(input.wantedBps, this.#remb.capBps(nowMs))
    input.variationMs = variationMs
    input.provenMs = this.#provenMs
    input.busy =
      usage !== 'normal' ||
      queueMs > BUSY_QUEUE_MS + variationMs ||
      nowMs - this.#aimd.decreasedMs < AFTERMATH_MS + this.#rtt.msOrDefault ||
      this.#silence.isSilent ||
      // Where little is sent and nothing waits, loss is no sign of too much.
      (this.#loss.isBusy(nowMs) && !(this.#appLimited && queueMs < variationMs + EMPTY_QUEUE_MS))
    return this.#probes.next(input, nowMs)
  }

  /** Does what is due: lowers the rate if feedback has stopped. Returns when it wants to be called next. */
  tick(nowMs: number): number {
    this.#probes.expire(nowMs)
    if (nowMs >= this.#giveUpMs()) {
      this.#gaveUpWaiting = true
      this.#retarget(nowMs)
    }
    if (nowMs >= this.#silentFromMs()) {
      this.#silence.step(nowMs)
      this.#aimd.set(Math.min(this.#aimd.bps, this.#targetBps) * SILENCE_FACTOR)
      this.#retarget(nowMs)
    }
    return this.dueMs
  }

  /** A snapshot. */
  stats(nowMs: number): BweStats {
    return {
      targetBps: this.#targetBps,
      delayBasedBps: this.#aimd.bps,
      lossLimitBps: this.#loss.limitBps,
      receiverEstimateBps: orUndefined(this.#remb.bps),
      acknowledgedBps: orUndefined(this.#acknowledged.bps),
      sentBps: this.sentBps(nowMs),
      state: this.#aimd.state,
      usage: this.#detector.usage,
      appLimited: this.#appLimited,
      rttMs: orUndefined(this.rttMs),
      queueMs: this.#detector.queueMs,
      variationMs: this.#detector.variationMs,
      trend: this.#detector.trend,
      trendThreshold: this.#detector.threshold,
      lossRate: this.#loss.lossRate,
      inherentLossRate: this.#loss.inherentLoss,
      feedbacks: this.#feedbacks,
      packetsReported: this.#reader.packetsReported,
      packetsLost: this.#reader.packetsLost,
      probesSent: this.#probes.sent,
      probesSucceeded: this.#probes.succeeded,
      probesFailed: this.#probes.failed,
      historyPackets: this.#history.capacity,
    }
  }

  /** Without feedback, nobody would tell how a probe went. */
  get #mayProbe(): boolean {
    return this.hasFeedback || !this.#gaveUpWaiting
  }

  #beginToWait(nowMs: number): void {
    this.#waits = true
    if (Number.isNaN(this.#firstSentMs)) this.#firstSentMs = nowMs
    this.#silence.sent(nowMs)
  }

  #updateDelayBased(nowMs: number): void {
    const input = this.#aimdInput
    input.usage = this.#detector.usage
    input.acknowledgedBps = this.#acknowledged.bps
    input.newestWindowBps = this.#acknowledged.newestWindowBps
    input.newestBps = this.#acknowledged.newestBps
    input.queueMs = this.#detector.queueMs
    input.sentBps = this.sentBps(nowMs)
    input.rttMs = this.#rtt.msOrDefault
    const isOnItsWay = (this.#probes.cluster?.beganMs ?? Number.NaN) <= nowMs
    const isAftermath = nowMs - this.#probes.endedMs < AFTERMATH_MS + input.rttMs
    const isBurst = nowMs - this.#burstMs < BURST_MS + input.rttMs
    input.bursting = (isOnItsWay || isAftermath || isBurst) && input.queueMs < BURST_QUEUE_MS
    this.#aimd.update(input, nowMs)
  }

  #updateProbe(coveredTo: number, nowMs: number): void {
    const succeeded = this.#probes.succeeded
    const measuredBps = this.#probes.evaluate(coveredTo, nowMs)
    if (Number.isNaN(measuredBps)) return
    if (this.#probes.succeeded > succeeded) {
      // The first one, of which nothing was known before, may also lower it.
      if (measuredBps > this.#aimd.bps || this.#probes.sent === 1) this.#aimd.set(measuredBps)
      this.#noteProof(measuredBps, nowMs)
      this.#loss.lift(measuredBps, this.#lossFreeBps(nowMs))
      return
    }
    const isFirst = this.#probes.sent === 1
    const bps = measuredBps * PROBE_MARGIN
    const contradicts = this.#appLimited && bps < CONTRADICTION * this.#aimd.bps
    if (isFirst || contradicts) this.#aimd.set(Math.min(this.#aimd.bps, Math.max(bps, orZero(this.#acknowledged.bps))))
    else if (measuredBps * SURE_PART > this.#aimd.bps) this.#aimd.set(measuredBps * SURE_PART)
  }

  /** The link has carried `bps`. */
  #noteProof(bps: number, nowMs: number): void {
    if (bps >= PROOF * Math.min(this.#aimd.bps, this.#allocatedBps)) this.#provenMs = nowMs
  }

  /** When the next step down is due because feedback has stopped; infinity if none is missing. */
  #silentFromMs(): number {
    if (this.#feedbacks === 0 || this.#aimd.bps <= this.#config.minBps) return Number.POSITIVE_INFINITY
    return this.#silence.dueMs(this.#rtt.msOrDefault)
  }

  /** When a viewer that has given no feedback is taken for one that gives none; infinity if that is settled. */
  #giveUpMs(): number {
    if (this.hasFeedback || this.#gaveUpWaiting) return Number.POSITIVE_INFINITY
    return this.#firstSentMs + this.#config.feedbackWaitMs
  }

  /** What everything but the loss allows. */
  #lossFreeBps(nowMs: number): number {
    if (this.#feedbacks > 0) return Math.min(this.#aimd.bps, this.#remb.capBps(nowMs))
    if (this.#remb.bps >= 0) return this.#remb.bps
    return this.#gaveUpWaiting ? this.#config.unknownBps : this.#config.startBps
  }

  /** The decrease of the delay-based rate alone would leave a long queue standing for many seconds. */
  #drainFactor(): number {
    const excessMs = this.#detector.queueMs - DRAINED_QUEUE_MS - 2 * this.#detector.variationMs
    return excessMs <= 0 ? 1 : Math.max(MIN_DRAIN_FACTOR, 1 - excessMs / DRAIN_MS)
  }

  #limited(bps: number): number {
    const { minBps, maxBps } = this.#config
    return Math.max(minBps, this.hasFeedback ? Math.min(maxBps, bps) : bps)
  }

  #retarget(nowMs: number): void {
    const bps = Math.min(this.#lossFreeBps(nowMs), this.#loss.limitBps)
    this.#carriedBps = this.#limited(bps)
    this.#targetBps = this.#limited(this.#feedbacks > 0 ? Math.min(bps, this.#aimd.bps * this.#drainFactor()) : bps)
    if (this.#targetBps > this.#highBps) this.#highBps = this.#targetBps
    else if (this.#targetBps < DROP * this.#highBps) {
      this.#highBps = this.#targetBps
      this.#probes.dropped(nowMs)
    }
  }
}

function orUndefined(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value
}

function orZero(value: number): number {
  return Number.isNaN(value) ? 0 : value
}
