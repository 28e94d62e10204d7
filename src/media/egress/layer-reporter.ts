/**
 * Tells what is forwarded of each of a viewer's videos, whenever that has changed, and why. It is called outside the way of packets and
 * compares what is forwarded with what it told last; so what comes and goes in between is not told.
 */
import type { LayerChange, LayerChoice } from '../layers/allocation.js'
import { ALL_LAYERS, type LayerLimits, NO_LIMITS, sameLimits } from '../layers/layer-limits.js'
import type { MediaLayer, MediaSource } from '../types.js'
import type { LayerEvent, LayerEventReason } from './layer-event.js'

/** Of a `VideoStream`, what it looks at. */
export interface ReportedVideo {
  /** One that gets always the same layer, or nothing, has nothing to tell. */
  readonly rank: number | undefined
  readonly track: {
    readonly section: { readonly mid: string }
    readonly layer: MediaLayer | undefined
    readonly live: boolean
    readonly needsKeyframe: boolean
  }
  readonly selector: { readonly wanted: MediaLayer | undefined }
}

class Report {
  #publisher = ''
  #source: MediaSource | undefined
  #reason: LayerEventReason = 'source'
  /** The reason has been given for a change; another change has another one. */
  #given = true
  /** Of the layer that was decided on last, and of the one that is forwarded. */
  #decided: LayerLimits = NO_LIMITS
  #limits: LayerLimits = NO_LIMITS
  #toldLayer: MediaLayer | undefined
  #toldSource: MediaSource | undefined
  #toldLimits: LayerLimits = NO_LIMITS

  constructor(readonly video: ReportedVideo) {}

  carry(publisher: string | undefined, source: MediaSource | undefined): void {
    if (publisher !== undefined) this.#publisher = publisher
    if (source === this.#source) return
    this.#source = source
    this.because('source')
  }

  because(reason: LayerEventReason): void {
    this.#reason = reason
    this.#given = false
  }

  decide(limits: LayerLimits, change: LayerChange | undefined): void {
    this.#decided = limits
    if (change === undefined || change.reason === 'paused' || change.reason === 'resumed') return
    // While nothing has come of it yet, that it begins at all is the reason, not how good it has become meanwhile.
    const begins = this.#reason === 'source' || this.#reason === 'paused' || this.#reason === 'resumed'
    if (begins && !this.#given) return
    // The allocator takes over from the least layer, which was forwarded until the network was known.
    const takesOver = change.from.layer < 0 && this.#toldLayer !== undefined
    this.because(takesOver && change.reason === 'layer-started' ? 'bandwidth' : change.reason)
  }

  /** The event to tell; undefined if everything is as it was told. */
  take(): LayerEvent | undefined {
    const { track, selector } = this.video
    const { layer } = track
    // What waits for a keyframe is not forwarded yet, and the viewer still sees what it saw last.
    if (layer !== undefined && !track.live) return undefined
    if (selector.wanted === undefined && !track.needsKeyframe) this.#limits = this.#decided
    if (!this.#differs(layer)) return undefined
    this.#toldLayer = layer
    this.#toldSource = this.#source
    this.#toldLimits = this.#limits
    this.#given = true
    const { spatialId, temporalId } = layer === undefined ? NO_LIMITS : this.#limits
    return {
      publisher: this.#publisher,
      mid: track.section.mid,
      live: layer !== undefined,
      rid: layer?.rid,
      ...(spatialId === ALL_LAYERS ? {} : { spatialId }),
      ...(temporalId === ALL_LAYERS ? {} : { temporalId }),
      reason: this.#reason,
    }
  }

  #differs(layer: MediaLayer | undefined): boolean {
    if (layer !== this.#toldLayer) return true
    if (layer === undefined) return false
    return this.#source !== this.#toldSource || !sameLimits(this.#limits, this.#toldLimits)
  }
}

/** See the top of the file. */
export class LayerReporter {
  readonly #reports: readonly Report[]
  readonly #tell: (event: LayerEvent) => void
  #paused = false

  constructor(videos: readonly ReportedVideo[], tell: (event: LayerEvent) => void) {
    this.#reports = videos.map((video) => new Report(video))
    this.#tell = tell
  }

  /** The video of that place comes from `source`, whose publisher goes by that name; from nobody without. */
  carry(at: number, publisher: string | undefined, source: MediaSource | undefined): void {
    this.#reports[at]?.carry(publisher, source)
  }

  /** Whether the viewer wants no video. */
  setPaused(paused: boolean): void {
    if (paused === this.#paused) return
    this.#paused = paused
    for (const report of this.#reports) report.because(paused ? 'paused' : 'resumed')
  }

  /** The viewer has paused the stream of that place, or resumed it. */
  setStreamPaused(at: number, paused: boolean): void {
    this.#reports[at]?.because(paused ? 'paused' : 'resumed')
  }

  /**
   * What the allocator has chosen for the video of that place, and its change if there is one; without a choice, everything is forwarded
   * that there is.
   */
  decide(at: number, choice?: LayerChoice, change?: LayerChange): void {
    this.#reports[at]?.decide(choice ?? NO_LIMITS, change)
  }

  /** Tells what is different. The listener may do anything, closing the viewer included. */
  report(): void {
    for (const report of this.#reports) {
      const event = report.video.rank === undefined ? report.take() : undefined
      if (event) this.#tell(event)
    }
  }
}
