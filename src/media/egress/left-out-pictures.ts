/**
 * VP8 picture ids without the pictures that are left out (RFC 7741, section 4.2): a receiver takes a gap for a lost picture and waits for it.
 *
 * What comes out is the id minus how many pictures were left out before the packet, in the order of sequence numbers. Ids come round, those of seven bits
 * after 128 pictures, and a publisher may put anything there; sequence numbers do not and may not. So a packet that is made again has the id that
 * it had, whatever came since.
 *
 * Only VP8's move together. VP9's references are differences of picture ids (RFC 9628, section 4.2), and so are the frame numbers of the
 * dependency descriptor, so theirs keep their gaps, and receivers know from the layer structure that nothing is missing.
 */
import { SequenceMap } from './sequence-map.js'

/** Packets of so many pictures may be mixed up with each other, and each picture is counted once. */
const MIXED_PICTURES = 8
/** Ids of seven bits are cut to their width where they are written. */
const PICTURE_ID_MASK = 0x7fff

/** Counts them by the number of the packet that showed first that a picture is left out. */
export class LeftOutPictures {
  readonly #map: SequenceMap
  /** The ids of the last ones. */
  readonly #last = new Int32Array(MIXED_PICTURES).fill(-1)
  #next = 0

  /**
   * @param newestPassed the highest of the source's numbers that went out before any picture was left out.
   * @param window how many numbers are remembered: as many as packets can be sent again.
   */
  constructor(newestPassed: number, window?: number) {
    this.#map = new SequenceMap(newestPassed, window)
  }

  /** A packet of the picture is left out. The picture's id stays empty if a later packet has gone out already. */
  leaveOut(extSeq: number, pictureId: number): void {
    if (this.#last.includes(pictureId)) return
    this.#last[this.#next] = pictureId
    this.#next = (this.#next + 1) % MIXED_PICTURES
    this.#map.drop(extSeq)
  }

  /** The packet is being sent: its id is what `close` says, now and whenever it is sent again. */
  pass(extSeq: number): void {
    this.#map.map(extSeq)
  }

  /** The id of the packet without those left out before it; the id itself where that is not remembered any more. */
  close(extSeq: number, pictureId: number): number {
    const mapped = this.#map.map(extSeq)
    return mapped < 0 ? pictureId : (pictureId - (extSeq - mapped)) & PICTURE_ID_MASK
  }
}
