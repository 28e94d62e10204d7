/** Which frames of late were forwarded and which were left out: all packets of a frame share one fate, in whatever order they come. */

/** More frames than reordering mixes up, spatial layers counted. */
const KNOWN_FRAMES = 64

const LEFT_OUT = 1
const FORWARDED = 2

/** The newest frames, by any key that tells them apart. */
export class FrameDecisions {
  readonly #keys = new Float64Array(KNOWN_FRAMES).fill(-1)
  readonly #fates = new Uint8Array(KNOWN_FRAMES)
  #next = 0

  /** True or false as it was decided; undefined for a frame that was not decided yet. */
  find(key: number): boolean | undefined {
    // Mostly it is the newest.
    for (let back = 1; back <= KNOWN_FRAMES; back++) {
      const at = (this.#next - back + KNOWN_FRAMES) % KNOWN_FRAMES
      if (this.#keys[at] === key) return this.#fates[at] === FORWARDED
      if (this.#keys[at] === -1) return undefined
    }
    return undefined
  }

  /** Remembers the fate of a frame. */
  add(key: number, forwarded: boolean): void {
    this.#keys[this.#next] = key
    this.#fates[this.#next] = forwarded ? FORWARDED : LEFT_OUT
    this.#next = (this.#next + 1) % KNOWN_FRAMES
  }

  /** What comes is unrelated to what was. */
  clear(): void {
    this.#keys.fill(-1)
    this.#next = 0
  }
}
