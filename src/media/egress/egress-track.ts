/**
 * One of a viewer's streams: takes the packets of a layer and decides which are sent, and when. Video starts at keyframes only, the stream
 * itself never restarts.
 */
import type { Codec, HeaderExtension, PayloadCodec } from '../../rtp/types.js'
import { type LayerLimits, NO_LIMITS, sameLimits } from '../layers/layer-limits.js'
import { type LayerSink, MAX_SEQ_GAP, type MediaConfig, type MediaLayer, type StoredPacket } from '../types.js'
import type { CatchUp } from './catch-up.js'
import { isEarlyRequest } from './early-request.js'
import { type InstantStartCounters, planInstantStart } from './instant-start.js'
import { KnownCodecs } from './known-codecs.js'
import type { Pacer } from './pacer.js'
import type { PacedStream } from './pacer-config.js'
import type { PacerLane } from './pacer-lane.js'
import { PauseState } from './pause-state.js'
import { ReportRepeats } from './report-repeats.js'
import type { RetransmissionCounters } from './retransmitter.js'
import type { SourceClock } from './source-clock.js'
import type { SteadyStream } from './steady-stream.js'
import type { StreamSection } from './stream-sections.js'
import { StreamSender, type StreamSenderOptions } from './stream-sender.js'
import { ViewerReports } from './viewer-reports.js'

/** What a paused layer's history ends with is the present only this long. */
const PRESENT_MS = 200

/** Requests for keyframes that bring other layers are this far apart: one is enough, unless it came to no effect. */
const LIMIT_KEYFRAME_SPACING_MS = 5000

const NONE: readonly StoredPacket[] = []

/** How an {@link EgressTrack} is made. */
export interface EgressTrackOptions extends StreamSenderOptions {
  readonly config: MediaConfig
  /** Something else is forwarded from now on, or its clock has become known: a sender report should follow soon. */
  onBegin(nowMs: number): void
  /** `tick` has something to do at `dueMs`, earlier than before. */
  onDue?(dueMs: number): void
  /** The layer has removed this sink because it threw. */
  onFault(error: unknown): void
}

/** Packets that a viewer was not sent, by reason. */
export interface EgressTrackDropped {
  /** Video before the keyframe that it can start with. */
  waitingForKeyframe: number
  /** The viewer has not negotiated the codec. */
  codecMismatch: number
  /** Of temporal or spatial layers that the viewer does not get. */
  leftOut: number
  /** From before a change of what is forwarded. */
  late: number
  /** The transport had no room. */
  outputFull: number
}

/** One outgoing stream. */
export class EgressTrack implements LayerSink, PacedStream {
  readonly #steady: SteadyStream | undefined
  readonly section: StreamSection
  /** Whether the viewer has paused the stream. Nothing is attached to it then: that is its owner's business. */
  readonly pause: PauseState
  readonly reports = new ViewerReports()
  readonly repeats = new ReportRepeats()
  readonly instantStart: InstantStartCounters = { hits: 0, misses: 0 }
  readonly #dropped = { waitingForKeyframe: 0, codecMismatch: 0, late: 0 }
  readonly #options: EgressTrackOptions
  readonly #sender: StreamSender
  readonly #codecs: KnownCodecs
  readonly #pacer: Pacer | undefined
  /** Undefined for audio, which never waits. */
  readonly #lane: PacerLane | undefined
  #fromQueue = false
  /** What is being taken: of `#batch`, what lies from `#batchNext` to `#batchEnd` has its turn yet. */
  #batch: readonly StoredPacket[] = NONE
  #batchNext = 0
  #batchEnd = 0
  #limits: LayerLimits = NO_LIMITS
  /** When a keyframe may be asked for because of the limits. */
  #limitKeyframeDueMs = 0
  /** While the viewer is on its way from a cached keyframe to the present. */
  #catchUp: CatchUp | undefined
  #layer: MediaLayer | undefined
  #codec: Codec | undefined
  #match: PayloadCodec | undefined

