/**
 * Sends one outgoing stream: rewrites packets of whatever is forwarded into the stream's own numbers, leaves out the layers that the viewer
 * does not get, and sends again what is asked for again.
 */
import type { HeaderExtension, PayloadCodec } from '../../rtp/types.js'
import { isUnlimited, type LayerLimits, NO_LIMITS } from '../layers/layer-limits.js'
import { readPacket } from '../packet-reading.js'
import type { MediaConfig, MediaLayer, RtpOutput, StoredPacket } from '../types.js'
import type { CatchUp } from './catch-up.js'
import type { CongestionControl } from './congestion-control.js'
import { tellsSpatialLayers } from './egress-section.js'
import { OutgoingStream } from './outgoing-stream.js'
import type { OwnExtensions } from './own-extensions.js'
import { PacketWriter } from './packet-writer.js'
import type { RetransmissionBudget } from './retransmission-budget.js'
import { Retransmitter } from './retransmitter.js'
import { SentRate } from './sent-rate.js'
import { SentStretches } from './sent-stretches.js'
import { SteadyStream } from './steady-stream.js'
import { BYTES, PACKETS, PAYLOAD_BYTES, RATE_DUE_MS } from './stream-record.js'
import type { StreamSection } from './stream-sections.js'
import { Stretch } from './stretch.js'

/** How a {@link StreamSender} is made. */
export interface StreamSenderOptions {
  readonly config: Pick<MediaConfig, 'historyPackets'>
  readonly section: StreamSection
  readonly output: RtpOutput
  /** Below 32768. */
  readonly initialSeq: number
  readonly initialTimestamp: number
  /** The first sequence number of the retransmission stream, if there is one; below 32768. */
  readonly initialRtxSeq: number
  /** Numbers what is sent, shared by the viewer's streams. */
  readonly congestion?: CongestionControl
  /** The header extensions that do not come from the publisher, if there are any. */
  readonly ownExtensions?: OwnExtensions | undefined
  /** What retransmissions may cost, shared by the viewer's streams. */
  readonly budget: RetransmissionBudget
}

/** One outgoing stream on its way to the transport. */
export class StreamSender {
  /** Packets of layers that the viewer does not get. */
  leftOut = 0
  /** When the newest keyframe began to be sent. */
  keyframeSentMs = Number.NEGATIVE_INFINITY
  readonly numbers: OutgoingStream
  readonly retransmitter: Retransmitter
  readonly stretches = new SentStretches()
  /** The short way of what goes on as it was; undefined where there is none, as for audio. */
  readonly steady: SteadyStream | undefined
  readonly #section: StreamSection
  readonly #output: RtpOutput
  readonly #writer: PacketWriter
  readonly #rate: SentRate
  readonly #numbers: Float64Array
  readonly #at: number
  #outputFull = 0
  readonly #historyPackets: number

  constructor(options: StreamSenderOptions) {
    this.#historyPackets = options.config.historyPackets
    const { section, output, budget, initialRtxSeq } = options
    this.#section = section
    this.#output = output
    this.numbers = new OutgoingStream(options.initialSeq, options.initialTimestamp)
    const { record } = this.numbers
    this.#numbers = record.numbers
    this.#at = record.at
    this.#rate = new SentRate(record)
    const writer = new PacketWriter(section, output, record, options.congestion, options.ownExtensions)
    this.#writer = writer
    const { congestion } = options
    const { transportWideId } = writer
    if (congestion !== undefined && section.kind === 'video') {
      this.steady = new SteadyStream({ stream: record, ssrc: section.ssrc, output, congestion, transportWideId })
    }
    const { stretches } = this
    this.retransmitter = new Retransmitter({ section, writer, output, stretches, budget, initialRtxSeq })
  }

  /** Packets sent. */
  get packets(): number {
    return this.#numbers[this.#at + PACKETS] as number
  }

  /** RTP headers and payloads. */
  get bytes(): number {
    return this.#numbers[this.#at + BYTES] as number
  }

  /** Payloads alone, as sender reports count. */
  get payloadBytes(): number {
    return this.#numbers[this.#at + PAYLOAD_BYTES] as number
  }

  /** Packets that the transport had no room for. */
  get outputFull(): number {
    return this.#outputFull + (this.steady?.outputFull ?? 0)
  }

  /** The rate of the last second, headers included. */
  bitrateBps(nowMs: number): number {
    return this.#rate.bps(nowMs)
  }

  /** Something else is forwarded from now on, or nothing: what `begin` is given then carries `extensions`. */
  change(extensions: readonly HeaderExtension[], nowMs: number): void {
    this.numbers.forgetSource()
    this.stretches.end(nowMs)
    this.#writer.extensions.setSource(extensions)
  }

  /** Packets were dropped: nothing is sent until `begin`. */
  interrupt(nowMs: number): void {
    this.numbers.pause()
    this.stretches.end(nowMs)
  }

