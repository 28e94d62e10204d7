/**
 * Makes files of a publisher's frames: what goes into which, where one ends and the next begins, and what cannot be used.
 *
 * A file begins with a keyframe, and with the sound from there on. The next one begins, at a keyframe again, when the time for it has come, when the video has become one
 * that this file cannot hold, or when a track appears that the file does not have. A publisher that is replaced by one of the same kind goes on in the same file.
 */
import type { EncodedFrame } from '../media/frames/encoded-frame.js'
import { timestampDelta } from '../rtp/sequence.js'
import type { MediaKind } from '../rtp/types.js'
import { type GapReason, OpenGaps } from './gap-list.js'
import type { TimedFrame } from './interleaver.js'
import { OPUS_SILENCE, OPUS_SILENCE_MS, opusDurationMs } from './opus-frame.js'
import { type ContainerName, containerFor, type SegmentPlan, type WriteOp } from './segment-plan.js'
import { readVideoFormat, type VideoFormat } from './video-format.js'

/** What a video frame lasts before a second one has told. */
const DEFAULT_FRAME_MS = 33
/** No frame is said to last longer. */
const MAX_FRAME_MS = 1000

/** How a {@link Segmenter} is made. */
export interface SegmenterConfig {
  readonly container: ContainerName
  /** A file is followed by another one at the first keyframe after this; infinity for never. */
  readonly segmentMs: number
}

/** What a {@link Segmenter} tells and asks. Times are the core's. */
export interface SegmenterListener {
  write(op: WriteOp): void
  /** Whether there is room for a frame. */
  hasRoom(): boolean
  /** Nothing can be used before a keyframe comes. */
  requestKeyframe(): void
  onGap(kind: MediaKind, reason: GapReason, fromMs: number, toMs: number): void
  /** Frames of a codec come that cannot be recorded; told once per publisher. */
  onLeftOut(kind: MediaKind, codec: string): void
}

/** Frames that were taken, or not. */
export interface FrameCounts {
  video: number
  audio: number
}

/** One track of the file that is being written. */
class Track {
  isOpen = true
  /** Where what was written ends, in the core's time. */
  endMs: number
  /** The latest time of a frame, and that of the newest keyframe. */
  latestMs = Number.NEGATIVE_INFINITY
  settledMs = Number.NEGATIVE_INFINITY

  /** The frame before, in the order in which they are decoded. */
  previous: { readonly timestamp: number; readonly shownMs: number } | undefined

  constructor(startMs: number) {
    this.endMs = startMs
  }

  /**
   * When the picture can be shown at the earliest: behind all those before its keyframe, behind its keyframe, and where its timestamp goes on, behind the
   * one before it, too, however the publisher's clock has been put right in between.
   */
  earliestMs({ keyframe, timestamp }: EncodedFrame): number {
    if (keyframe || this.previous === undefined) return this.latestMs + 1
    const goesOn = timestampDelta(timestamp, this.previous.timestamp) > 0
    return (goesOn ? this.previous.shownMs : this.settledMs) + 1
  }
}

/** See the top of the file. */
export class Segmenter {
  /** Frames written. */
  readonly written: FrameCounts = { video: 0, audio: 0 }
  /** Frames that came and are in no file. */
  readonly dropped: FrameCounts = { video: 0, audio: 0 }
  readonly #config: SegmenterConfig
  readonly #listener: SegmenterListener
  readonly #gaps: OpenGaps
  #plan: SegmentPlan | undefined
  #video: Track | undefined
  #audio: Track | undefined
  #count = 0
  /** What the present publisher has. */
  #kinds: readonly MediaKind[] = []
  #hasSound = false
  #leftOut = new Set<MediaKind>()
  /** No picture can be used before a keyframe. */
  #waits = true
  #frameMs = DEFAULT_FRAME_MS

  constructor(config: SegmenterConfig, listener: SegmenterListener) {
    this.#config = config
    this.#listener = listener
    this.#gaps = new OpenGaps((...gap) => listener.onGap(...gap))
  }

  /** The file that is being written. */
  get plan(): SegmentPlan | undefined {
    return this.#plan
  }

