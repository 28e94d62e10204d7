/**
 * One encoding on its way from a source to its sinks: the history that keeps each packet once, the fan-out, and the governor of its
 * keyframes. Publisher ingest feeds it with what comes from the network, a pipe from another shard with what comes from there.
 */

import { EXTENSION_URI } from '../rtp/extension-uri.js'
import { RtpHeader } from '../rtp/rtp-header.js'
import type { Codec, HeaderExtension, MediaKind } from '../rtp/types.js'
import { RateMeter } from '../util/rate-meter.js'
import { isKeyframeStart } from './codecs/keyframe.js'
import type { LayerIds } from './codecs/layer-ids.js'
import { readFrameSize, readSpatialSizes } from './codecs/read-frame-size.js'
import { FanOut, type FanOutQueue } from './fan-out.js'
import { PacketHistory } from './history/packet-history.js'
import { KeyframeGovernor } from './keyframe-governor.js'
import { LayerMeter } from './layers/layer-info.js'
import { LayerReader } from './layers/layer-reader.js'
import {
  type CaptureClock,
  type LayerInfo,
  type LayerSink,
  MAX_SEQ_GAP,
  type MediaConfig,
  type MediaLayer,
  type PacketHistoryView,
  type StoredPacket,
} from './types.js'

/** While packets come, the old ones go with them; this is for when none do. */
const EXPIRE_SPACING_MS = 1000

/** What a layer needs from the source that feeds it. */
export interface LayerWishes {
  /** Ask upstream for a keyframe, now. */
  sendKeyframeRequest(nowMs: number): void
  /** `tick` has something to do at `dueMs`, earlier than its last answer said. */
  onDue?(dueMs: number): void
  /** Somebody takes the layer who is the first, or has left it who was the last. */
  onDemand?(): void
}

/** How a {@link ForwardedLayer} is made. */
export interface ForwardedLayerOptions {
  readonly rid: string | undefined
  readonly kind: MediaKind
  /** The header extensions under the ids that its packets carry them with. */
  readonly extensions: readonly HeaderExtension[]
  /** See {@link MediaLayer.keyframesOnDemand}; true by default. */
  readonly keyframesOnDemand?: boolean
  readonly config: MediaConfig
  readonly wishes: LayerWishes
  /** Tells when a turn of the event loop ends, until which packets wait for sinks that permit it; without, they never wait. */
  readonly fanOut?: FanOutQueue | undefined
}

/** Why packets were not taken. */
export interface LayerRefusals {
  malformed: number
  paddingOnly: number
  duplicate: number
  tooOld: number
  tooLarge: number
}

// Packets are handled one at a time, so one header serves all layers of the thread.
const header = new RtpHeader()

/** A layer that is fed from outside. See {@link MediaLayer} for what its sinks see. */
export class ForwardedLayer implements MediaLayer {
  readonly rid: string | undefined
  readonly kind: MediaKind
  readonly keyframesOnDemand: boolean
  /** Packets taken. */
  packets = 0
  /** Bytes of the packets taken, headers included. */
  bytes = 0
  /** Keyframes begun. */
  keyframes = 0
  readonly refused: LayerRefusals = { malformed: 0, paddingOnly: 0, duplicate: 0, tooOld: 0, tooLarge: 0 }
  readonly #history: PacketHistory
  readonly #historyMs: number
  /** When to look for packets that are too old; infinity while the history is empty. */
  #expireDueMs = Number.POSITIVE_INFINITY
  readonly #governor: KeyframeGovernor
  readonly #wishes: LayerWishes
  readonly #rate = new RateMeter()
  readonly #meter = new LayerMeter()
  /** Undefined for audio. */
  readonly #reader: LayerReader | undefined
  readonly #fanOut: FanOut
  #codec: Codec | undefined
  #captureClock: CaptureClock | undefined
  #keyframeExtSeq = -1
  #keyframeTimestamp = -1
  #heldInfo: LayerInfo | undefined

