/**
 * Plays frames at their time. When a frame is due follows from one line of media time that is tied to the clock once, so nothing adds up over hours;
 * only a pause, a seek or a stall ties it anew.
 */
import type { Deadline, DeadlineQueue } from '../../util/scheduler.js'
import type { PlaylistFrame } from './playlist.js'
import type { ReadAhead } from './read-ahead.js'

/** What the player tells, and whom it plays for. */
export interface PlayerListener {
  /** The frame is due. `timestampUs` is how long after the first frame it is shown, pauses included: it never goes back. */
  onFrame(frame: PlaylistFrame, timestampUs: number): void
  /** Frames were so late that the rest of the media was put off by `shiftMs`. */
  onStall(shiftMs: number): void
  /** Everything was played, or reading failed. */
  onEnd(error?: unknown): void
}

/** Plays one line after the other. */
export class Player {
  readonly #scheduler: DeadlineQueue
  readonly #listener: PlayerListener
  readonly #maxLateMs: number
  #frames: ReadAhead | undefined
  #deadline: Deadline | undefined
  /** When the very first frame was due, in the scheduler's time. */
  #startMs: number | undefined
  /** What is to be added to a line's time for the time since then; undefined before the first frame of a line. */
  #offsetUs: number | undefined
  /** Nothing of the next line may be before it. */
  #endUs = 0
  #pausedMs: number | undefined
  #ended = false

  /** @param maxLateMs what is later is not caught up with: the media goes on later instead. */
  constructor(scheduler: DeadlineQueue, maxLateMs: number, listener: PlayerListener) {
    this.#scheduler = scheduler
    this.#maxLateMs = maxLateMs
    this.#listener = listener
  }

  /** When the first frame was played; undefined before. */
  get startMs(): number | undefined {
    return this.#startMs
  }

  get paused(): boolean {
    return this.#pausedMs !== undefined
  }

  /** Plays these frames from now on; they go on where the time is. The one before is the caller's to stop. */
  play(frames: ReadAhead): void {
    this.#frames = frames
    this.#offsetUs = undefined
    this.advance()
  }

  /** Plays nothing until {@link play}. */
  clear(): void {
    this.#deadline?.cancel()
    this.#frames = undefined
  }

  pause(): void {
    this.#pausedMs ??= this.#scheduler.clock.nowMs()
    this.#deadline?.cancel()
  }

  /** Goes on where it was paused. */
  resume(): void {
    if (this.#pausedMs === undefined) return
    const pausedUs = Math.round((this.#scheduler.clock.nowMs() - this.#pausedMs) * 1000)
    this.#pausedMs = undefined
    if (this.#offsetUs !== undefined) this.#offsetUs += pausedUs
    this.advance()
  }

  /** Nothing is played any more. */
  close(): void {
    this.#ended = true
    this.clear()
  }

  /** Plays what is due. To be called when a frame is there where none was. */
  advance(): void {
    this.#deadline?.cancel()
    const frames = this.#frames
    if (frames === undefined || this.#ended || this.paused) return
    const nowMs = this.#scheduler.clock.nowMs()
    for (let frame = frames.first; frame !== undefined; frame = frames.first) {
      const lateMs = nowMs - this.#dueMs(frame.lineUs, nowMs)
      if (lateMs < 0) {
        this.#wait(nowMs - lateMs)
        return
      }
      if (lateMs > this.#maxLateMs) this.#shift(lateMs)
      frames.shift()
      this.#send(frame)
      // The listener may have paused, sought or closed.
      if (this.#frames !== frames || this.#ended || this.paused) return
    }
    if (frames.error !== undefined) this.#end(frames.error)
    else if (frames.endUs !== undefined) this.#finish(frames.endUs, nowMs)
  }

  #send(frame: PlaylistFrame): void {
    const timestampUs = frame.lineUs + (this.#offsetUs as number)
    this.#endUs = Math.max(this.#endUs, timestampUs + frame.durationUs)
    this.#listener.onFrame(frame, timestampUs)
  }

  /** When what is at `lineUs` is due. The first that is asked for ties the line to the time. */
  #dueMs(lineUs: number, nowMs: number): number {
    this.#startMs ??= nowMs
    this.#offsetUs ??= Math.max(Math.round((nowMs - this.#startMs) * 1000), this.#endUs) - lineUs
    return this.#startMs + (lineUs + this.#offsetUs) / 1000
  }

  #shift(lateMs: number): void {
    this.#offsetUs = (this.#offsetUs as number) + Math.round(lateMs * 1000)
    this.#listener.onStall(lateMs)
  }

  /** The last frame is shown for as long as the others. */
  #finish(endUs: number, nowMs: number): void {
    const dueMs = this.#dueMs(endUs, nowMs)
    if (dueMs > nowMs) this.#wait(dueMs)
    else this.#end()
  }

  #end(error?: unknown): void {
    this.close()
    this.#listener.onEnd(error)
  }

  #wait(dueMs: number): void {
    this.#deadline = this.#scheduler.at(dueMs, () => this.advance())
  }
}
