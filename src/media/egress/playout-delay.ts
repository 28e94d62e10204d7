/**
 * The playout delay extension (http://www.webrtc.org/experiments/rtp-hdrext/playout-delay): between which bounds a receiver is to choose how
 * long it holds video back before it shows it.
 */

/** Bounds of a viewer's delay from a frame's arrival to its display, in milliseconds. */
export interface PlayoutDelay {
  /** At least; 0 to 40950. Above 0, short interruptions of the network do not show. */
  readonly minMs: number
  /** At most; `minMs` to 40950. 0 for as soon as possible, whatever the jitter. */
  readonly maxMs: number
}

/** The longest delay that there is room for: twelve bits of ten milliseconds. */
export const MAX_PLAYOUT_DELAY_MS = 40_950

const STEP_MS = 10

/** Bytes of the element's data. */
export const PLAYOUT_DELAY_LENGTH = 3

/** The element's data as a number, both bounds rounded to the nearest ten milliseconds. */
export function playoutDelayNumber({ minMs, maxMs }: PlayoutDelay): number {
  return (Math.round(minMs / STEP_MS) << 12) | Math.round(maxMs / STEP_MS)
}