  constructor(options: EgressTrackOptions) {
    this.#options = options
    this.section = options.section
    this.pause = new PauseState(options.section.beginsPaused ?? false)
    this.#sender = new StreamSender(options)
    this.#steady = this.#sender.steady
    this.#codecs = new KnownCodecs(options.section)
    const pacer = options.congestion?.pacer
    this.#pacer = pacer
    if (pacer === undefined || this.section.kind === 'audio') return
    const lane = pacer.addLane(this)
    this.#lane = lane
    this.#sender.retransmitter.pace = (extSeq, bytes, past, nowMs) => pacer.offerAgain(lane, extSeq, bytes, past, nowMs)
  }

  /** The layer that is forwarded. */
  get layer(): MediaLayer | undefined {
    return this.#layer
  }

  /** True while packets flow, false while video waits for a keyframe or there is nothing to forward. */
  get live(): boolean {
    return this.#sender.numbers.live
  }

  /** True while more of the layer is to be sent than is, and a keyframe has to come first. */
  get needsKeyframe(): boolean {
    return this.#sender.needsKeyframe
  }

  /** The codec that is being sent, under the viewer's payload type. */
  get payloadCodec(): PayloadCodec | undefined {
    return this.live ? this.#match : undefined
  }

  /** The unwrapped number of the newest packet that was sent; -1 before the first. */
  get newestExtSeq(): number {
    return this.#sender.numbers.newestExtSeq
  }

  /** Packets sent. */
  get packets(): number {
    return this.#sender.packets
  }

  /** Bytes of the packets sent: RTP headers and payloads. */
  get bytes(): number {
    return this.#sender.bytes
  }

  /** The rate of the last second, headers included. */
  bitrateBps(nowMs: number): number {
    return this.#sender.bitrateBps(nowMs)
  }

  /** What was not sent. */
  get dropped(): EgressTrackDropped {
    const { leftOut, outputFull } = this.#sender
    const { waitingForKeyframe, codecMismatch, late } = this.#dropped
    return { waitingForKeyframe, codecMismatch, leftOut, late, outputFull }
  }

  /** What became of the viewer's NACKs. */
  get retransmission(): Readonly<RetransmissionCounters> {
    return this.#sender.retransmitter.counters
  }

