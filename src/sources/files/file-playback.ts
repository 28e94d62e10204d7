/** A playlist being played: reads ahead, plays, and goes elsewhere when told. */
import type { DeadlineQueue } from '../../util/scheduler.js'
import type { FileSourceConfig } from './file-source-options.js'
import { Player, type PlayerListener } from './player.js'
import type { Playlist } from './playlist.js'
import { ReadAhead } from './read-ahead.js'

/** See the top of the file. */
export class FilePlayback {
  readonly #config: FileSourceConfig
  readonly #playlist: Playlist
  readonly #player: Player
  #frames: ReadAhead | undefined
  /** Until all that was read before is left alone. */
  #leaving: Promise<unknown> = Promise.resolve()
  #seeks = 0
  #closed = false

  constructor(config: FileSourceConfig, playlist: Playlist, scheduler: DeadlineQueue, listener: PlayerListener) {
    this.#config = config
    this.#playlist = playlist
    this.#player = new Player(scheduler, config.maxLateMs, listener)
  }

  /** Bytes that are read and not played yet. */
  get readAheadBytes(): number {
    return this.#frames?.bytes ?? 0
  }

  /** Plays from there on. */
  begin(item: number, positionMs: number, round: number): void {
    const { readAhead } = this.#config
    const frames = new ReadAhead(this.#playlist.frames(item, positionMs, round), readAhead, () =>
      this.#player.advance(),
    )
    this.#frames = frames
    this.#player.play(frames)
  }

  pause(): void {
    this.#player.pause()
  }

  resume(): void {
    this.#player.resume()
  }

  /** Goes on from there. Of seeks that come while one is under way, the last one counts. */
  async seek(item: number, positionMs: number, round: number): Promise<void> {
    const seek = ++this.#seeks
    await this.#leave()
    if (seek === this.#seeks && !this.#closed) this.begin(item, positionMs, round)
  }

  /** Plays nothing any more, and closes the file. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    this.#player.close()
    await this.#leave()
    await this.#playlist.close()
  }

  #leave(): Promise<unknown> {
    this.#player.clear()
    this.#leaving = Promise.all([this.#leaving, this.#frames?.stop()])
    this.#frames = undefined
    return this.#leaving
  }
}
