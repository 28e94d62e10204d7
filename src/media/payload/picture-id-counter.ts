/** The picture ids that VP8 and VP9 packets are numbered with (RFC 7741, section 4.2; RFC 9628, section 4.2). */

const MAX_PICTURE_ID = 0x7fff

/**
 * Counts the pictures of one track in 15 bits. It begins at 0: every viewer's ids are rewritten anyway, so they say nothing about where a
 * stream was begun.
 */
export class PictureIdCounter {
  #next = 0

  /** The id of the next picture. */
  take(): number {
    const pictureId = this.#next
    this.#next = pictureId === MAX_PICTURE_ID ? 0 : pictureId + 1
    return pictureId
  }
}
