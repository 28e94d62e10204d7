/** Keeps what is known about a recording. */
import type { MediaKind } from '../rtp/types.js'
import type { GapReason, RecordingGap } from './gap-list.js'
import type { LeftOutTrack, RecordedSegment, RecordedTrack, RecordingInfo, RecordingState } from './recording-info.js'
import type { SegmentPlan } from './segment-plan.js'
import type { OpenSegment } from './segment-writer.js'

/** So many gaps are kept one by one. */
const MAX_GAPS = 1000

/** See the top of the file. */
export class RecordingLog {
  readonly #broadcast: string
  readonly #unixOffsetMs: number
  readonly #startedUnixMs: number
  #publisher: string | undefined
  #state: RecordingState = 'recording'
  #endedUnixMs: number | undefined
  #error: string | undefined
  /** Those that are over. */
  readonly #segments: RecordedSegment[] = []
  readonly #gaps: RecordingGap[] = []
  readonly #gapTotals: Partial<Record<GapReason, { count: number; ms: number }>> = {}
  readonly #leftOut: LeftOutTrack[] = []
  /** How many gaps there were. */
  gapCount = 0

  /** @param unixOffsetMs Unix time minus the core's time. */
  constructor(broadcast: string, unixOffsetMs: number, startedUnixMs: number) {
    this.#broadcast = broadcast
    this.#unixOffsetMs = unixOffsetMs
    this.#startedUnixMs = startedUnixMs
  }

  get state(): RecordingState {
    return this.#state
  }

  setPublisher(name: string): void {
    this.#publisher = name
  }

  begin(segment: OpenSegment): RecordedSegment {
    return this.#entry(segment, false)
  }

  end(segment: OpenSegment, complete: boolean): RecordedSegment {
    const entry = this.#entry(segment, complete)
    this.#segments.push(entry)
    return entry
  }

  addGap(kind: MediaKind, reason: GapReason, fromMs: number, toMs: number): RecordingGap {
    const gap = { kind, reason, fromUnixMs: this.#unixMs(fromMs), toUnixMs: this.#unixMs(toMs) }
    this.gapCount++
    if (this.#gaps.length < MAX_GAPS) this.#gaps.push(gap)
    const total = this.#gapTotals[reason] ?? { count: 0, ms: 0 }
    this.#gapTotals[reason] = { count: total.count + 1, ms: total.ms + Math.round(toMs - fromMs) }
    return gap
  }

  addLeftOut(kind: MediaKind, codec: string): LeftOutTrack {
    const known = this.#leftOut.find((track) => track.kind === kind && track.codec === codec)
    if (known !== undefined) return known
    const track = { kind, codec }
    this.#leftOut.push(track)
    return track
  }

  /** It is over. What is called first counts. */
  close(state: RecordingState, unixMs: number, error: string | undefined): void {
    if (this.#state !== 'recording') return
    this.#state = state
    this.#endedUnixMs = unixMs
    this.#error = error
  }

  /** Of all files, the open one included. */
  totals(open: OpenSegment | undefined): { segments: number; bytes: number; durationMs: number } {
    const segments = this.#all(open)
    return {
      segments: segments.length,
      bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
      durationMs: segments.reduce((sum, { durationMs }) => sum + durationMs, 0),
    }
  }

  /** @param open the file that is being written. */
  info(open: OpenSegment | undefined): RecordingInfo {
    return {
      version: 1,
      broadcast: this.#broadcast,
      ...(this.#publisher === undefined ? {} : { publisher: this.#publisher }),
      state: this.#state,
      startedAt: isoTime(this.#startedUnixMs),
      startedUnixMs: Math.round(this.#startedUnixMs),
      ...(this.#endedUnixMs === undefined ? {} : { endedAt: isoTime(this.#endedUnixMs) }),
      segments: this.#all(open),
      gaps: [...this.#gaps],
      gapTotals: { ...this.#gapTotals },
      leftOut: [...this.#leftOut],
      ...(this.#error === undefined ? {} : { error: this.#error }),
    }
  }

  #all(open: OpenSegment | undefined): RecordedSegment[] {
    return open === undefined ? [...this.#segments] : [...this.#segments, this.#entry(open, false)]
  }

  #entry({ plan, target, durationMs }: OpenSegment, complete: boolean): RecordedSegment {
    const startedUnixMs = this.#unixMs(plan.startMs)
    return {
      file: target.name,
      format: plan.container,
      startedAt: isoTime(startedUnixMs),
      startedUnixMs,
      durationMs: Math.round(durationMs),
      bytes: target.bytes,
      tracks: tracksOf(plan),
      complete,
    }
  }

  #unixMs(ms: number): number {
    return Math.round(ms + this.#unixOffsetMs)
  }
}

function tracksOf({ video, audio }: SegmentPlan): RecordedTrack[] {
  const tracks: RecordedTrack[] = []
  if (video !== undefined) tracks.push({ kind: 'video', codec: video.codec, width: video.width, height: video.height })
  if (audio) tracks.push({ kind: 'audio', codec: 'opus' })
  return tracks
}

function isoTime(unixMs: number): string {
  return new Date(unixMs).toISOString()
}
