/**
 * A viewer's transport as congestion control sees it: numbers what is sent (draft-holmer-rmcat-transport-wide-cc-extensions-01), reads what the
 * viewer says of it, and knows how much its network carries. Where transport-wide numbers were not negotiated, the receiver's own
 * estimate (REMB) counts, and without any feedback nothing is limited.
 */
import { EXTENSION_URI } from '../../rtp/extension-uri.js'
import type { ReportBlock } from '../../rtp/rtcp/report-block.js'
import type { RtcpReader } from '../../rtp/rtcp/rtcp-reader.js'
import { readTransportFeedback, type TransportFeedback } from '../../rtp/rtcp/transport-feedback.js'
import type { HeaderExtension } from '../../rtp/types.js'
import { defaultBweConfig } from '../bwe/bwe-config.js'
import { BandwidthEstimator } from '../bwe/estimator.js'
import { FeedbackTimes } from '../bwe/feedback-times.js'
import { MAX_FEEDBACK_PACKETS } from '../bwe/received-packets.js'
import { defaultMediaConfig } from '../media-config.js'
import type { MediaConfig, RtpOutput } from '../types.js'
import { Pacer } from './pacer.js'
import { DEFAULT_PACER_CONFIG } from './pacer-config.js'
import { OVERHEAD_BYTES, WireOverhead } from './wire-overhead.js'

/** The estimator's own deadlines are looked at no more often than this. */
const MIN_TICK_MS = 20

// Scratch memory of the thread.
const feedback: TransportFeedback = { baseSeq: 0, statusCount: 0, referenceTime: 0, feedbackCount: 0 }
const arrivalTicks = new Int32Array(MAX_FEEDBACK_PACKETS)

/** The id under which a section's packets carry transport-wide numbers; 0 if they do not. */
export function transportWideId(extensions: readonly HeaderExtension[]): number {
  return extensions.find(({ uri }) => uri === EXTENSION_URI.transportWide)?.id ?? 0
}

/** The settings that bound it. */
export type CongestionConfig = Pick<
  MediaConfig,
  'pacingQueueMs' | 'pacingQueueBytes' | 'startEstimateBps' | 'minEstimateBps' | 'maxEstimateBps'
>

/** See the top of the file. */
export class CongestionControl {
  /** The unwrapped number that the next packet carries. */
  nextExtSeq = 0
  /** What is to be sent waits here for its time. */
  readonly pacer: Pacer
  /** What is sent is spread over time even where there is room for all of it: where there is less to go down to, it counts how soon a full link shows. */
  spreads = true
  readonly #estimator: BandwidthEstimator
  readonly #onDue: (dueMs: number) => void
  readonly #times = new FeedbackTimes()
  readonly #overhead = new WireOverhead()
  /** Packets that were sent as part of probes: they come and go. */
  #probePackets = 0
  #pacedBps = Number.POSITIVE_INFINITY
  #strained = false
  #ample = false
  #lastTargetBps = 0
  #evident = false

