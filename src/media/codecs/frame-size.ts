/** The size of a picture, as codecs state it. */

/** No codec's picture is wider or higher: AV1's sizes have 16 bits, and the levels of the others end below. */
const MAX_DIMENSION = 65_536

/** Width and height in pixels. */
export interface FrameSize {
  readonly width: number
  readonly height: number
}

/** That size, if it is one: payloads can say anything. */
export function createFrameSize(width: number, height: number): FrameSize | undefined {
  const isSize = width >= 1 && height >= 1 && width <= MAX_DIMENSION && height <= MAX_DIMENSION
  return isSize ? { width, height } : undefined
}
