/** The handle of a recording. */
import { BroadcastError } from '../errors.js'
import { type Clock, systemTime, type TimerHost } from '../util/clock.js'
import { TypedEmitter } from '../util/emitter.js'
import { createDestination, type Destination } from './destination.js'
import type { RecordingGap } from './gap-list.js'
import type { ContainerFactory } from './mediabunny.js'
import { Recorder } from './recorder.js'
import type { LeftOutTrack, RecordedSegment, RecordingInfo, RecordingState } from './recording-info.js'
import { RecordingLog } from './recording-log.js'
import type { RecordConfig } from './recording-options.js'
import { SegmentWriter } from './segment-writer.js'
import type { FrameCounts } from './segmenter.js'
import { Sidecar } from './sidecar.js'
import type { SinkTarget } from './sink-target.js'
import { WriteQueue } from './write-queue.js'

/** How often what has come is written. */
const TICK_MS = 250
/** So many files in a row are broken off by what a publisher sends; then it is no use. */
const MAX_REFUSALS = 3
/** How often progress is told. */
const PROGRESS_MS = 1000
/** How often the sidecar is written while nothing else happens; more rarely, with many files in it. */
const SIDECAR_MS = 1000
const MAX_SIDECAR_MS = 30_000
const MANY_SEGMENTS = 100

/** Events of a {@link Recording}. */
export type RecordingEvents = {
  /** A file has been begun. */
  'segment-started': [segment: RecordedSegment]
  /** A file is complete, and can be taken elsewhere. */
  segment: [segment: RecordedSegment]
  /** Something was missing, and now it is not any more. */
  gap: [gap: RecordingGap]
  /** A track comes whose codec cannot be recorded; the rest is. */
  'left-out': [track: LeftOutTrack]
  /** It cannot go on, as the disk is full for instance: `recording-failed`. What was written is kept. `ended` follows. */
  error: [error: BroadcastError]
  /** It is over, as it was stopped, has failed, or the broadcast is closed. The last event. */
  ended: []
}

/** Figures of a {@link Recording}. */
export interface RecordingStats {
  readonly state: RecordingState
  /** Of what is in the files. */
  readonly durationMs: number
  /** Of all files. */
  readonly bytes: number
  /** Files begun. */
  readonly segments: number
  /** Frames that are in files, or wait for the disk. */
  readonly frames: Readonly<FrameCounts>
  /** Frames that came and are in no file: before the first keyframe, behind a loss up to the next one, or while the disk was too slow. */
  readonly droppedFrames: Readonly<FrameCounts>
  readonly gaps: number
  /** What waits for the disk, and the most that ever has. */
  readonly queuedBytes: number
  readonly mostQueuedBytes: number
}

/** Where a recording gets its time from, and what writes its files. */
export interface RecordingParts {
  readonly containers: ContainerFactory
  readonly time?: Clock & TimerHost
}

/**
 * A broadcast being recorded, until `stop`, the broadcast's end or an error ends it. It goes on while there is no publisher, and takes the next one.
 */
export class Recording extends TypedEmitter<RecordingEvents> {
  readonly #config: RecordConfig
  readonly #time: Clock & TimerHost
  readonly #destination: Destination
  readonly #recorder: Recorder
  readonly #queue: WriteQueue
  readonly #writer: SegmentWriter
  readonly #log: RecordingLog
  readonly #sidecar: Sidecar | undefined
  #removeSink: (() => void) | undefined
  #disarm: (() => void) | undefined
  #toldMs = Number.NEGATIVE_INFINITY
  #progressMs = Number.NEGATIVE_INFINITY
  /** Files in a row that had to be broken off, because of what was to be written into them. */
  #refusals = 0
  #ending: Promise<void> | undefined

