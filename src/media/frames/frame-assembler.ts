/**
 * A jitter buffer: turns the packets of one layer, which come in the order of their arrival and may be repaired later, into complete frames
 * in the order of their numbers. It has no timer: somebody calls `tick` when it is due.
 */
import type { Codec } from '../../rtp/types.js'
import { beginsFrame } from '../payload/begins-frame.js'
import { followsPicture } from '../payload/follows-picture.js'
import { type LayerSink, MAX_SEQ_GAP, type MediaLayer, type StoredPacket } from '../types.js'
import {
  FrameAssemblerCounters,
  type FrameAssemblerOptions,
  type FrameAssemblerStats,
} from './frame-assembler-options.js'
import { FrameMaker } from './frame-maker.js'
import { PacketWindow, type WaitingPacket } from './packet-window.js'

const DEFAULT_PATIENCE_MS = 500
const DEFAULT_MAX_BUFFERED_BYTES = 8 * 1024 * 1024

/**
 * A sink of one layer. A frame ends with its marker, or where the next timestamp begins; every packet of audio is one. What is missing is
 * waited for, then skipped: the frame that lacks it is left out, and video asks the layer for a keyframe.
 */
export class FrameAssembler implements LayerSink {
  /** `tick` has something to do at `dueMs`, earlier than its last answer said. */
  onDue: ((dueMs: number) => void) | undefined
  readonly #options: FrameAssemblerOptions
  readonly #patienceMs: number
  readonly #maxBufferedBytes: number
  readonly #counters = new FrameAssemblerCounters()
  readonly #window = new PacketWindow()
  readonly #maker: FrameMaker
  /** Who is asked for keyframes. */
  #layer: MediaLayer | undefined
  #nowMs = 0
  /** The first packet of the frame that comes next; -1 before the first packet of a numbering. */
  #next = -1
  /** The first packet behind it that is missing, or that may belong to the frame behind. */
  #scan = -1
  /** The highest number that came; -1 before the first packet of a numbering. */
  #newest = -1
  /** Nothing was handed over or left out of this numbering, so that what its first packet has overtaken is welcome. */
  #atBeginning = true
  /** The beginning of the frame that comes next is missing. */
  #damaged = false
  /** Some frame had a marker. */
  #knowsMarkers = false
  /** The first packet of the newest frame that was complete. */
  #before: WaitingPacket | undefined
  /** The packet that `#dueMs` is about. */
  #missed = -1
  #dueMs = Number.POSITIVE_INFINITY
  #announcedMs = Number.POSITIVE_INFINITY

  constructor(options: FrameAssemblerOptions) {
    this.#options = options
    this.#patienceMs = options.patienceMs ?? DEFAULT_PATIENCE_MS
    this.#maxBufferedBytes = options.maxBufferedBytes ?? DEFAULT_MAX_BUFFERED_BYTES
    this.#maker = new FrameMaker(options, this.#counters, this.#maxBufferedBytes, () => this.#requestKeyframe())
  }

  /** When `tick` has something to do; infinity for never. */
  get dueMs(): number {
    return this.#dueMs
  }

