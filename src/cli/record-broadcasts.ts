/** Records every broadcast of a server while somebody publishes. */
import { join } from 'node:path'
import { type Recording, record, type SinkTarget } from '../recording/index.js'
import { printable } from '../util/log.js'
import type { RecordArguments } from './record-arguments.js'

/** A publisher that is back within this goes on in the same recording. */
const IDLE_MS = 10_000

/** A broadcast as far as it is recorded. */
export interface RecordedBroadcast extends SinkTarget {
  readonly name: string
  readonly live: boolean
  on(event: 'live' | 'idle' | 'closed', listener: () => void): () => void
}

/** Where broadcasts come from: an `Sfu`, or something like it in tests. */
export interface RecordedServer {
  broadcasts(): readonly RecordedBroadcast[]
  on(event: 'broadcast-added' | 'broadcast-removed', listener: (broadcast: RecordedBroadcast) => void): () => void
}

/** The recordings of a server. */
export interface BroadcastRecordings {
  /** Whether the broadcast of that name is being recorded. */
  isRecording(name: string): boolean
  /** Completes all of them. */
  close(): Promise<void>
}

/** Begins; `say` gets a line for people about each file, and about each recording that fails. */
export function recordBroadcasts(
  server: RecordedServer,
  options: RecordArguments,
  say: (text: string) => void,
): BroadcastRecordings {
  const recorders = new Map<RecordedBroadcast, BroadcastRecorder>()
  const ending = new Set<Promise<void>>()
  const add = (broadcast: RecordedBroadcast): void => {
    recorders.set(broadcast, new BroadcastRecorder(broadcast, options, say))
  }
  const remove = (broadcast: RecordedBroadcast): void => {
    const ended = recorders.get(broadcast)?.close() ?? Promise.resolve()
    recorders.delete(broadcast)
    ending.add(ended)
    void ended.finally(() => ending.delete(ended))
  }
  const stops = [server.on('broadcast-added', add), server.on('broadcast-removed', remove)]
  for (const broadcast of server.broadcasts()) add(broadcast)
  return {
    isRecording: (name) => [...recorders].some(([broadcast, { active }]) => broadcast.name === name && active),
    async close() {
      for (const stop of stops) stop()
      for (const broadcast of [...recorders.keys()]) remove(broadcast)
      await Promise.all(ending)
    },
  }
}

class BroadcastRecorder {
  readonly #stops: readonly (() => void)[]
  /** Undefined while nobody publishes. */
  #recording: Promise<Recording | undefined> | undefined
  #timer: NodeJS.Timeout | undefined
  /** Whether what comes is being recorded. */
  active = false

  constructor(
    readonly broadcast: RecordedBroadcast,
    readonly options: RecordArguments,
    readonly say: (text: string) => void,
  ) {
    this.#stops = [broadcast.on('live', () => this.#begin()), broadcast.on('idle', () => this.#endSoon())]
    if (broadcast.live) this.#begin()
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop()
    await this.#end()
  }

  #begin(): void {
    clearTimeout(this.#timer)
    this.#recording ??= this.#record()
  }

  #endSoon(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#end(), IDLE_MS)
    this.#timer.unref()
  }

  async #end(): Promise<void> {
    clearTimeout(this.#timer)
    const recording = this.#recording
    this.#recording = undefined
    await (await recording)?.stop()
  }

  async #record(): Promise<Recording | undefined> {
    try {
      const recording = await record(this.broadcast, this.options)
      this.active = true
      const { dir } = this.options
      recording.on('segment-started', ({ file }) => this.#say(`recording to ${join(dir, file)}`))
      recording.on('segment', ({ file, durationMs }) => {
        this.#say(`recorded ${(durationMs / 1000).toFixed(1)} s to ${join(dir, file)}`)
      })
      recording.on('error', (error) => this.#fail(error))
      recording.on('ended', () => {
        this.active = false
      })
      return recording
    } catch (error) {
      this.#fail(error)
      return undefined
    }
  }

  #fail(error: unknown): void {
    this.#say(error instanceof Error ? error.message : String(error))
  }

  #say(text: string): void {
    this.say(`${printable(this.broadcast.name)}: ${text}\n`)
  }
}
