/**
 * One of a viewer's streams: takes the packets of a layer, rewrites them into the stream the viewer negotiated, and starts video at
 * keyframes only. Its own SSRC, numbering and time never restart, whatever comes to be forwarded.
 */

import type { Codec, HeaderExtension, PayloadCodec } from '../../rtp/types.js'
import { RateMeter } from '../../util/rate-meter.js'
import {
  type LayerSink,
  MAX_SEQ_GAP,
  type MediaConfig,
  type MediaLayer,
  type RtpOutput,
  type StoredPacket,
} from '../types.js'
import { selectPayloadCodec } from './codec-match.js'
import type { CongestionControl } from './congestion-control.js'
import type { EgressSection } from './egress-section.js'
import { OutgoingStream } from './outgoing-stream.js'
import type { OwnExtensions } from './own-extensions.js'
import type { Pacer } from './pacer.js'
import type { PacedStream } from './pacer-config.js'
import type { PacerLane } from './pacer-lane.js'
import { reading } from './packet-reading.js'
import { PacketWriter } from './packet-writer.js'
import type { RetransmissionBudget } from './retransmission-budget.js'
import { type RetransmissionCounters, Retransmitter } from './retransmitter.js'
import { SentStretches } from './sent-stretches.js'
import { Stretch } from './stretch.js'
import { ViewerReports } from './viewer-reports.js'

/** A keyframe and what follows are served from the history only up to this many packets: they leave in one burst. */
const MAX_REPLAY_PACKETS = 256

/** How many codecs of sources are remembered with what they match; more are matched anew. */
const MAX_KNOWN_CODECS = 64

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
  /** The header extensions that do not come from the publisher, if there are any. */
  readonly ownExtensions?: OwnExtensions | undefined
  /** What retransmissions may cost, shared by the viewer's streams. */
  readonly budget: RetransmissionBudget
  /** Something else is forwarded from now on: a sender report should follow soon. */
  onBegin(nowMs: number): void
  /** The layer has removed this sink because it threw. */
  onFault(error: unknown): void
}

/** Packets that a viewer was not sent, by reason. */
export interface EgressTrackDropped {
  /** Video before the keyframe that it can start with. */
  waitingForKeyframe: number
  /** The viewer has not negotiated the codec. */
  codecMismatch: number
  /** From before a change of what is forwarded. */
  late: number
  /** The transport had no room. */
  outputFull: number
}

/** One outgoing stream. */
export class EgressTrack implements LayerSink, PacedStream {
  readonly section: EgressSection
  readonly reports = new ViewerReports()
  readonly dropped: EgressTrackDropped = { waitingForKeyframe: 0, codecMismatch: 0, late: 0, outputFull: 0 }
  packets = 0
  /** RTP headers and payloads. */
  bytes = 0
  /** Payloads alone, as sender reports count. */
  payloadBytes = 0
  readonly #output: RtpOutput
  readonly #onBegin: (nowMs: number) => void
  readonly #onFault: (error: unknown) => void
  readonly #replayMaxAgeMs: number
  readonly #stream: OutgoingStream
  readonly #stretches = new SentStretches()
  readonly #writer: PacketWriter
  readonly #retransmitter: Retransmitter
  readonly #pacer: Pacer | undefined
  /** Undefined for audio, which never waits. */
  readonly #lane: PacerLane | undefined
  readonly #rate = new RateMeter()
  readonly #matches = new Map<Codec, PayloadCodec | undefined>()
  #fromQueue = false
  #layer: MediaLayer | undefined
  #codec: Codec | undefined
  #match: PayloadCodec | undefined