  get stats(): FrameAssemblerStats {
    return { ...this.#counters, bufferedBytes: this.#window.bytes }
  }

  onPacket(packet: StoredPacket, layer: MediaLayer, nowMs: number): void {
    const { extSeq } = packet
    this.#nowMs = nowMs
    this.#counters.packets++
    if (this.#newest >= 0 && extSeq > this.#newest + MAX_SEQ_GAP) this.#restart()
    this.#layer = layer
    const isFirst = this.#newest < 0
    const begins = isFirst || (this.#atBeginning && extSeq < this.#next && extSeq > this.#next - MAX_SEQ_GAP)
    if ((!begins && extSeq < this.#next) || !this.#window.add(packet, nowMs)) {
      this.#counters.latePackets++
      return
    }
    if (extSeq > this.#newest) this.#newest = extSeq
    if (begins) this.#goTo(extSeq)
    // What comes first is part of a frame that began before: without asking, the next keyframe may be far.
    if (isFirst && this.#damaged) this.#maker.lose(packet.codec)
    this.#makeFrames()
    while (this.#window.bytes > this.#maxBufferedBytes) this.#giveUp()
    this.#setDue()
    if (this.#dueMs >= this.#announcedMs) return
    this.#announcedMs = this.#dueMs
    this.onDue?.(this.#dueMs)
  }

  /** Gives up what was waited for long enough; returns when it wants to be called next, in the core's time. */
  tick(nowMs: number): number {
    this.#nowMs = nowMs
    while (nowMs >= this.#dueMs) {
      this.#giveUp()
      this.#setDue()
    }
    this.#announcedMs = this.#dueMs
    return this.#dueMs
  }

  /** Nothing comes any more: hands over what is complete, and gives up the rest. No keyframe is asked for. */
  finish(nowMs: number): void {
    this.#nowMs = nowMs
    this.#layer = undefined
    while (this.#isWaiting) this.#giveUp()
    // Where frames have no markers, nothing else says that the last one is complete.
    if (!this.#knowsMarkers && this.#scan > this.#next) this.#endFrame()
    this.#drop()
    this.#setDue()
  }

  /** The source counts anew: nothing more comes of what was before. */
  #restart(): void {
    this.finish(this.#nowMs)
    this.#counters.restarts++
    this.#next = -1
    this.#scan = -1
    this.#newest = -1
    this.#atBeginning = true
    this.#knowsMarkers = false
    this.#before = undefined
    this.#maker.restart()
    this.#options.onRestart?.()
  }

  /** A packet is missing, as a later one has come. */
  get #isWaiting(): boolean {
    return this.#newest >= 0 && this.#newest >= this.#scan
  }

  /** The next frame begins with the packet `extSeq`, or amid the frame that it belongs to. */
  #goTo(extSeq: number): void {
    const packet = this.#window.get(extSeq)
    this.#next = extSeq
    this.#scan = extSeq
    this.#damaged = packet !== undefined && !beginsFrame(packet.codec, packet.payload)
  }

  /** Hands over what is complete. */
  #makeFrames(): void {
    do {
      while (this.#findEnd()) this.#endFrame()
    } while (this.#skipUnused() || this.#skipToKeyframe())
  }

  /** Looks for the end of the next frame, as far as all packets are there; true if it is before `#scan`. */
  #findEnd(): boolean {
    for (;;) {
      const packet = this.#window.get(this.#scan)
      const first = this.#window.get(this.#next)
      if (packet === undefined || first === undefined) return false
      if (packet.timestamp !== first.timestamp || packet.codec.name !== first.codec.name) return true
      this.#scan++
      const { marker, codec } = packet
      if (codec.kind === 'audio') return true
      if (!marker) continue
      this.#knowsMarkers = true
      return true
    }
  }

  /** The next frame is what is before `#scan`. */
  #endFrame(): void {
    if (this.#damaged) {
      this.#drop()
      return
    }
    const packets = this.#window.take(this.#next, this.#scan)
    this.#next = this.#scan
    this.#atBeginning = false
    this.#before = packets[0]
    this.#maker.make(packets)
  }

  /** Leaves out what is before `#scan`; returns its codec, if it is anything. */
  #drop(): Codec | undefined {
    const [first] = this.#window.take(this.#next, this.#scan)
    this.#next = this.#scan
    this.#damaged = false
    this.#atBeginning = false
    if (first !== undefined) this.#maker.drop(first)
    return first?.codec
  }

  /** Goes on behind numbers that no frame has: those of padding that was lost. True if there were any. */
  #skipUnused(): boolean {
    if (!this.#isWaiting || this.#before === undefined || this.#scan > this.#next) return false
    const packet = this.#firstPresent()
    if (!followsPicture(this.#before, packet)) return false
    this.#goTo(packet.extSeq)
    return true
  }

  /**
   * Waits for nothing that is not needed where only a keyframe helps and one has begun. One that is not complete itself is waited for. True if
   * anything was skipped.
   */
  #skipToKeyframe(): boolean {
    if (!this.#isWaiting || !this.#maker.wantsKeyframe || this.#window.isKeyframe(this.#next)) return false
    const extSeq = this.#window.keyframeBehind(this.#scan)
    if (extSeq < 0) return false
    const skipped = this.#window.take(this.#next, extSeq)
    this.#maker.miss(extSeq - this.#next - skipped.length)
    for (const packet of skipped) this.#maker.drop(packet)
    this.#atBeginning = false
    this.#goTo(extSeq)
    return true
  }

  /** Gives up the packets that are missing first; where none are, the frame that is larger than what may wait. */
  #giveUp(): void {
    const waits = this.#isWaiting
    const codec = this.#drop()
    if (!waits) {
      // The rest of that frame is still to come.
      this.#damaged = true
      if (codec !== undefined) this.#maker.lose(codec)
      return
    }
    const packet = this.#firstPresent()
    this.#maker.miss(packet.extSeq - this.#scan)
    this.#goTo(packet.extSeq)
    this.#maker.lose(packet.codec)
    this.#makeFrames()
  }

  /** The packet behind those that are missing. */
  #firstPresent(): WaitingPacket {
    for (let extSeq = this.#scan; ; extSeq++) {
      const packet = this.#window.get(extSeq)
      if (packet !== undefined) return packet
    }
  }

  #setDue(): void {
    if (!this.#isWaiting) {
      this.#missed = -1
      this.#dueMs = Number.POSITIVE_INFINITY
      return
    }
    if (this.#missed === this.#scan) return
    this.#missed = this.#scan
    this.#dueMs = (this.#window.firstBehind(this.#scan)?.takenMs ?? this.#nowMs) + this.#patienceMs
  }

  #requestKeyframe(): void {
    if (this.#layer === undefined) return
    this.#counters.keyframeRequests++
    this.#layer.requestKeyframe(this.#nowMs)
  }
}
