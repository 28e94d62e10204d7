/** The sizes of an encoder's frames: they vary with the picture and from frame to frame, and what a keyframe takes is saved afterwards. */
import type { SeededRandom } from '../../../src/testing/seeded-random.js'

/** A keyframe is so many times as large as other frames. */
const KEYFRAME_FACTOR = 5
/** How much frames differ, as the standard deviation of the logarithm. */
const FRAME_DEVIATION = 0.25
/** How far the encoder is off its rate over seconds, and for how many frames it stays so. */
const DRIFT_DEVIATION = 0.06
const DRIFT_FRAMES = 150
/** The part of what it is over or under its budget that it makes up for with each frame, and the least of a frame. */
const REPAYMENT = 0.04
const LEAST_PART = 0.35

export class EncoderRate {
  /** Of the payload. */
  bitrateBps: number
  readonly #fps: number
  readonly #random: SeededRandom
  #drift = 0
  #debtBytes = 0

  constructor(bitrateBps: number, fps: number, random: SeededRandom) {
    this.bitrateBps = bitrateBps
    this.#fps = fps
    this.#random = random
  }

  nextFrameBytes(keyframe: boolean): number {
    const keep = 1 - 1 / DRIFT_FRAMES
    this.#drift = keep * this.#drift + Math.sqrt(1 - keep * keep) * DRIFT_DEVIATION * this.#normal()
    const meanBytes = (this.bitrateBps * (1 + this.#drift)) / 8 / this.#fps
    const variedBytes = meanBytes * Math.exp(FRAME_DEVIATION * this.#normal() - FRAME_DEVIATION ** 2 / 2)
    const wantedBytes = keyframe ? variedBytes * KEYFRAME_FACTOR : variedBytes - REPAYMENT * this.#debtBytes
    const bytes = Math.round(Math.max(LEAST_PART * meanBytes, wantedBytes))
    this.#debtBytes += bytes - meanBytes
    return bytes
  }

  /** About normally distributed: the sum of four even ones. */
  #normal(): number {
    let sum = 0
    for (let i = 0; i < 4; i++) sum += this.#random.next()
    return (sum - 2) * Math.sqrt(3)
  }
}