  /** @internal */
  constructor(broadcast: string, config: RecordConfig, { containers, time = systemTime }: RecordingParts) {
    super()
    this.#config = config
    this.#time = time
    const unixOffsetMs = time.unixMs() - time.nowMs()
    this.#log = new RecordingLog(broadcast, unixOffsetMs, time.unixMs())
    this.#destination = createDestination(config, broadcast, time.unixMs())
    this.#queue = new WriteQueue(config.maxQueueBytes)
    this.#recorder = new Recorder(config, {
      write: (op) => this.#queue.push(op),
      hasRoom: () => this.#queue.hasRoom(),
      onGap: (...gap) => this.emit('gap', this.#log.addGap(...gap)),
      onLeftOut: (kind, codec) => this.emit('left-out', this.#log.addLeftOut(kind, codec)),
      onPublisher: (name) => this.#log.setPublisher(name),
    })
    this.#writer = new SegmentWriter(this.#queue, containers, (plan) => this.#destination.open(plan), {
      onBegin: (segment) => this.#tell(() => this.emit('segment-started', this.#log.begin(segment))),
      onEnd: (segment, complete) =>
        this.#tell(() => {
          const entry = this.#log.end(segment, complete)
          if (!complete) return
          this.#refusals = 0
          this.emit('segment', entry)
        }),
      onRefused: (error) => this.#refuse(error),
      onError: (error) => this.#fail(error),
    })
    const { sidecar } = this.#destination
    if (sidecar !== undefined) this.#sidecar = new Sidecar(sidecar, () => this.info())
  }

  /** Makes the folder and the sidecar, and begins. @internal */
  async open(broadcast: SinkTarget): Promise<void> {
    try {
      await this.#destination.prepare()
      await this.#sidecar?.create()
    } catch (error) {
      throw recordingFailed(error)
    }
    this.#removeSink = await broadcast.addSink(this.#recorder.sink)
    broadcast.on?.('closed', () => void this.stop())
    this.#arm()
  }

  /** Whether it goes on. */
  get state(): RecordingState {
    return this.#log.state
  }

  /** What is known about it: the content of the sidecar. */
  info(): RecordingInfo {
    return this.#log.info(this.#writer.segment)
  }

  /** Snapshot. */
  stats(): RecordingStats {
    return {
      state: this.state,
      ...this.#log.totals(this.#writer.segment),
      frames: { ...this.#recorder.written },
      droppedFrames: { ...this.#recorder.dropped },
      gaps: this.#log.gapCount,
      queuedBytes: this.#queue.bytes,
      mostQueuedBytes: this.#queue.mostBytes,
    }
  }

  /** Completes the file. Resolves when that is done, or has failed (see `state`). Idempotent. */
  stop(): Promise<void> {
    this.#ending ??= this.#end('ended')
    return this.#ending
  }

  async #end(state: RecordingState, error?: BroadcastError): Promise<void> {
    this.#disarm?.()
    this.#disarm = undefined
    this.#removeSink?.()
    this.#recorder.close(this.#time.nowMs())
    do await this.#writer.wake()
    while (this.#queue.length > 0)
    this.#log.close(state, this.#time.unixMs(), error?.message)
    await this.#sidecar?.write().catch((cause) => this.#fail(cause))
    this.#progress()
    if (error !== undefined) this.emit('error', error)
    this.emit('ended')
  }

  #arm(): void {
    if (this.#ending === undefined) this.#disarm = this.#time.setTimer(TICK_MS, () => this.#tick())
  }

  #tick(): void {
    this.#arm()
    this.#recorder.tick(this.#time.nowMs())
    void this.#writer.wake()
    const nowMs = this.#time.nowMs()
    if (nowMs - this.#progressMs >= PROGRESS_MS) this.#progress()
    const { segments } = this.#log.totals(this.#writer.segment)
    const spacingMs = Math.min(MAX_SIDECAR_MS, SIDECAR_MS * Math.ceil((1 + segments) / MANY_SEGMENTS))
    if (nowMs - this.#toldMs >= spacingMs) this.#tell(() => {})
  }

  /** Something has changed that the sidecar should say. */
  #tell(change: () => void): void {
    change()
    this.#toldMs = this.#time.nowMs()
    if (this.#ending === undefined) this.#sidecar?.write().catch((error) => this.#fail(error))
  }

  #refuse(error: unknown): void {
    if (++this.#refusals >= MAX_REFUSALS) this.#fail(error)
    else this.#recorder.restart()
  }

  #progress(): void {
    this.#progressMs = this.#time.nowMs()
    const { bytes, durationMs } = this.#log.totals(this.#writer.segment)
    this.#config.onProgress?.({ bytes, durationMs })
  }

  #fail(cause: unknown): void {
    const error = recordingFailed(cause)
    if (this.#ending === undefined) this.#ending = this.#end('failed', error)
    else if (this.state === 'recording') this.#log.close('failed', this.#time.unixMs(), error.message)
  }
}

/** What went wrong with a disk or a stream, for callers. */
function recordingFailed(cause: unknown): BroadcastError {
  if (cause instanceof BroadcastError) return cause
  const { code, message } = cause as NodeJS.ErrnoException
  const text = code === 'ENOSPC' ? 'the disk is full' : (message ?? String(cause))
  const details = typeof code === 'string' ? { cause: code } : {}
  return new BroadcastError('recording-failed', `recording failed: ${text}`, { details, cause })
}
