/** Which frames of late were forwarded and which were left out: all packets of a frame share one fate, in whatever order they come. */

/** More frames than reordering mixes up, spatial layers counted. */
const KNOWN_FRAMES = 64

/** What becomes of a frame. */
export const FATE = {
  unknown: 0,
  leftOut: 1,
  /** Forwarded, and more of its picture may follow. */
  forwarded: 2,
  /** Forwarded as the last that this viewer gets of its picture. */
  endsPicture: 3,
} as const

/** One of {@link FATE}. */
export type Fate = (typeof FATE)[keyof typeof FATE]

/** The newest frames, by any key that tells them apart. */
export class FrameDecisions {
  readonly #keys = new Float64Array(KNOWN_FRAMES).fill(-1)
  readonly #fates = new Uint8Array(KNOWN_FRAMES)
  #next = 0

  /** As it was decided. */
  find(key: number): Fate {
    // Mostly it is the newest.
    for (let back = 1; back <= KNOWN_FRAMES; back++) {
      const at = (this.#next - back + KNOWN_FRAMES) % KNOWN_FRAMES
      if (this.#keys[at] === key) return this.#fates[at] as Fate
      if (this.#keys[at] === -1) return FATE.unknown
    }
    return FATE.unknown
  }

  /** Remembers the fate of a frame. */
  add(key: number, fate: Fate): void {
    this.#keys[this.#next] = key
    this.#fates[this.#next] = fate
    this.#next = (this.#next + 1) % KNOWN_FRAMES
  }

  /** What comes is unrelated to what was. */
  clear(): void {
    this.#keys.fill(-1)
    this.#next = 0
  }
}
