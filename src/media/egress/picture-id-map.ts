/**
 * VP8 picture ids without the pictures that are left out (RFC 7741, section 4.2): a receiver takes a gap for a lost picture and waits for it.
 *
 * Only VP8's move together. VP9's references are differences of picture ids (RFC 9628, section 4.2), and so are the frame numbers of the
 * dependency descriptor, so theirs keep their gaps, and receivers know from the layer structure that nothing is missing.
 */
import { SequenceMap } from './sequence-map.js'

/** What ids of seven bits allow: half of them. */
const SHORT_WINDOW = 64
/** What ids of fifteen bits allow. */
const LONG_WINDOW = 16_384

/** The map between a source's picture ids and those without gaps. */
export class PictureIdMap {
  /** How many of the newest ids are remembered; those before cannot be told from newer ones. */
  readonly window: number
  readonly #modulus: number
  #newest: number
  readonly #map: SequenceMap

  /**
   * @param bits the width of the source's ids.
   * @param newestPassed the newest id that has gone out as it is.
   * @param window how many pictures are remembered at most: as many as packets can be sent again.
   */
  constructor(bits: 7 | 15, newestPassed: number, window = LONG_WINDOW) {
    this.#modulus = 2 ** bits
    // One round up, so that ids before it do not become negative.
    this.#newest = newestPassed + this.#modulus
    this.window = Math.min(window, bits === 7 ? SHORT_WINDOW : LONG_WINDOW)
    this.#map = new SequenceMap(this.#newest, this.window)
  }

  /** The id without those left out before it; the id itself where the picture was left out or is too old to know. */
  map(pictureId: number): number {
    const mapped = this.#map.map(this.#unwrap(pictureId))
    return mapped < 0 ? pictureId : mapped % this.#modulus
  }

  /** Leaves the picture out. Its id stays empty if a later picture has gone out already. */
  drop(pictureId: number): void {
    this.#map.drop(this.#unwrap(pictureId))
  }

  #unwrap(pictureId: number): number {
    const half = this.#modulus / 2
    let delta = (pictureId - this.#newest) % this.#modulus
    if (delta < -half) delta += this.#modulus
    if (delta >= half) delta -= this.#modulus
    const extended = this.#newest + delta
    if (extended > this.#newest) this.#newest = extended
    return extended
  }
}