  /** How long the present file is. */
  get durationMs(): number {
    if (this.#plan === undefined) return 0
    return Math.max(this.#video?.endMs ?? 0, this.#audio?.endMs ?? 0, this.#plan.startMs) - this.#plan.startMs
  }

  /** Another publisher, or none: nothing continues what was before. */
  setTracks(kinds: readonly MediaKind[]): void {
    if (this.#video?.isOpen) this.#gaps.begin('video', 'publisher-gone', this.#video.endMs)
    if (this.#audio?.isOpen) this.#gaps.begin('audio', 'publisher-gone', this.#audio.endMs)
    this.#kinds = kinds
    this.#hasSound = false
    this.#leftOut = new Set()
    this.#waits = true
  }

  /** Sound of that codec is on its way: a file that begins now has a place for it. */
  hear(codec: string): void {
    if (isRecordable(codec)) this.#hasSound = true
  }

  /**
   * The next frame.
   *
   * @param silent the other track, if that has nothing to say at present.
   */
  add(timed: TimedFrame, silent: MediaKind | undefined): void {
    if (timed.frame.kind === 'video') this.#addVideo(timed, silent === 'audio')
    else this.#addAudio(timed, silent === 'video')
  }

  /** Ends the file; what follows begins another one. */
  end(): void {
    if (this.#plan === undefined) return
    this.#listener.write({ op: 'end' })
    if (this.#video?.isOpen) this.#gaps.begin('video', 'paused', this.#video.endMs)
    if (this.#audio?.isOpen) this.#gaps.begin('audio', 'paused', this.#audio.endMs)
    this.#plan = undefined
    this.#video = undefined
    this.#audio = undefined
    this.#waits = true
  }

  #addVideo(timed: TimedFrame, isAudioSilent: boolean): void {
    const { frame } = timed
    if (frame.gapBefore) this.#breakVideo('loss')
    if (!this.#listener.hasRoom()) {
      this.#breakVideo('queue-full')
      this.dropped.video++
      return
    }
    if (frame.keyframe) this.#beginVideo(timed)
    if (this.#waits || !this.#video?.isOpen) {
      this.dropped.video++
      if (!this.#leftOut.has('video')) this.#listener.requestKeyframe()
      return
    }
    this.#writeVideo(timed)
    if (isAudioSilent || !this.#kinds.includes('audio')) this.#fillAudio(timed.timeMs)
    if (this.#isDue(timed.timeMs)) this.#listener.requestKeyframe()
  }

  #breakVideo(reason: GapReason): void {
    this.#waits = true
    if (this.#video?.isOpen) this.#gaps.begin('video', reason, this.#video.endMs)
  }

  /** A keyframe: the file goes on with it, or another one begins. */
  #beginVideo({ frame, timeMs }: TimedFrame): void {
    this.#waits = true
    const format = readVideoFormat(frame.codec.name, frame.data)
    if (format === undefined) {
      this.#leaveOut('video', frame.codec.name)
      return
    }
    if (!this.#fits(format) || this.#isDue(timeMs)) this.#begin(timeMs, format)
    this.#waits = false
    this.#gaps.finish('video', timeMs)
  }

  /** A keyframe that says no size is of a codec that we do not know, or it is broken; the next one may be better. */
  #leaveOut(kind: MediaKind, codec: string): void {
    if (this.#leftOut.has(kind)) return
    this.#leftOut.add(kind)
    this.#listener.onLeftOut(kind, codec)
  }

  #fits(format: VideoFormat): boolean {
    const plan = this.#plan
    if (plan === undefined || !this.#video?.isOpen) return false
    const lacksSound = this.#hasSound && !this.#audio?.isOpen
    return plan.video?.key === format.key && !lacksSound
  }

  #isDue(timeMs: number): boolean {
    return this.#plan !== undefined && timeMs - this.#plan.startMs >= this.#config.segmentMs
  }

  #begin(startMs: number, video: VideoFormat | undefined): void {
    if (this.#plan !== undefined) this.#listener.write({ op: 'end' })
    const audio = this.#hasSound
    const container = containerFor(this.#config.container, video?.codec)
    const plan: SegmentPlan = { index: ++this.#count, container, startMs, video, audio }
    // What is missing goes on being missing, whatever file it is missing from.
    this.#plan = plan
    this.#video = video && new Track(startMs)
    this.#audio = audio ? new Track(startMs) : undefined
    this.#listener.write({ op: 'begin', plan })
  }

  #writeVideo({ frame, timeMs }: TimedFrame): void {
    const track = this.#video as Track
    const shownMs = Math.max(timeMs, track.earliestMs(frame))
    track.settledMs = frame.keyframe ? shownMs : track.settledMs
    track.previous = { timestamp: frame.timestamp, shownMs }
    if (Number.isFinite(track.latestMs) && shownMs > track.latestMs) {
      this.#frameMs = Math.min(MAX_FRAME_MS, shownMs - track.latestMs)
    }
    track.latestMs = Math.max(track.latestMs, shownMs)
    track.endMs = Math.max(track.endMs, shownMs + this.#frameMs)
    this.#write('video', frame.data, frame.keyframe, shownMs, this.#frameMs)
  }

  #addAudio(timed: TimedFrame, isVideoSilent: boolean): void {
    const { frame, timeMs } = timed
    if (!isRecordable(frame.codec.name)) {
      this.dropped.audio++
      this.#leaveOut('audio', frame.codec.name)
      return
    }
    this.#hasSound = true
    if (!this.#listener.hasRoom()) {
      if (this.#audio?.isOpen) this.#gaps.begin('audio', 'queue-full', this.#audio.endMs)
      this.dropped.audio++
      return
    }
    if (this.#video?.isOpen && (isVideoSilent || !this.#kinds.includes('video'))) this.#closeVideo()
    if (!this.#hasAudioFile(timeMs, isVideoSilent)) {
      this.dropped.audio++
      return
    }
    this.#writeAudio(timed)
  }

  /** Whether the sound of that time belongs into a file; begins one where there is no video to begin it. */
  #hasAudioFile(timeMs: number, isVideoSilent: boolean): boolean {
    const comesVideo = this.#kinds.includes('video') && !this.#leftOut.has('video') && !isVideoSilent
    if (this.#video?.isOpen) {
      if (!this.#audio?.isOpen) this.#listener.requestKeyframe()
    } else if (this.#plan === undefined ? !comesVideo : !this.#audio?.isOpen || this.#isDue(timeMs)) {
      this.#begin(timeMs, undefined)
    }
    return this.#audio?.isOpen === true && timeMs >= (this.#plan as SegmentPlan).startMs
  }

  #writeAudio({ frame, timeMs }: TimedFrame): void {
    const track = this.#audio as Track
    const durationMs = opusDurationMs(frame.data)
    // Silence has been put there in the meantime.
    if (timeMs + durationMs <= track.endMs && timeMs < track.latestMs) {
      this.dropped.audio++
      return
    }
    if (frame.gapBefore) this.#gaps.begin('audio', 'loss', track.endMs)
    this.#gaps.finish('audio', timeMs)
    const soundsMs = Math.max(timeMs, track.latestMs + 1)
    track.latestMs = soundsMs
    track.endMs = soundsMs + durationMs
    this.#write('audio', frame.data, true, soundsMs, durationMs)
  }

  /** No sound comes while pictures do: the file gets silence, as no container can wait for it. */
  #fillAudio(untilMs: number): void {
    const track = this.#audio
    if (!track?.isOpen) return
    this.#gaps.begin('audio', 'paused', track.endMs)
    while (track.endMs + OPUS_SILENCE_MS <= untilMs) {
      track.latestMs = track.endMs
      track.endMs += OPUS_SILENCE_MS
      this.#write('audio', OPUS_SILENCE, true, track.latestMs, OPUS_SILENCE_MS)
    }
  }

  /** No pictures come while sound does. There is no such thing as an empty picture, so this file has no more of them. */
  #closeVideo(): void {
    const track = this.#video as Track
    track.isOpen = false
    this.#waits = true
    this.#gaps.begin('video', 'paused', track.endMs)
    this.#listener.write({ op: 'close-track', kind: 'video' })
  }

  #write(kind: MediaKind, data: Uint8Array, keyframe: boolean, atMs: number, durationMs: number): void {
    if (data !== OPUS_SILENCE) this.written[kind]++
    const timeMs = Math.max(0, atMs - (this.#plan as SegmentPlan).startMs)
    this.#listener.write({ op: 'frame', kind, data, keyframe, timeMs, durationMs })
  }
}

function isRecordable(audioCodec: string): boolean {
  return audioCodec === 'opus'
}