  constructor(options: ForwardedLayerOptions) {
    const { config, wishes } = options
    this.rid = options.rid
    this.kind = options.kind
    this.keyframesOnDemand = options.keyframesOnDemand ?? true
    this.#wishes = wishes
    this.#history = new PacketHistory(config.historyPackets, config.historyBytes, config.historyMs)
    this.#historyMs = config.historyMs
    this.#fanOut = new FanOut(this, config, options.fanOut)
    this.#governor = new KeyframeGovernor(config, (nowMs) => wishes.sendKeyframeRequest(nowMs))
    if (options.kind === 'video') this.#reader = new LayerReader(descriptorId(options.extensions))
  }

  get history(): PacketHistoryView {
    return this.#history
  }

  get codec(): Codec | undefined {
    return this.#codec
  }

  get captureClock(): CaptureClock | undefined {
    return this.#captureClock
  }

  info(nowMs: number): LayerInfo {
    return this.#heldInfo ?? this.#meter.info(nowMs)
  }

  /** These are the facts about the layer from now on, instead of what is measured; undefined for that. */
  holdInfo(info: LayerInfo | undefined): void {
    this.#heldInfo = info
  }

  layerIds(packet: StoredPacket): LayerIds | undefined {
    return this.#reader?.of(packet)
  }

  /** How many sinks it feeds. */
  get sinkCount(): number {
    return this.#fanOut.count
  }

  /** Where the newest keyframe began, kept or not; -1 before the first. */
  get newestKeyframeExtSeq(): number {
    return this.#keyframeExtSeq
  }

