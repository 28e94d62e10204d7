/**
 * One of a viewer's streams: takes the packets of a layer, rewrites them into the stream the viewer negotiated, and starts video at
 * keyframes only. Its own SSRC, numbering and time never restart, whatever comes to be forwarded.
 */

import type { Codec, HeaderExtension, PayloadCodec } from '../../rtp/types.js'
import { RateMeter } from '../../util/rate-meter.js'
import { ALL_LAYERS, type LayerLimits } from '../layers/layer-limits.js'
import { reading } from '../packet-reading.js'
import {
  type LayerSink,
  MAX_SEQ_GAP,
  type MediaConfig,
  type MediaLayer,
  type RtpOutput,
  type StoredPacket,
} from '../types.js'
import type { CatchUp } from './catch-up.js'
import type { CongestionControl } from './congestion-control.js'
import type { EgressSection } from './egress-section.js'
import { type InstantStartCounters, planInstantStart } from './instant-start.js'
import { KnownCodecs } from './known-codecs.js'
import { OutgoingStream } from './outgoing-stream.js'
import type { Pacer } from './pacer.js'
import type { PacedStream } from './pacer-config.js'
import type { PacerLane } from './pacer-lane.js'
import { PacketWriter } from './packet-writer.js'
import type { RetransmissionBudget } from './retransmission-budget.js'
import { type RetransmissionCounters, Retransmitter } from './retransmitter.js'
import { SentStretches } from './sent-stretches.js'
import { Stretch } from './stretch.js'
import { ViewerReports } from './viewer-reports.js'

/** How an {@link EgressTrack} is made. */
export interface EgressTrackOptions {
  readonly section: EgressSection
  readonly output: RtpOutput
  readonly config: MediaConfig
  /** Below 32768. */
  readonly initialSeq: number
  readonly initialTimestamp: number
  /** The first sequence number of the retransmission stream, if there is one; below 32768. */
  readonly initialRtxSeq: number
  /** Numbers and paces what is sent, shared by the viewer's streams. */
  readonly congestion?: CongestionControl
  /** What retransmissions may cost, shared by the viewer's streams. */
  readonly budget: RetransmissionBudget
  /** Something else is forwarded from now on: a sender report should follow soon. */
  onBegin(nowMs: number): void
  /** `dueMs` is earlier than it was. */
  onDue?(dueMs: number): void
  /** The layer has removed this sink because it threw. */
  onFault(error: unknown): void
}

