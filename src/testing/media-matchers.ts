/** Matchers for `expect.extend` of Vitest and Jest: what a test's viewer has received. */
import {
  type CheckedKind,
  checkBitrate,
  checkFrames,
  checkKeyframes,
  checkLoss,
  checkPackets,
  describeCheck,
  type MediaCheck,
} from './media-checks.js'

/** What `expect(viewer)` can do after `expect.extend(mediaMatchers)`; for the declaration that tells TypeScript so. */
export interface MediaMatchers<Result = unknown> {
  /** So many whole video frames at least, keyframes included. */
  toHaveReceivedFrames(atLeast: number): Result
  /** So many whole keyframes at least. */
  toHaveReceivedKeyframes(atLeast: number): Result
  /** So many packets at least, duplicates not counted. */
  toHaveReceivedPackets(kind: CheckedKind, atLeast: number): Result
  /** At most that part of the packets missing, 0 to 1; `kind` is `video` by default. Fails if nothing has come. */
  toHaveLossAtMost(rate: number, kind?: CheckedKind): Result
  /** A bitrate over the last second within these bounds, in bits per second; `kind` is `video` by default. */
  toHaveBitrateBetween(minBps: number, maxBps: number, kind?: CheckedKind): Result
}

/** What a matcher returns. */
export interface MatcherResult {
  readonly pass: boolean
  /** What to say if the expectation fails. */
  message(): string
}

/**
 * For `expect.extend`. Each takes a `TestViewer` or what it has `received`.
 *
 * @example
 * ```ts
 * expect.extend(mediaMatchers)
 * declare module 'vitest' {
 *   interface Matchers<T = any> extends MediaMatchers<T> {}
 * }
 * expect(viewer).toHaveReceivedKeyframes(1)
 * ```
 */
export const mediaMatchers = {
  /** See {@link MediaMatchers.toHaveReceivedFrames}. */
  toHaveReceivedFrames: (subject: unknown, atLeast: number) => result(checkFrames(subject, atLeast)),
  /** See {@link MediaMatchers.toHaveReceivedKeyframes}. */
  toHaveReceivedKeyframes: (subject: unknown, atLeast: number) => result(checkKeyframes(subject, atLeast)),
  /** See {@link MediaMatchers.toHaveReceivedPackets}. */
  toHaveReceivedPackets: (subject: unknown, kind: CheckedKind, atLeast: number) =>
    result(checkPackets(subject, kind, atLeast)),
  /** See {@link MediaMatchers.toHaveLossAtMost}. */
  toHaveLossAtMost: (subject: unknown, rate: number, kind: CheckedKind = 'video') =>
    result(checkLoss(subject, rate, kind)),
  /** See {@link MediaMatchers.toHaveBitrateBetween}. */
  toHaveBitrateBetween: (subject: unknown, minBps: number, maxBps: number, kind: CheckedKind = 'video') =>
    result(checkBitrate(subject, minBps, maxBps, kind)),
}

/** When a check passes, its message is only read by `.not`. */
function result(check: MediaCheck): MatcherResult {
  return { pass: check.pass, message: () => describeCheck(check, check.pass) }
}