  /**
   * Starts a new stretch of the stream with `packet`; false, with nothing changed for the viewer, if it could not be sent.
   *
   * @param catchUp the way to the present, where the packet is from the past.
   */
  begin(
    packet: StoredPacket,
    layer: MediaLayer,
    payloadCodec: PayloadCodec,
    limits: LayerLimits,
    catchUp: CatchUp | undefined,
    nowMs: number,
  ): boolean {
    const { numbers, stretches } = this
    const { newestIn } = numbers
    const reading = readPacket(packet)
    numbers.begin(packet, layer, catchUp)
    const counters = this.#writer.payloads.begin(reading)
    const extensions = this.#writer.extensions.begin(packet, reading)
    const isFlat = !tellsSpatialLayers(this.#section, packet.codec)
    const stretch = new Stretch(layer, payloadCodec, packet, numbers, counters, extensions, isFlat)
    if (!isUnlimited(limits)) stretch.thin(limits, numbers.newestIn, this.#historyPackets)
    stretches.begin(stretch, nowMs)
    if (this.send(packet, nowMs)) return true
    numbers.abandon(newestIn)
    stretches.abandon()
    return false
  }

  /** What comes behind the newest packet, in order, may go the short way, as far as this depends on the stream. */
  settle(): void {
    const stretch = this.stretches.newest
    if (this.steady === undefined || stretch === undefined || !this.numbers.live) return
    if (stretch.thinning !== undefined || stretch.dropsRedundancy || stretch.blockPayloadType >= 0) return
    if (this.#writer.isTerse(this.numbers.newestExtSeq + 1)) this.steady.open(stretch)
  }

  /** The highest layers to send from now on. */
  limit(limits: LayerLimits): void {
    this.numbers.unsettle()
    const stretch = this.stretches.newest
    if (this.numbers.live && stretch) stretch.thin(limits, this.numbers.newestIn, this.#historyPackets)
  }

  /** True while other layers are to be sent than are, and that takes a keyframe. */
  get needsKeyframe(): boolean {
    return this.numbers.live && this.stretches.newest?.thinning?.filter.needsKeyframe === true
  }

  /** True if the viewer gets the packet: it is not of a layer that is left out. Asked again, the answer is the same. */
  admits(packet: StoredPacket, nowMs: number): boolean {
    const stretch = this.stretches.newest
    if (stretch === undefined) return true
    if (packet.keyframe && stretch.showsTooMuch(packet)) {
      stretch.thin(NO_LIMITS, this.numbers.newestIn, this.#historyPackets)
      this.numbers.unsettle()
    }
    const { thinning } = stretch
    if (thinning === undefined) return true
    if (thinning.admit(packet, stretch.layer.layerIds(packet))) return true
    this.leftOut++
    // A number that stays empty would be taken for a loss. Numbers ahead of the stream are not used up by padding: they may yet be given to others.
    const { emptyExtSeq } = stretch
    if (emptyExtSeq >= 0 && emptyExtSeq < this.numbers.newestExtSeq) this.#write(packet, stretch, emptyExtSeq, nowMs)
    return false
  }

  /** Sends the packet, if the viewer gets it; false if there was no room. */
  send(packet: StoredPacket, nowMs: number): boolean {
    const stretch = this.stretches.newest as Stretch
    if (!this.admits(packet, nowMs)) return true
    stretch.pass(packet)
    const extSeq = stretch.extSeq(packet.extSeq)
    if (extSeq < 0) return true
    if (!this.#write(packet, stretch, extSeq, nowMs)) return false
    if (packet.keyframe) this.keyframeSentMs = nowMs
    this.numbers.advance(packet, extSeq, this.#writer.timestamp)
    return true
  }

  /** The viewer has not got the packets with the numbers `seqs[0, count)`. */
  receiveNack(seqs: Uint16Array, count: number, rttMs: number | undefined, nowMs: number): void {
    this.retransmitter.receiveNack(seqs, count, this.numbers.newestExtSeq, rttMs, nowMs)
  }

  /** Sends a packet that nobody asked for, over RTX; returns its bytes, 0 if that cannot be. */
  sendPadding(nowMs: number): number {
    return this.numbers.live ? this.retransmitter.sendPadding(this.numbers.newestExtSeq, nowMs) : 0
  }

  /** The viewer has reported on the stream, so it knows which section the SSRC belongs to. */
  knowsSsrc(): void {
    // A boundary in the numbering, not a switch: a packet that comes late or again has the same header as ever.
    this.#writer.midUntil = Math.min(this.#writer.midUntil, this.numbers.newestExtSeq + 1)
  }

  #write(packet: StoredPacket, stretch: Stretch, extSeq: number, nowMs: number): boolean {
    const writer = this.#writer
    const offset = writer.write(packet, stretch, extSeq, extSeq > this.numbers.newestExtSeq)
    if (offset < 0) {
      this.#outputFull++
      return false
    }
    const { headerLength, length } = writer
    const numbers = this.#numbers
    const at = this.#at
    if (nowMs >= (numbers[at + RATE_DUE_MS] as number)) this.#rate.count(nowMs)
    ;(numbers[at + PACKETS] as number)++
    numbers[at + BYTES] = (numbers[at + BYTES] as number) + length
    numbers[at + PAYLOAD_BYTES] = (numbers[at + PAYLOAD_BYTES] as number) + (length - headerLength)
    this.#output.sendRtp(offset, headerLength, length, extSeq)
    writer.noteSent(nowMs)
    return true
  }
}