const NO_LIMITS: LayerLimits = { spatialId: ALL_LAYERS, temporalId: ALL_LAYERS }

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
  readonly section: EgressSection
  readonly reports = new ViewerReports()
  readonly dropped: EgressTrackDropped = {
    waitingForKeyframe: 0,
    codecMismatch: 0,
    leftOut: 0,
    late: 0,
    outputFull: 0,
  }
  readonly instantStart: InstantStartCounters = { hits: 0, misses: 0 }
  packets = 0
  /** RTP headers and payloads. */
  bytes = 0
  /** Payloads alone, as sender reports count. */
  payloadBytes = 0
  readonly #output: RtpOutput
  readonly #options: EgressTrackOptions
  readonly #stream: OutgoingStream
  readonly #stretches = new SentStretches()
  readonly #writer: PacketWriter
  readonly #retransmitter: Retransmitter
  readonly #pacer: Pacer | undefined
  /** Undefined for audio, which never waits. */
  readonly #lane: PacerLane | undefined
  readonly #rate = new RateMeter()
  readonly #codecs: KnownCodecs
  #fromQueue = false
  #limits: LayerLimits = NO_LIMITS
  /** While the viewer is on its way from a cached keyframe to the present. */
  #catchUp: CatchUp | undefined
  #layer: MediaLayer | undefined
  #codec: Codec | undefined
  #match: PayloadCodec | undefined

  constructor(options: EgressTrackOptions) {
    const { section, output, budget, initialRtxSeq, congestion } = options
    this.#options = options
    this.section = section
    this.#output = output
    this.#codecs = new KnownCodecs(section.codecs)
    this.#stream = new OutgoingStream(options.initialSeq, options.initialTimestamp)
    const writer = new PacketWriter(section, output, congestion)
    this.#writer = writer
    const stretches = this.#stretches
    this.#retransmitter = new Retransmitter({ section, writer, output, stretches, budget, initialRtxSeq })
    const pacer = congestion?.pacer
    this.#pacer = pacer
    if (pacer === undefined || section.kind === 'audio') return
    const lane = pacer.addLane(this)
    this.#lane = lane
    this.#retransmitter.pace = (extSeq, bytes, nowMs) => pacer.offerAgain(lane, extSeq, bytes, nowMs)
  }

  /** The layer that is forwarded. */
  get layer(): MediaLayer | undefined {
    return this.#layer
  }

  /** True while packets flow, false while video waits for a keyframe or there is nothing to forward. */
  get live(): boolean {
    return this.#stream.live
  }

  /** The codec that is being sent, under the viewer's payload type. */
  get payloadCodec(): PayloadCodec | undefined {
    return this.#stream.live ? this.#match : undefined
  }

  /** The rate of the last second, headers included. */
  bitrateBps(nowMs: number): number {
    return this.#rate.bps(nowMs)
  }

  /** What became of the viewer's NACKs. */
  get retransmission(): Readonly<RetransmissionCounters> {
    return this.#retransmitter.counters
  }

  /** Packets of the stream and bytes of their payloads, those included that went out again on the stream itself, as sender reports count. */
  get reported(): { readonly packets: number; readonly payloadBytes: number } {
    const { packetsOnStream, payloadBytesOnStream } = this.#retransmitter
    return { packets: this.packets + packetsOnStream, payloadBytes: this.payloadBytes + payloadBytesOnStream }
  }

  /** When `tick` has something to do; infinity for never. */
  get dueMs(): number {
    return Math.min(this.#stretches.dueMs, this.#catchUpDueMs)
  }

  /** Sends what is due on the way to the present, and lets go of what was forwarded before once nobody asks for it any more. */
  tick(nowMs: number): void {
    this.#stretches.forget(nowMs)
    if (this.#catchUp) this.#advanceCatchUp(this.#catchUp, nowMs)
  }

  /** The viewer has not got the packets with the numbers `seqs[0, count)`. */
  receiveNack(seqs: Uint16Array, count: number, rttMs: number | undefined, nowMs: number): void {
    this.#retransmitter.receiveNack(seqs, count, this.#stream.newestExtSeq, rttMs, nowMs)
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
    this.#stream.forgetSource()
    this.#stretches.end(nowMs)
    if (this.#lane) this.#pacer?.clear(this.#lane, nowMs)
    this.#codec = undefined
    this.#match = undefined
    if (layer === undefined) return
    this.#writer.extensions.setSource(extensions)
    layer.addSink(this)
    if (this.section.kind === 'video' && !this.#startFromCache(layer, nowMs)) layer.requestKeyframe(nowMs)
  }

  /** The highest temporal and spatial layers to send from now on: less at once, more where the stream permits it. */
  limit(limits: LayerLimits, nowMs: number): void {
    const { spatialId, temporalId } = this.#limits
    if (limits.spatialId === spatialId && limits.temporalId === temporalId) return
    this.#limits = limits
    const stretch = this.#stretches.newest
    const newest = this.#layer?.history.get(this.#stream.newestIn)
    if (!this.#stream.live || stretch === undefined || newest === undefined) return
    stretch.thin(limits, newest)
    if (stretch.thinning?.filter.needsKeyframe === true) this.requestKeyframe(nowMs)
  }

  /** The viewer cannot decode on. */
  requestKeyframe(nowMs: number): void {
    if (this.section.kind === 'video') this.#layer?.requestKeyframe(nowMs)
  }

  /** The viewer has reported on the stream, so it knows which section the SSRC belongs to. */
  knowsSsrc(): void {
    // A boundary in the numbering, not a switch: a packet that comes late or again has the same header as ever.
    this.#writer.midUntil = Math.min(this.#writer.midUntil, this.#stream.newestExtSeq + 1)
  }

  /** Our RTP timestamp of `nowMs`: by the publisher's clock if it is known, else counted on from the newest packet. */
  timestampAt(nowMs: number): number {
    const clockRate = this.#codec?.clockRate ?? 0
    const capture = this.#layer?.captureClock
    if (capture === undefined) return this.#stream.timestampAt(nowMs, clockRate)
    const ticks = Math.round(((nowMs - capture.arrivalMs) * clockRate) / 1000)
    return this.#stream.timestamps.mapPresent(capture.rtpTimestamp + ticks)
  }

  onPacket(packet: StoredPacket, layer: MediaLayer, nowMs: number): void {
    // On the way to the present it has its turn; what was missing until now does not.
    if (this.#catchUp && packet.extSeq >= this.#catchUp.nextExtSeq) return
    this.#offer(packet, layer, nowMs)
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
    return this.#retransmitter.sendAgain(outExtSeq, nowMs)
  }

  /** Sends a packet that nobody asked for, over RTX; returns its bytes, 0 if that cannot be. */
  sendPadding(nowMs: number): number {
    return this.#stream.live ? this.#retransmitter.sendPadding(this.#stream.newestExtSeq, nowMs) : 0
  }

  skipToKeyframe(nowMs: number): void {
    this.#stream.pause()
    this.#stretches.end(nowMs)
  }

  #offer(packet: StoredPacket, layer: MediaLayer, nowMs: number): void {
    // What is left out does not wait either.
    if (this.#stream.live && !this.#admits(packet, nowMs)) return
    if (this.#lane && !this.#pacer?.offer(this.#lane, packet, layer, packet.length, nowMs)) return
    this.#forward(packet, layer, nowMs)
  }

  #forward(packet: StoredPacket, layer: MediaLayer, nowMs: number): void {
    const stream = this.#stream
    if (stream.isLate(packet.extSeq)) {
      this.dropped.late++
      return
    }
    if (stream.live && (packet.codec !== this.#codec || packet.extSeq > stream.newestIn + MAX_SEQ_GAP)) {
      // A straggler of the codec before the change does not change it back.
      if (packet.extSeq < stream.newestIn) {
        this.dropped.late++
        return
      }
      stream.pause()
      if (!this.#starts(packet)) this.requestKeyframe(nowMs)
    }
    if (stream.live) this.#send(packet, nowMs)
    else this.#start(packet, layer, nowMs)
  }

  onFault(error: unknown): void {
    this.#options.onFault(error)
  }

  /** Begins with `packet` if that is possible. */
  #start(packet: StoredPacket, layer: MediaLayer, nowMs: number): void {
    if (!this.#select(packet.codec)) {
      this.dropped.codecMismatch++
      return
    }
    if (!this.#starts(packet)) {
      this.dropped.waitingForKeyframe++
      return
    }
    if (!this.#begin(packet, layer, nowMs)) {
      this.requestKeyframe(nowMs)
      return
    }
    // What came later waits in the queue behind it, or for its turn.
    if (this.#fromQueue || this.#catchUp) return
    // Parts of the keyframe may have overtaken its first packet.
    const { newestExtSeq } = layer.history
    for (let extSeq = packet.extSeq + 1; extSeq <= newestExtSeq; extSeq++) this.#sendStored(layer, extSeq, nowMs)
  }

  #starts(packet: StoredPacket): boolean {
    return this.section.kind === 'audio' || packet.keyframe
  }

  /** Begins with what the history keeps, if that can be. */
  #startFromCache(layer: MediaLayer, nowMs: number): boolean {
    const { history } = layer
    const catchUp = planInstantStart(history, this.#options.config, nowMs)
    if (catchUp === undefined || !this.#select(catchUp.keyframe.codec)) {
      if (history.newestExtSeq >= 0) this.instantStart.misses++
      return false
    }
    this.instantStart.hits++
    this.#catchUp = catchUp
    this.#advanceCatchUp(catchUp, nowMs)
    const { dueMs } = this
    if (dueMs < Number.POSITIVE_INFINITY) this.#options.onDue?.(dueMs)
    return true
  }

  #advanceCatchUp(catchUp: CatchUp, nowMs: number): void {
    const layer = this.#layer as MediaLayer
    const { history } = layer
    for (; catchUp.nextExtSeq <= history.newestExtSeq && this.#catchUp === catchUp; ) {
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

  /** Starts a new stretch of the stream with `packet`; false, with nothing changed for the viewer, if it could not be sent. */
  #begin(packet: StoredPacket, layer: MediaLayer, nowMs: number): boolean {
    const stream = this.#stream
    const writer = this.#writer
    const { newestIn } = stream
    reading.read(packet)
    this.#codec = packet.codec
    stream.begin(packet, packet.extSeq === this.#catchUp?.keyframe.extSeq ? this.#catchUp : undefined)
    const counters = writer.payloads.begin(reading)
    const extensions = writer.extensions.begin(packet, reading)
    const stretch = new Stretch(layer, this.#match as PayloadCodec, packet, stream, counters, extensions)
    if (this.#limits.spatialId !== ALL_LAYERS || this.#limits.temporalId !== ALL_LAYERS) {
      stretch.thin(this.#limits, packet)
    }
    this.#stretches.begin(stretch, nowMs)
    if (!this.#send(packet, nowMs)) {
      stream.abandon(newestIn)
      this.#stretches.abandon()
      return false
    }
    this.#options.onBegin(nowMs)
    return true
  }

  #sendStored(layer: MediaLayer, extSeq: number, nowMs: number): void {
    const packet = layer.history.get(extSeq)
    if (packet !== undefined && packet.codec === this.#codec) this.#send(packet, nowMs)
  }

  /** True if the viewer gets the packet: it is not of a layer that is left out. */
  #admits(packet: StoredPacket, nowMs: number): boolean {
    const stretch = this.#stretches.newest
    const thinning = stretch?.thinning
    if (stretch === undefined || thinning === undefined) return true
    if (thinning.admit(packet, stretch.layer.layerIds(packet))) return true
    this.dropped.leftOut++
    // A number that stays empty would be taken for a loss.
    const { emptyExtSeq } = stretch
    if (emptyExtSeq >= 0) this.#write(packet, stretch, emptyExtSeq, nowMs)
    return false
  }

  /** Sends the packet, if the viewer gets it; false if there was no room. */
  #send(packet: StoredPacket, nowMs: number): boolean {
    const stretch = this.#stretches.newest as Stretch
    if (!this.#admits(packet, nowMs)) return true
    const extSeq = stretch.extSeq(packet.extSeq)
    if (extSeq < 0) return true
    if (!this.#write(packet, stretch, extSeq, nowMs)) return false
    this.#stream.advance(packet, extSeq)
    return true
  }

  #write(packet: StoredPacket, stretch: Stretch, extSeq: number, nowMs: number): boolean {
    const writer = this.#writer
    const offset = writer.write(packet, stretch, extSeq, extSeq > this.#stream.newestExtSeq)
    if (offset < 0) {
      this.dropped.outputFull++
      return false
    }
    const { headerLength, length } = writer
    this.packets++
    this.bytes += length
    this.payloadBytes += length - headerLength
    this.#rate.add(length, nowMs)
    this.#output.sendRtp(offset, headerLength, length, extSeq)
    if (this.#lane === undefined) this.#pacer?.passed(length, nowMs)
    writer.noteSent(nowMs)
    return true
  }

  /** Looks up what the viewer calls `codec`; false if it has not negotiated it. */
  #select(codec: Codec): boolean {
    this.#match = this.#codecs.match(codec)
    return this.#match !== undefined
  }
}
