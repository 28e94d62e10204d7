/** Which publisher of a broadcast is read: the one of a name, or the first of those that are there. */
import type { LocalSink } from '../media/local-ends.js'
import type { MediaSource } from '../media/types.js'

/** Hears who is read from now on; undefined while there is nobody. */
export type OnChosen = (source: MediaSource | undefined, feed: string, nowMs: number) => void

/** See the top of the file. */
export class FeedChoice implements LocalSink {
  readonly #publisher: string | undefined
  readonly #onChosen: OnChosen
  /** Who is there, in the order in which they came. */
  readonly #sources = new Map<string, MediaSource>()
  #current: string | undefined

  /** @param publisher the name of the only one that is wanted; any, if undefined. */
  constructor(publisher: string | undefined, onChosen: OnChosen) {
    this.#publisher = publisher
    this.#onChosen = onChosen
  }

  setSource(feed: string, source: MediaSource | undefined, nowMs: number): void {
    if (this.#publisher !== undefined && feed !== this.#publisher) return
    if (source) this.#sources.set(feed, source)
    else this.#sources.delete(feed)
    if (this.#current === undefined || this.#current === feed) this.#choose(nowMs)
  }

  #choose(nowMs: number): void {
    const stays = this.#current !== undefined && this.#sources.has(this.#current)
    const [feed, source] = stays
      ? [this.#current as string, this.#sources.get(this.#current as string)]
      : ([...this.#sources][0] ?? [this.#current ?? '', undefined])
    this.#current = source ? feed : undefined
    this.#onChosen(source, feed, nowMs)
  }
}
