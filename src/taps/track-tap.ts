/** Takes one track of a publisher: complete frames of one of its layers, with the times at which they were captured. */
import type { SourceClock } from '../media/egress/source-clock.js'
import type { EncodedFrame } from '../media/frames/encoded-frame.js'
import { FrameAssembler } from '../media/frames/frame-assembler.js'
import type { MediaLayer, MediaTrack } from '../media/types.js'
import type { MediaKind } from '../rtp/types.js'
import { FrameClock } from './frame-clock.js'
import { LayerChoice } from './layer-choice.js'

/**
 * So long are missing packets waited for: publishers repeat what is asked for within it, and it is less than what counts as silence.
 * Audio is seldom asked for, and what follows can be heard without it.
 */
const PATIENCE_MS = { video: 900, audio: 300 }
/** How often layers are looked at. */
const CHOICE_SPACING_MS = 500

/** One layer that is read. */
class LayerTap {
  readonly assembler: FrameAssembler
  clock: FrameClock

  constructor(
    kind: MediaKind,
    readonly layer: MediaLayer,
    readonly source: SourceClock,
    onFrame: (tap: LayerTap, frame: EncodedFrame) => void,
  ) {
    this.clock = new FrameClock(source)
    this.assembler = new FrameAssembler({
      patienceMs: PATIENCE_MS[kind],
      onFrame: (frame) => onFrame(this, frame),
      onRestart: () => {
        this.clock = new FrameClock(source)
      },
    })
    layer.addSink(this.assembler)
  }

  close(): void {
    this.layer.removeSink(this.assembler)
  }
}

/** Gets frames in the order in which they are decoded. */
export type OnFrame = (frame: EncodedFrame, timeMs: number) => void

/** See the top of the file. */
export class TrackTap {
  readonly track: MediaTrack
  readonly #source: SourceClock
  readonly #choice: LayerChoice
  readonly #onFrame: OnFrame
  #current: LayerTap | undefined
  /** The layer that is read from its next keyframe on. */
  #next: LayerTap | undefined
  #chosenMs = Number.NEGATIVE_INFINITY

  constructor(track: MediaTrack, rid: string | undefined, source: SourceClock, onFrame: OnFrame) {
    this.track = track
    this.#source = source
    this.#choice = new LayerChoice(track.layers, rid)
    this.#onFrame = onFrame
  }

  /** Whether the publisher has told the clock of what is read. */
  get isReported(): boolean {
    return this.#current?.clock.isReported ?? false
  }

  /** The simulcast layer that is read; undefined where there is but one, or none yet. */
  get rid(): string | undefined {
    return this.#current?.layer.rid
  }

  /** Does what is due. */
  tick(nowMs: number): void {
    this.#current?.assembler.tick(nowMs)
    this.#next?.assembler.tick(nowMs)
    if (nowMs - this.#chosenMs < CHOICE_SPACING_MS) return
    this.#chosenMs = nowMs
    this.#choose(nowMs)
  }

  /** Frames cannot be used before a keyframe comes. */
  requestKeyframe(nowMs: number): void {
    this.#current?.layer.requestKeyframe(nowMs)
  }

  /** Nothing comes any more: hands over what is complete. */
  close(nowMs: number): void {
    this.#current?.assembler.finish(nowMs)
    this.#current?.close()
    this.#next?.close()
    this.#current = undefined
    this.#next = undefined
  }

  #choose(nowMs: number): void {
    const layer = this.#choice.choose(this.#current?.layer, nowMs)
    if (layer === (this.#next ?? this.#current)?.layer) return
    this.#next?.close()
    this.#next = undefined
    if (layer === undefined || layer === this.#current?.layer) return
    const tap = new LayerTap(this.track.kind, layer, this.#source, (from, frame) => this.#take(from, frame))
    if (this.#current === undefined) this.#current = tap
    else this.#next = tap
    layer.requestKeyframe(nowMs)
  }

  #take(from: LayerTap, frame: EncodedFrame): void {
    if (from === this.#next && frame.keyframe) {
      this.#current?.close()
      this.#current = from
      this.#next = undefined
    }
    if (from === this.#current) this.#onFrame(frame, from.clock.timeMs(frame, from.layer.captureClock))
  }
}