  /** Keyframe requests sent upstream, and wishes that needed none of their own. */
  get keyframeRequests(): { readonly sent: number; readonly coalesced: number } {
    return { sent: this.#governor.sent, coalesced: this.#governor.coalesced }
  }

  /** The rate of the last second, headers included. */
  bitrateBps(nowMs: number): number {
    return this.#rate.bps(nowMs)
  }

  /** The newest sender report of the stream that is being forwarded; undefined when that stream has changed and has not sent one. */
  setCaptureClock(clock: CaptureClock | undefined): void {
    const before = this.#captureClock
    this.#captureClock = clock
    if (before !== undefined || clock === undefined) return
    for (const sink of this.#fanOut.all()) sink.onCaptureClock?.(this, clock.arrivalMs)
  }

  /** Begins to feed `sink`, with the next packet; a sink that is fed already stays fed once. */
  addSink(sink: LayerSink): void {
    if (this.#fanOut.has(sink)) return
    this.#fanOut.add(sink)
    if (this.#fanOut.count > 1) return
    this.#governor.setWatched(true)
    this.#wishes.onDemand?.()
    this.#announce(Number.POSITIVE_INFINITY)
  }

  /** Stops feeding `sink`, at once even during the fan-out of a packet. */
  removeSink(sink: LayerSink): void {
    if (!this.#fanOut.remove(sink) || this.#fanOut.count > 0) return
    this.#governor.setWatched(false)
    this.#wishes.onDemand?.()
  }

  /** The source is over: feeds nobody any more. */
  removeAllSinks(): void {
    for (const sink of this.#fanOut.all()) this.removeSink(sink)
  }

  settle(): void {
    this.#fanOut.settle()
  }

  /** See {@link MediaLayer.requestKeyframe}. Audio has no keyframes to ask for. */
  requestKeyframe(nowMs: number): void {
    if (this.kind === 'audio' || !this.keyframesOnDemand) return
    const beforeMs = this.#governor.dueMs
    this.#governor.request(nowMs)
    this.#announce(beforeMs)
  }

  /** Does what is due; returns when it wants to be called next, in the core's time. */
  tick(nowMs: number): number {
    this.#governor.tick(nowMs)
    if (nowMs >= this.#expireDueMs) {
      this.#expireDueMs = Math.max(this.#history.expire(nowMs), nowMs + EXPIRE_SPACING_MS)
    }
    return Math.min(this.#governor.dueMs, this.#expireDueMs)
  }

  /**
   * Takes the plain packet `buffer[start, end)`: copies it into the history, without its padding, and hands it to every sink.
   *
   * @param extSeq its unwrapped sequence number within the layer, see {@link StoredPacket.extSeq}.
   * @returns false, counted in `refused`, for a packet that is known already, too old, or no RTP packet with a payload.
   */
  accept(buffer: Buffer, start: number, end: number, extSeq: number, codec: Codec, nowMs: number): boolean {
    const { refused } = this
    this.#fanOut.makeRoom(extSeq, end - start)
    const padding = header.parse(buffer, start, end) ? header.parsePadding(buffer, start, end) : -1
    if (padding < 0) {
      refused.malformed++
      return false
    }
    const payloadStart = start + header.headerLength
    const payloadEnd = end - padding
    if (payloadEnd === payloadStart) {
      refused.paddingOnly++
      return false
    }
    const { newestExtSeq } = this.#history
    if (newestExtSeq >= 0 && extSeq > newestExtSeq + MAX_SEQ_GAP) this.#forgetTimestamps()
    const belongsToStart = isKeyframeStart(codec, buffer, payloadStart, payloadEnd)
    const keyframe = belongsToStart && this.#beginsKeyframe(extSeq)
    const packet = this.#history.store(buffer, start, payloadEnd, extSeq, header, codec, keyframe, nowMs)
    if (packet === undefined) {
      this.#countRefusal()
      return false
    }
    // The padding bit, as the padding itself is left out.
    if (padding > 0) packet.bytes[packet.start] = (packet.bytes[packet.start] as number) & ~0x20
    this.packets++
    this.bytes += packet.length
    this.#rate.add(packet.length, nowMs)
    this.#meter.add(packet.length, packet.timestamp, this.#reader?.arrived(packet), nowMs)
    if (extSeq === this.#history.newestExtSeq) {
      // What was reported was counted in the ticks of the other codec.
      if (this.#codec !== undefined && codec.clockRate !== this.#codec.clockRate) this.#captureClock = undefined
      this.#codec = codec
    }
    if (belongsToStart && this.kind === 'video') {
      if (keyframe) this.#noteKeyframe(extSeq, packet.timestamp, nowMs)
      if (packet.timestamp === this.#keyframeTimestamp)
        this.#readSizes(keyframe, codec, buffer, payloadStart, payloadEnd)
    }
    if (this.#expireDueMs === Number.POSITIVE_INFINITY) this.#armExpiry(nowMs)
    this.#fanOut.take(packet, nowMs)
    return true
  }

  /** Timestamps behind a new numbering have nothing to do with those before, even where they are the same. */
  #forgetTimestamps(): void {
    this.#captureClock = undefined
    this.#keyframeTimestamp = -1
  }

  #armExpiry(nowMs: number): void {
    this.#expireDueMs = nowMs + this.#historyMs
    this.#wishes.onDue?.(this.#expireDueMs)
  }

  /** Several packets of one keyframe can look like its first (see `isKeyframeStart`); only the first of its timestamp is. */
  #beginsKeyframe(extSeq: number): boolean {
    return this.kind === 'audio' || header.timestamp !== this.#keyframeTimestamp || extSeq <= this.#keyframeExtSeq
  }

  #noteKeyframe(extSeq: number, timestamp: number, nowMs: number): void {
    const known = timestamp === this.#keyframeTimestamp
    if (!known && extSeq < this.#keyframeExtSeq) return
    this.#keyframeExtSeq = extSeq
    this.#keyframeTimestamp = timestamp
    if (known) return
    this.keyframes++
    this.#governor.keyframeArrived(nowMs)
  }

  /** The size may be in any of the packets that look like a keyframe's first: parameter sets come in one of their own, or in several. */
  #readSizes(first: boolean, codec: Codec, buffer: Buffer, start: number, end: number): void {
    if (first) {
      const described = this.#reader?.sizes ?? []
      this.#meter.setSpatialSizes(described.length > 0 ? described : readSpatialSizes(codec, buffer, start, end))
    }
    const size = readFrameSize(codec, buffer, start, end)
    if (size) this.#meter.setFrameSize(size.width, size.height)
  }

  #countRefusal(): void {
    const { refusal } = this.#history
    if (refusal === 'duplicate') this.refused.duplicate++
    else if (refusal === 'too-old') this.refused.tooOld++
    else this.refused.tooLarge++
  }

  #announce(beforeMs: number): void {
    const { dueMs } = this.#governor
    if (dueMs < beforeMs) this.#wishes.onDue?.(dueMs)
  }
}

function descriptorId(extensions: readonly HeaderExtension[]): number {
  return extensions.find(({ uri }) => uri === EXTENSION_URI.dependencyDescriptor)?.id ?? 0
}
