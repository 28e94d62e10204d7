/** From the feeds of a broadcast to what is to be written: takes one publisher at a time, and makes one time line of all of them. */
import { SourceClock } from '../media/egress/source-clock.js'
import type { EncodedFrame } from '../media/frames/encoded-frame.js'
import type { LocalSink } from '../media/local-ends.js'
import type { MediaSource } from '../media/types.js'
import type { MediaKind } from '../rtp/types.js'
import { FeedChoice } from '../taps/feed-choice.js'
import { TrackTap } from '../taps/track-tap.js'
import { Interleaver, type TimedFrame } from './interleaver.js'
import type { ContainerName, SegmentPlan } from './segment-plan.js'
import { type FrameCounts, Segmenter, type SegmenterListener } from './segmenter.js'

/** A track that has sent nothing for that long is not waited for; more than what repairs take. */
const SILENCE_MS = 1500
/** At the beginning all tracks are waited for so long, and then their clocks: afterwards neither can be put right without a jump. */
const BEGIN_MS = 3000
const CLOCKS_MS = 1500

/** How a {@link Recorder} is made. */
export interface RecorderConfig {
  readonly publisher: string | undefined
  readonly layer: string | undefined
  readonly kinds: readonly MediaKind[]
  readonly format: ContainerName
  readonly segmentMs: number
  readonly keyframeMs: number
  readonly maxGapMs: number
}

/** What a {@link Recorder} tells and asks. */
export interface RecorderListener extends Omit<SegmenterListener, 'requestKeyframe'> {
  /** The publisher of that name is the one that is recorded. */
  onPublisher(name: string): void
}

/** See the top of the file. It has no timer: somebody calls `tick` a few times a second. */
export class Recorder {
  /** What the broadcast hands its publishers to. */
  readonly sink: LocalSink
  readonly #config: RecorderConfig
  readonly #listener: RecorderListener
  readonly #interleaver = new Interleaver(SILENCE_MS)
  readonly #segmenter: Segmenter
  #taps: readonly TrackTap[] = []
  #nowMs = 0
  /** When the publisher came that is waited for; undefined once it has begun. */
  #beganMs: number | undefined
  #heardMs = Number.NEGATIVE_INFINITY
  #keyframeMs = Number.NEGATIVE_INFINITY

  constructor(config: RecorderConfig, listener: RecorderListener) {
    this.#config = config
    this.#listener = listener
    this.sink = new FeedChoice(config.publisher, (source, feed, nowMs) => {
      this.#leave(nowMs)
      if (source !== undefined) this.#take(source, feed, nowMs)
    })
    this.#segmenter = new Segmenter(
      { container: config.format, segmentMs: config.segmentMs },
      {
        write: (op) => listener.write(op),
        hasRoom: () => listener.hasRoom(),
        onGap: (...gap) => listener.onGap(...gap),
        onLeftOut: (...track) => listener.onLeftOut(...track),
        requestKeyframe: () => this.#requestKeyframe(),
      },
    )
  }

  /** Frames that are in files, and frames that are not. */
  get written(): Readonly<FrameCounts> {
    return this.#segmenter.written
  }
  get dropped(): Readonly<FrameCounts> {
    return this.#segmenter.dropped
  }

  /** The file that frames go into. */
  get plan(): SegmentPlan | undefined {
    return this.#segmenter.plan
  }

  /** Does what is due. */
  tick(nowMs: number): void {
    this.#nowMs = nowMs
    for (const tap of this.#taps) tap.tick(nowMs)
    this.#release(nowMs)
    this.#drain(nowMs, false)
    if (nowMs - this.#heardMs > this.#config.maxGapMs) this.#segmenter.end()
    if (nowMs - this.#keyframeMs > this.#config.keyframeMs) {
      // Not asked for again at once, where the publisher cannot.
      this.#keyframeMs = nowMs
      this.#requestKeyframe()
    }
  }

  /** What follows begins another file. */
  restart(): void {
    this.#segmenter.end()
  }

  /** Nothing is taken any more: what there is, is to be written. */
  close(nowMs: number): void {
    this.#leave(nowMs)
    this.#segmenter.end()
  }

  #take(source: MediaSource, feed: string, nowMs: number): void {
    this.#listener.onPublisher(feed)
    const clock = new SourceClock(0)
    const onFrame = (frame: EncodedFrame, timeMs: number): void => this.#add(frame, timeMs)
    this.#taps = this.#config.kinds.flatMap((kind) => {
      const track = source.tracks.find((candidate) => candidate.kind === kind)
      return track === undefined ? [] : [new TrackTap(track, this.#config.layer, clock, onFrame)]
    })
    const kinds = this.#taps.map(({ track }) => track.kind)
    this.#interleaver.begin(kinds, nowMs, BEGIN_MS)
    this.#beganMs = nowMs
    this.#segmenter.setTracks(kinds)
    this.tick(nowMs)
  }

  #leave(nowMs: number): void {
    if (this.#taps.length === 0) return
    this.#nowMs = nowMs
    for (const tap of this.#taps) tap.close(nowMs)
    this.#taps = []
    this.#drain(nowMs, true)
    this.#interleaver.begin([], nowMs, 0)
    this.#beganMs = undefined
    this.#segmenter.setTracks([])
  }

  #add(frame: EncodedFrame, timeMs: number): void {
    const nowMs = Math.max(this.#nowMs, frame.arrivalMs)
    this.#heardMs = nowMs
    if (frame.kind === 'video' && frame.keyframe) this.#keyframeMs = nowMs
    if (frame.kind === 'audio') this.#segmenter.hear(frame.codec.name)
    this.#interleaver.add(frame, timeMs, nowMs)
  }

  /** A publisher has begun when all its tracks have, and their clocks are known; or when that was waited for long enough. */
  #release(nowMs: number): void {
    if (this.#beganMs === undefined) return
    const waitedMs = nowMs - this.#beganMs
    const isReady = this.#interleaver.isComplete && this.#taps.every((tap) => tap.isReported)
    if (!isReady && waitedMs < (this.#interleaver.isComplete ? CLOCKS_MS : BEGIN_MS)) return
    this.#beganMs = undefined
    this.#interleaver.release()
  }

  #drain(nowMs: number, all: boolean): void {
    for (let next = this.#interleaver.take(nowMs, all); next; next = this.#interleaver.take(nowMs, all)) {
      this.#segmenter.add(next, this.#silentBeside(next, nowMs))
    }
  }

  #silentBeside({ frame }: TimedFrame, nowMs: number): MediaKind | undefined {
    const other = frame.kind === 'video' ? 'audio' : 'video'
    return this.#interleaver.isSilent(other, nowMs) ? other : undefined
  }

  #requestKeyframe(): void {
    for (const tap of this.#taps) if (tap.track.kind === 'video') tap.requestKeyframe(this.#nowMs)
  }
}