  /** Packets of the stream and bytes of their payloads, those included that went out again on the stream itself, as sender reports count. */
  get reported(): { readonly packets: number; readonly payloadBytes: number } {
    const { packetsOnStream, payloadBytesOnStream } = this.#sender.retransmitter
    return { packets: this.packets + packetsOnStream, payloadBytes: this.#sender.payloadBytes + payloadBytesOnStream }
  }

  /** When `tick` has something to do; infinity for never. */
  get dueMs(): number {
    return Math.min(this.#sender.stretches.dueMs, this.#catchUpDueMs)
  }

  /** Sends what is due on the way to the present, and lets go of what was forwarded before once nobody asks for it any more. */
  tick(nowMs: number): void {
    this.#sender.stretches.forget(nowMs)
    if (this.#catchUp === undefined) return
    // What has just come would be sent from the history, and then once more.
    this.#layer?.settle?.()
    if (this.#catchUp !== undefined) this.#advanceCatchUp(this.#catchUp, nowMs)
  }

  /** The viewer has not got the packets with the numbers `seqs[0, count)`. */
  receiveNack(seqs: Uint16Array, count: number, rttMs: number | undefined, nowMs: number): void {
    this.#sender.receiveNack(seqs, count, rttMs, nowMs)
  }

  /** Takes from `layer` from now on, up to `limits`; its packets carry `extensions`. From nothing if undefined. */
  attach(
    layer: MediaLayer | undefined,
    extensions: readonly HeaderExtension[],
    nowMs: number,
    limits: LayerLimits = NO_LIMITS,
  ): void {
    if (layer === this.#layer) return
    this.#layer?.removeSink(this)
    this.#layer = layer
    this.#limits = limits
    this.#catchUp = undefined
    this.#codec = undefined
    this.#match = undefined
    this.#sender.change(extensions, nowMs)
    if (this.#lane) this.#pacer?.clear(this.#lane, nowMs)
    if (layer === undefined) return
    layer.addSink(this)
    if (this.section.kind === 'video' && !this.#startFromCache(layer, nowMs)) layer.requestKeyframe(nowMs)
  }

  /**
   * The highest temporal and spatial layers to send from now on: less at once, more where the stream permits it. To be told again and again:
   * that it takes a keyframe may show only when packets have come.
   */
  limit(limits: LayerLimits, nowMs: number): void {
    if (!sameLimits(limits, this.#limits)) {
      this.#limits = limits
      this.#sender.limit(limits)
      this.#limitKeyframeDueMs = nowMs
    }
    if (nowMs < this.#limitKeyframeDueMs || !this.#sender.needsKeyframe) return
    this.#limitKeyframeDueMs = nowMs + LIMIT_KEYFRAME_SPACING_MS
    this.requestKeyframe(nowMs)
  }

  /**
   * The viewer has asked for a keyframe. False, and nobody is asked, if it did so before it can have received the one that was sent last.
   *
   * @param rttMs the viewer's round trip by its other streams, where it is known.
   */
  receiveKeyframeRequest(rttMs: number | undefined, nowMs: number): boolean {
    if (this.live && isEarlyRequest(nowMs - this.#sender.keyframeSentMs, this.reports, rttMs)) return false
    this.requestKeyframe(nowMs)
    return true
  }

  /** The viewer cannot go on without a keyframe. */
  requestKeyframe(nowMs: number): void {
    if (this.section.kind === 'video') this.#layer?.requestKeyframe(nowMs)
  }

  /** The viewer has reported on the stream, so it knows which section the SSRC belongs to. */
  knowsSsrc(): void {
    this.#sender.knowsSsrc()
  }

  /** Our RTP timestamp of `nowMs`. */
  timestampAt(nowMs: number, clock: SourceClock): number {
    return this.#sender.numbers.timestampAt(nowMs, clock)
  }

  onCaptureClock(_layer: MediaLayer, nowMs: number): void {
    if (this.live) this.#options.onBegin(nowMs)
  }

  onPacket(packet: StoredPacket, layer: MediaLayer, nowMs: number): void {
    // On the way to the present it has its turn; what was missing until now does not.
    if (this.#catchUp && packet.extSeq >= this.#catchUp.nextExtSeq) return
    this.#offer(packet, layer, nowMs)
  }

  onPackets(packets: readonly StoredPacket[], count: number, layer: MediaLayer, nowMs: number): void {
    const steady = this.#steady
    for (let i = 0; i < count; i++) {
      const packet = packets[i] as StoredPacket
      if (steady?.send(packet, nowMs)) continue
      // What is sent may end the connection, and with it this.
      if (layer !== this.#layer) return
      this.#batch = packets
      this.#batchEnd = count
      this.#batchNext = i + 1
      this.onPacket(packet, layer, nowMs)
      this.#batchEnd = 0
    }
  }

  sendPaced(layer: MediaLayer, extSeq: number, nowMs: number): number {
    const packet = layer === this.#layer ? layer.history.get(extSeq) : undefined
    if (packet === undefined) return 0
    const { bytes } = this
    this.#fromQueue = true
    this.#forward(packet, layer, nowMs)
    this.#fromQueue = false
    return this.bytes - bytes
  }

  sendAgain(outExtSeq: number, nowMs: number): number {
    return this.#sender.retransmitter.sendAgain(outExtSeq, nowMs)
  }

  /** Sends a packet that nobody asked for, over RTX; returns its bytes, 0 if that cannot be. */
  sendPadding(nowMs: number): number {
    return this.#sender.sendPadding(nowMs)
  }

  skipToKeyframe(nowMs: number): void {
    this.#sender.interrupt(nowMs)
  }

  onFault(error: unknown): void {
    this.#options.onFault(error)
  }

  #offer(packet: StoredPacket, layer: MediaLayer, nowMs: number): void {
    // What is left out does not wait either.
    if (this.live && !this.#sender.admits(packet, nowMs)) return
    if (this.#lane && !this.#pacer?.offer(this.#lane, packet, layer, packet.length, nowMs)) return
    this.#forward(packet, layer, nowMs)
  }

  #forward(packet: StoredPacket, layer: MediaLayer, nowMs: number): void {
    const { numbers } = this.#sender
    if (numbers.isLate(packet.extSeq)) {
      this.#dropped.late++
      return
    }
    if (numbers.live && (packet.codec !== this.#codec || packet.extSeq > numbers.newestIn + MAX_SEQ_GAP)) {
      // A straggler of the codec before the change does not change it back.
      if (packet.extSeq < numbers.newestIn) {
        this.#dropped.late++
        return
      }
      numbers.pause()
      if (!this.#starts(packet)) this.requestKeyframe(nowMs)
    }
    if (numbers.live) this.#send(packet, nowMs)
    else this.#start(packet, layer, nowMs)
  }

  /** Begins with `packet` if that is possible. */
  #start(packet: StoredPacket, layer: MediaLayer, nowMs: number): void {
    const match = this.#codecs.match(packet.codec)
    if (match === undefined) {
      this.#dropped.codecMismatch++
      return
    }
    if (!this.#starts(packet)) {
      this.#dropped.waitingForKeyframe++
      return
    }
    this.#codec = packet.codec
    this.#match = match
    const catchUp = packet.extSeq === this.#catchUp?.keyframeExtSeq ? this.#catchUp : undefined
    if (!this.#sender.begin(packet, layer, match, this.#limits, catchUp, nowMs)) {
      this.requestKeyframe(nowMs)
      return
    }
    this.#accountUnpaced(packet, nowMs)
    this.#options.onBegin(nowMs)
    // What came later waits in the queue behind it, or for its turn.
    if (this.#fromQueue || this.#catchUp) return
    // Parts of the keyframe may have overtaken its first packet.
    const { history } = layer
    for (let extSeq = packet.extSeq + 1; extSeq <= history.newestExtSeq; extSeq++) {
      const later = history.get(extSeq)
      if (later === undefined || later.codec !== this.#codec || this.#hasItsTurn(later)) continue
      this.#send(later, nowMs)
    }
  }

  /** True if the packet comes later in the batch that is being taken. */
  #hasItsTurn(packet: StoredPacket): boolean {
    for (let i = this.#batchNext; i < this.#batchEnd; i++) if (this.#batch[i] === packet) return true
    return false
  }

  #starts(packet: StoredPacket): boolean {
    return this.section.kind === 'audio' || packet.keyframe
  }

  #send(packet: StoredPacket, nowMs: number): void {
    if (!this.#sender.send(packet, nowMs)) return
    this.#accountUnpaced(packet, nowMs)
    // On the way to the present, packets have their turn.
    if (this.#catchUp === undefined) this.#sender.settle()
  }

  /** Audio does not wait, but is paid for. */
  #accountUnpaced({ length }: StoredPacket, nowMs: number): void {
    if (this.#lane === undefined) this.#pacer?.passed(length, nowMs)
  }

  /** Begins with what the history keeps, if that can be. */
  #startFromCache(layer: MediaLayer, nowMs: number): boolean {
    const { history } = layer
    if (isOfBeforePause(layer, nowMs)) return false
    const catchUp = planInstantStart(layer, this.#options.config, nowMs)
    if (catchUp === undefined || this.#codecs.match(catchUp.codec) === undefined) {
      if (history.newestExtSeq >= 0) this.instantStart.misses++
      return false
    }
    this.instantStart.hits++
    this.#catchUp = catchUp
    this.#advanceCatchUp(catchUp, nowMs)
    if (this.#catchUp) this.#options.onDue?.(this.dueMs)
    return true
  }

  #advanceCatchUp(catchUp: CatchUp, nowMs: number): void {
    const layer = this.#layer as MediaLayer
    const { history } = layer
    while (catchUp.nextExtSeq <= history.newestExtSeq) {
      const packet = history.get(catchUp.nextExtSeq)
      if (packet && catchUp.dueMs(packet.timestamp) > nowMs) return
      catchUp.nextExtSeq++
      if (packet) this.#offer(packet, layer, nowMs)
    }
    if (nowMs >= catchUp.endMs) this.#catchUp = undefined
  }

  get #catchUpDueMs(): number {
    if (this.#catchUp === undefined) return Number.POSITIVE_INFINITY
    const next = this.#layer?.history.get(this.#catchUp.nextExtSeq)
    return next === undefined ? this.#catchUp.endMs : this.#catchUp.dueMs(next.timestamp)
  }
}

/** True while a paused layer has not come again: what is kept of it is over. */
function isOfBeforePause(layer: MediaLayer, nowMs: number): boolean {
  if (layer.info(nowMs).paused !== true) return false
  const newest = layer.history.get(layer.history.newestExtSeq)
  return newest !== undefined && nowMs - newest.arrivalMs > PRESENT_MS
}
