/**
 * Which of a viewer's streams carries which publisher's track, when there are several publishers. A stream keeps its publisher through
 * reconnects; what a publisher that has gone leaves behind is given away only when there is nothing else left.
 */
import type { MediaKind } from '../../rtp/types.js'
import type { MediaSource, MediaTrack } from '../types.js'

interface Slot {
  /** Who it belongs to: feed and the track's place among those of its kind. */
  feed: string | undefined
  ordinal: number
}

/** The streams of one kind. */
export class SlotAssignment {
  readonly #slots: readonly Slot[]

  constructor(
    readonly kind: MediaKind,
    count: number,
  ) {
    this.#slots = Array.from({ length: count }, () => ({ feed: undefined, ordinal: 0 }))
  }

  /**
   * The track of each stream now, undefined for one that has nothing to carry; and the feed it is from.
   *
   * @param sources the feeds that the viewer wants, in its order.
   */
  assign(sources: ReadonlyMap<string, MediaSource>): { track: MediaTrack | undefined; feed: string | undefined }[] {
    const held = this.#slots.map((slot) => this.#trackOf(slot, sources))
    for (const [feed, source] of sources) {
      source.tracks
        .filter(({ kind }) => kind === this.kind)
        .forEach((track, ordinal) => {
          if (this.#slots.some((slot) => slot.feed === feed && slot.ordinal === ordinal)) return
          const free = this.#free(held)
          const slot = this.#slots[free]
          if (!slot) return
          slot.feed = feed
          slot.ordinal = ordinal
          held[free] = track
        })
    }
    return held.map((track, i) => ({ track, feed: track && this.#slots[i]?.feed }))
  }

  #trackOf({ feed, ordinal }: Slot, sources: ReadonlyMap<string, MediaSource>): MediaTrack | undefined {
    if (feed === undefined) return undefined
    return sources.get(feed)?.tracks.filter(({ kind }) => kind === this.kind)[ordinal]
  }

  /** A stream that never had a publisher, else one whose publisher is away; -1 if all are in use. */
  #free(held: readonly (MediaTrack | undefined)[]): number {
    const untouched = this.#slots.findIndex(({ feed }) => feed === undefined)
    return untouched >= 0 ? untouched : held.indexOf(undefined)
  }
}
