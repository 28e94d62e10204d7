/** Where a film of ours carries the number of a frame, for those that write it and for the page that reads it. */

/** The picture is so many blocks wide and high; the first ones of the topmost row are the bits, the lowest first, white for 1. */
export const BLOCK_COLUMNS = 20
export const BLOCK_ROWS = 9
export const INDEX_BITS = 10

/**
 * Makes a function that reads the number of the frame that a video element shows. In a page only.
 */
export function createIndexReader() {
  // Three by three pixels for each block: the one in the middle has nothing of its neighbours.
  const canvas = new OffscreenCanvas(INDEX_BITS * 3, 3)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  return (/** @type {HTMLVideoElement} */ video) => {
    const width = (video.videoWidth * INDEX_BITS) / BLOCK_COLUMNS
    context.drawImage(video, 0, 0, width, video.videoHeight / BLOCK_ROWS, 0, 0, canvas.width, canvas.height)
    const { data } = context.getImageData(0, 1, canvas.width, 1)
    let index = 0
    for (let bit = 0; bit < INDEX_BITS; bit++) if (data[(bit * 3 + 1) * 4] > 128) index |= 1 << bit
    return index
  }
}