  /**
   * @param expectsFeedback whether packets carry transport-wide numbers and the viewer will report on them.
   * @param sendPadding sends a packet that a probe is filled up with; returns its bytes, 0 if that cannot be.
   * @param onDue something became due earlier than the last `tick` said.
   * @param output where packets go, which may tell that it does not take them.
   */
  constructor(
    expectsFeedback: boolean,
    sendPadding: (nowMs: number) => number,
    onDue: (dueMs: number) => void,
    config: CongestionConfig = defaultMediaConfig(0),
    output: Pick<RtpOutput, 'backlogged'> = {},
  ) {
    this.pacer = new Pacer({
      config: {
        ...DEFAULT_PACER_CONFIG,
        maxQueueMs: config.pacingQueueMs,
        maxQueueBytes: config.pacingQueueBytes,
      },
      isBacklogged: () => output.backlogged === true,
      sendPadding: (_bytes, nowMs) => sendPadding(nowMs),
      onKeyframe: (nowMs) => this.#estimator.onBurst(nowMs),
      onDue,
    })
    this.#onDue = onDue
    this.#estimator = new BandwidthEstimator({
      ...defaultBweConfig(),
      expectsFeedback,
      startBps: config.startEstimateBps,
      minBps: config.minEstimateBps,
      maxBps: config.maxEstimateBps,
    })
  }

  /** What may be sent, infinity for no limit. */
  get targetBps(): number {
    return this.#estimator.targetBps
  }

  /** What of it there is for packets of layers and audio, as those are measured: without the headers around them and without repairs. */
  availableBps(nowMs: number): number {
    return Math.max(0, this.#estimator.targetBps - this.#besidesBps(nowMs))
  }

  /** What there will be when the queue of the network has drained, and losses are repaired. */
  carriedBps(nowMs: number): number {
    return Math.max(0, this.#estimator.carriedBps - this.#overheadBps(nowMs))
  }

  /** Something is known of the network. */
  get hasFeedback(): boolean {
    return this.#estimator.hasFeedback
  }

  /** A packet with the number `nextExtSeq` has been sent, `bytes` of RTP. */
  sent(bytes: number, nowMs: number): void {
    // Each object that is touched here costs a line of the cache per packet and viewer.
    const clusterId = this.pacer.unlimited ? 0 : this.pacer.takeClusterId()
    if (clusterId !== 0) this.#probePackets++
    this.#estimator.onPacketSent(this.nextExtSeq++, bytes + OVERHEAD_BYTES, nowMs, clusterId)
  }

  /** Takes the transport-wide feedback that `reader` stands at; false if it is malformed. */
  receiveFeedback(buffer: Buffer, reader: RtcpReader, nowMs: number): boolean {
    if (!readTransportFeedback(buffer, reader, feedback, arrivalTicks)) return false
    const baseExtSeq = this.#estimator.unwrap(feedback.baseSeq)
    this.#estimator.onFeedback(this.#times.read(feedback, arrivalTicks, baseExtSeq), nowMs)
    this.#retarget(nowMs)
    return true
  }

  /** A report block, with the round trip if it is known. */
  receiveReport(block: ReportBlock, rttMs: number | undefined, nowMs: number): void {
    // Loss alone says little about a network; without an estimate to correct, nothing is limited.
    if (!this.#estimator.hasFeedback) return
    this.#estimator.onReceiverReport(block.fractionLost / 256, rttMs ?? Number.NaN, nowMs)
    this.#retarget(nowMs)
  }

  /** The receiver's own estimate. */
  receiveRemb(bps: number, nowMs: number): void {
    this.#estimator.onRemb(bps, nowMs)
    this.#retarget(nowMs)
  }

  /** How much would be of use: what the best layers take, as they are measured. */
  setWanted(bps: number, nowMs: number): void {
    this.#estimator.setAllocatedBps(bps + this.#besidesBps(nowMs), nowMs)
  }

  /** So much for layers and audio is tried, without any evidence. */
  assume(bps: number, nowMs: number): void {
    this.#estimator.assume(bps + this.#besidesBps(nowMs), nowMs)
    this.#retarget(nowMs)
  }

  /** Sends what is due and probes; returns when to call next, in the core's time. */
  tick(nowMs: number): number {
    // The pacer is called for each packet that waits.
    if (nowMs >= this.#estimatorDueMs) this.#tickEstimator(nowMs)
    const pacerMs = this.pacer.tick(nowMs)
    // An estimator that could not do what it wished is asked again soon, not at once.
    return Math.min(pacerMs, Math.max(this.#estimatorDueMs, nowMs + MIN_TICK_MS))
  }

  #tickEstimator(nowMs: number): void {
    this.#estimator.tick(nowMs)
    this.#retarget(nowMs)
    // Where nothing is paced, no probe could be sent, and asking would use it up.
    const probe = this.pacer.canProbe ? this.#estimator.nextProbe(nowMs) : undefined
    if (probe) this.pacer.startProbe(probe, nowMs)
  }

  /** Nobody is woken for a probe that could not be sent; `#retarget` says when it can. */
  get #estimatorDueMs(): number {
    return this.pacer.canProbe ? this.#estimator.dueMs : this.#estimator.silenceDueMs
  }

  /** What the network has to carry besides layers and audio. */
  #besidesBps(nowMs: number): number {
    return this.#overheadBps(nowMs) + this.pacer.repairBps(nowMs)
  }

  #overheadBps(nowMs: number): number {
    return this.#overhead.bps(this.nextExtSeq - this.#probePackets, nowMs)
  }

  /**
   * The estimate begins as a guess, which may be far below what is being sent and carried. It does not hold anything back before it has
   * caught up with that, or has gone down for a reason.
   */
  #retarget(nowMs: number): void {
    const { hasFeedback } = this.#estimator
    if (hasFeedback && !this.#evident) {
      this.#estimator.learn(nowMs)
      const { targetBps } = this.#estimator
      this.#evident = targetBps < this.#lastTargetBps || targetBps >= this.#estimator.sentBps(nowMs)
      this.#lastTargetBps = targetBps
    }
    const strained = this.#estimator.isStrained(nowMs)
    const ample = !this.spreads && !strained && this.#estimator.isAmple(nowMs)
    const pacedBps = this.#evident ? this.#estimator.targetBps : Number.POSITIVE_INFINITY
    if (pacedBps === this.#pacedBps && strained === this.#strained && ample === this.#ample) return
    this.#pacedBps = pacedBps
    this.#strained = strained
    this.#ample = ample
    const { unlimited } = this.pacer
    this.pacer.setTarget(pacedBps, strained, nowMs, ample)
    // A probe may have been wished for while none could be sent.
    if (unlimited && !this.pacer.unlimited) this.#onDue(nowMs)
  }
}
