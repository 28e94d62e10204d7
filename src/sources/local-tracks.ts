/** Tracks of the application's own, joined to a source that a broadcast takes. */
import { BroadcastError } from '../errors.js'
import { LayerTicker } from '../media/layer-ticker.js'
import type { LocalSource, SourceContext } from '../media/local-ends.js'
import type { MediaSource } from '../media/types.js'
import type { LocalTrack } from './local-track.js'
import { MediaTimeline } from './media-timeline.js'

/**
 * A publisher made of {@link LocalTrack}s: `broadcast.addSource(new LocalTracks([video, audio]))`. It stays until its session is closed, or
 * {@link LocalTracks.end} is called; then its tracks can go into another one.
 */
export class LocalTracks implements LocalSource {
  readonly #tracks: readonly LocalTrack[]
  #ticker: LayerTicker | undefined
  #onEnd: ((error?: unknown) => void) | undefined
  #used = false

  /** Throws `option-invalid` without tracks, or with two of the same id. */
  constructor(tracks: readonly LocalTrack[]) {
    const ids = new Set(tracks.map(({ id }) => id))
    if (tracks.length === 0 || ids.size < tracks.length) {
      throw new BroadcastError('option-invalid', 'a source has tracks, each with an id of its own', {
        details: { option: 'tracks' },
      })
    }
    this.#tracks = [...tracks]
  }

  /** Called by the broadcast that takes it. Rejects with `request-invalid` the second time. */
  async open(context: SourceContext): Promise<MediaSource> {
    if (this.#used) throw new BroadcastError('request-invalid', 'a source is added to one broadcast, once')
    this.#used = true
    const timeline = new MediaTimeline(context.scheduler.clock)
    const ticker = new LayerTicker(context.scheduler, () => layers)
    const place = { context, timeline, onDue: (dueMs: number) => ticker.arm(dueMs) }
    const layers = this.#tracks.map((track) => track.attach(place))
    this.#ticker = ticker
    const tracks = this.#tracks.map(({ id, kind }, index) => ({
      id,
      kind,
      extensions: [],
      layers: layers.slice(index, index + 1),
    }))
    return { id: context.id, tracks }
  }

  /** Called by the broadcast that takes it. */
  start(onEnd: (error?: unknown) => void): void {
    this.#onEnd = onEnd
  }

  /** Nothing will be written any more: its session ends with `source-ended`, or with `source-failed` if there is an error. */
  end(error?: unknown): void {
    this.#onEnd?.(error)
  }

  /** Called by the broadcast when its session has ended. Idempotent. */
  close(): void {
    this.#onEnd = undefined
    this.#ticker?.close()
    if (this.#ticker) for (const track of this.#tracks) track.detach()
    this.#ticker = undefined
  }
}