  constructor(options: EgressTrackOptions) {
    const { section, config, output, budget, initialRtxSeq, congestion } = options
    this.section = section
    this.#output = output
    this.#onBegin = options.onBegin
    this.#onFault = options.onFault
    // A younger keyframe is the answer to a request that could not be repeated yet.
    this.#replayMaxAgeMs = config.keyframeMinSpacingMs
    this.#stream = new OutgoingStream(options.initialSeq, options.initialTimestamp)
    const writer = new PacketWriter(section, output, congestion, options.ownExtensions)
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

  /** When `forget` has something to do; infinity for never. */
  get forgetDueMs(): number {
    return this.#stretches.dueMs
  }

  /** Lets go of what was forwarded before, once nobody asks for it any more. */
  forget(nowMs: number): void {
    this.#stretches.forget(nowMs)
  }

  /** The viewer has not got the packets with the numbers `seqs[0, count)`. */
  receiveNack(seqs: Uint16Array, count: number, rttMs: number | undefined, nowMs: number): void {
    this.#retransmitter.receiveNack(seqs, count, this.#stream.newestExtSeq, rttMs, nowMs)
  }

  /** Takes from `layer` from now on, whose packets carry `extensions`; from nothing if undefined. */
  attach(layer: MediaLayer | undefined, extensions: readonly HeaderExtension[], nowMs: number): void {
    if (layer === this.#layer) return
    this.#layer?.removeSink(this)
    this.#layer = layer
    this.#stream.forgetSource()
    this.#stretches.end(nowMs)
    if (this.#lane) this.#pacer?.clear(this.#lane, nowMs)
    this.#codec = undefined
    this.#match = undefined
    if (layer === undefined) return
    this.#writer.extensions.setSource(extensions)
    layer.addSink(this)
    if (this.section.kind === 'video' && !this.#replay(layer, nowMs)) layer.requestKeyframe(nowMs)
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
    return this.#stream.timestamp(capture.rtpTimestamp + ticks)
  }

  onPacket(packet: StoredPacket, layer: MediaLayer, nowMs: number): void {
    if (this.#lane && !this.#pacer?.offer(this.#lane, packet, layer, packet.length, nowMs)) return
    this.#forward(packet, layer, nowMs)
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
    this.#onFault(error)
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
    // What came later waits in the queue behind it.
    if (this.#fromQueue) return
    // Parts of the keyframe may have overtaken its first packet.
    const { newestExtSeq } = layer.history
    for (let extSeq = packet.extSeq + 1; extSeq <= newestExtSeq; extSeq++) this.#sendStored(layer, extSeq, nowMs)
  }

  #starts(packet: StoredPacket): boolean {
    return this.section.kind === 'audio' || packet.keyframe
  }

  /**
   * Begins with the keyframe in the history, if a request for another would have to wait anyway and nothing is missing since; what came
   * after it follows at once. So a crowd that joins costs the publisher few keyframes.
   */
  #replay(layer: MediaLayer, nowMs: number): boolean {
    const { history } = layer
    const { keyframeExtSeq, newestExtSeq } = history
    const keyframe = history.get(keyframeExtSeq)
    if (keyframe === undefined || nowMs - keyframe.arrivalMs > this.#replayMaxAgeMs) return false
    if (newestExtSeq - keyframeExtSeq >= MAX_REPLAY_PACKETS || !this.#select(keyframe.codec)) return false
    for (let extSeq = keyframeExtSeq; extSeq <= newestExtSeq; extSeq++) {
      if (history.get(extSeq)?.codec !== keyframe.codec) return false
    }
    this.onPacket(keyframe, layer, nowMs)
    // If it could be sent at once, what came after it was sent with it; else that waits behind it.
    for (let extSeq = keyframeExtSeq + 1; extSeq <= newestExtSeq && !this.#stream.live; extSeq++) {
      const packet = history.get(extSeq)
      if (packet) this.onPacket(packet, layer, nowMs)
    }
    return true
  }

  /** Starts a new stretch of the stream with `packet`; false, with nothing changed for the viewer, if it could not be sent. */
  #begin(packet: StoredPacket, layer: MediaLayer, nowMs: number): boolean {
    const stream = this.#stream
    const writer = this.#writer
    const { newestIn } = stream
    reading.read(packet)
    this.#codec = packet.codec
    stream.begin(packet)
    const counters = writer.payloads.begin(reading)
    const extensions = writer.extensions.begin(packet, reading)
    this.#stretches.begin(new Stretch(layer, this.#match as PayloadCodec, packet, stream, counters, extensions), nowMs)
    if (!this.#send(packet, nowMs)) {
      stream.abandon(newestIn)
      this.#stretches.abandon()
      return false
    }
    this.#onBegin(nowMs)
    return true
  }

  #sendStored(layer: MediaLayer, extSeq: number, nowMs: number): void {
    const packet = layer.history.get(extSeq)
    if (packet !== undefined && packet.codec === this.#codec) this.#send(packet, nowMs)
  }

  /** Sends the packet; false if there was no room. */
  #send(packet: StoredPacket, nowMs: number): boolean {
    const stream = this.#stream
    const writer = this.#writer
    const extSeq = stream.extSeq(packet.extSeq)
    const offset = writer.write(packet, this.#stretches.newest as Stretch, extSeq, extSeq > stream.newestExtSeq)
    if (offset < 0) {
      this.dropped.outputFull++
      return false
    }
    stream.advance(packet)
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
    if (!this.#matches.has(codec)) {
      if (this.#matches.size >= MAX_KNOWN_CODECS) this.#matches.clear()
      this.#matches.set(codec, selectPayloadCodec(codec, this.section.codecs))
    }
    this.#match = this.#matches.get(codec)
    return this.#match !== undefined
  }
}
