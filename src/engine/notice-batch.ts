/** Brings together what a worker thread tells the engine in one turn of the event loop: each message of its own would wake the other thread once more. */
import type { ShardNotice } from './shard-api.js'

/** See the top of the file. */
export class NoticeBatch {
  readonly #send: (notices: readonly ShardNotice[]) => void
  #notices: ShardNotice[] = []
  #immediate: NodeJS.Immediate | undefined

  /** @param send takes those of a turn, in order; they may not be changed any more. */
  constructor(send: (notices: readonly ShardNotice[]) => void) {
    this.#send = send
  }

  /** Sends it along with what else comes in this turn. */
  add(notice: ShardNotice): void {
    this.#notices.push(notice)
    this.#immediate ??= setImmediate(() => this.flush())
  }

  /** Sends what waits at once. */
  flush(): void {
    if (this.#immediate) clearImmediate(this.#immediate)
    this.#immediate = undefined
    const notices = this.#notices
    this.#notices = []
    if (notices.length > 0) this.#send(notices)
  }
}
