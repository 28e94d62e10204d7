/**
 * Carries out which layer a stream gets: it goes on with the old layer until the new one brings a keyframe, and then changes with that
 * very packet, so that the viewer sees no pause. A layer is fed from, and keyframes of it are asked for, only while it is forwarded or wanted.
 */
import type { LayerSink, MediaLayer, StoredPacket } from '../types.js'

/** How long a new layer may take to bring a keyframe, while the old one goes on. */
const GIVE_UP_AFTER_MS = 5000

/** What a {@link LayerSelector} switches: one outgoing stream. */
export interface SwitchableStream {
  /** True while packets flow, false while it waits for a keyframe or has no layer. */
  readonly live: boolean
  /**
   * Takes from `layer` from now on, from nothing if undefined. Where the layer's newest packet is its newest keyframe, as it is whenever a
   * keyframe has just come, it begins with that at once.
   */
  attach(layer: MediaLayer | undefined, nowMs: number): void
  /** `layer` brought no keyframe in time; what was forwarded still is. */
  onSwitchFailed?(layer: MediaLayer, nowMs: number): void
  /** A defect showed. */
  onFault?(error: unknown): void
}

/** The layers of one stream. */
export class LayerSelector implements LayerSink {
  readonly #stream: SwitchableStream
  readonly #giveUpAfterMs: number
  #current: MediaLayer | undefined
  #wanted: MediaLayer | undefined
  #giveUpMs = Number.POSITIVE_INFINITY

  constructor(stream: SwitchableStream, giveUpAfterMs = GIVE_UP_AFTER_MS) {
    this.#stream = stream
    this.#giveUpAfterMs = giveUpAfterMs
  }

  /** The layer that is forwarded. */
  get current(): MediaLayer | undefined {
    return this.#current
  }

  /** The layer whose keyframe is awaited; undefined while nothing is to change. */
  get wanted(): MediaLayer | undefined {
    return this.#wanted
  }

  /** When `tick` has something to do; infinity for never. */
  get dueMs(): number {
    return this.#giveUpMs
  }

  /** The stream is to get `layer`; nothing, at once, if undefined. */
  select(layer: MediaLayer | undefined, nowMs: number): void {
    if (layer === this.#wanted && layer !== undefined) return
    this.#forget()
    if (layer === this.#current) return
    // With nothing to go on with meanwhile, there is nothing to wait for either.
    if (layer === undefined || this.#current === undefined || !this.#stream.live) {
      this.#current = layer
      this.#stream.attach(layer, nowMs)
      return
    }
    this.#wanted = layer
    this.#giveUpMs = nowMs + this.#giveUpAfterMs
    layer.addSink(this)
    layer.requestKeyframe(nowMs)
  }

  /** Gives up on a layer whose keyframe does not come; returns when it wants to be called next. */
  tick(nowMs: number): number {
    const layer = this.#wanted
    if (layer === undefined || nowMs < this.#giveUpMs) return this.#giveUpMs
    this.#forget()
    this.#stream.onSwitchFailed?.(layer, nowMs)
    return this.#giveUpMs
  }

  onPacket(packet: StoredPacket, layer: MediaLayer, nowMs: number): void {
    if (!packet.keyframe || layer !== this.#wanted) return
    this.#forget()
    this.#current = layer
    this.#stream.attach(layer, nowMs)
  }

  onFault(error: unknown): void {
    this.#stream.onFault?.(error)
  }

  #forget(): void {
    this.#wanted?.removeSink(this)
    this.#wanted = undefined
    this.#giveUpMs = Number.POSITIVE_INFINITY
  }
}
