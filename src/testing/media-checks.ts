/** What can be said about received media in a test; the matchers and the assertions are made of these. */
import type { ReceivedMedia } from './received-media.js'

/** A `TestViewer`, or a snapshot that was taken of it. */
export type MediaSubject = ReceivedMedia | { readonly received: ReceivedMedia }

/** Which stream a check is about. */
export type CheckedKind = 'audio' | 'video'

/** What a check has found. */
export interface MediaCheck {
  readonly pass: boolean
  readonly actual: unknown
  /** What was wanted, as a comparison. */
  readonly expected: string
  /** What the comparison is about. */
  readonly what: string
}

/** Whole frames, keyframes included. */
export function checkFrames(subject: unknown, atLeast: number): MediaCheck {
  return checkCount('video frames', receivedOf(subject).video.frames, atLeast)
}

/** Whole keyframes. */
export function checkKeyframes(subject: unknown, atLeast: number): MediaCheck {
  return checkCount('keyframes', receivedOf(subject).video.keyframes, atLeast)
}

/** Packets, without duplicates. */
export function checkPackets(subject: unknown, kind: CheckedKind, atLeast: number): MediaCheck {
  return checkCount(`${kind} packets`, receivedOf(subject)[kind].packets, atLeast)
}

/** The part of the packets that is missing; a stream of which nothing has come has lost everything. */
export function checkLoss(subject: unknown, atMost: number, kind: CheckedKind): MediaCheck {
  checkNumber('the rate of loss', atMost)
  const { packets, lossRate } = receivedOf(subject)[kind]
  const actual = packets === 0 ? 1 : lossRate
  return { pass: actual <= atMost, actual, expected: `<= ${atMost}`, what: `rate of lost ${kind} packets` }
}

/** Bits per second over the second before now, or before the snapshot. */
export function checkBitrate(subject: unknown, minBps: number, maxBps: number, kind: CheckedKind): MediaCheck {
  checkNumber('the least bitrate', minBps)
  checkNumber('the greatest bitrate', maxBps)
  const actual = Math.round(receivedOf(subject)[kind].bitrateBps)
  const expected = `${minBps} to ${maxBps}`
  return { pass: actual >= minBps && actual <= maxBps, actual, expected, what: `${kind} bitrate in bits per second` }
}

/** A sentence for whoever reads the test's output. */
export function describeCheck({ what, expected, actual }: MediaCheck, negated = false): string {
  return `expected the ${what} ${negated ? 'not ' : ''}to be ${expected}, and there were ${actual}`
}

function checkCount(what: string, actual: number, atLeast: number): MediaCheck {
  checkNumber(`the number of ${what}`, atLeast)
  return { pass: actual >= atLeast, actual, expected: `>= ${atLeast}`, what: `number of ${what}` }
}

function checkNumber(what: string, value: number): void {
  if (typeof value !== 'number' || Number.isNaN(value)) throw new TypeError(`${what} has to be a number`)
}

function receivedOf(subject: unknown): ReceivedMedia {
  const media = subject as Partial<ReceivedMedia & { received: ReceivedMedia }> | null | undefined
  const received = media?.received ?? media
  if (received?.video === undefined || received.audio === undefined) {
    throw new TypeError('expected a test viewer, or what it has received')
  }
  return received as ReceivedMedia
}
