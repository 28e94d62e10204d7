/** The same as the matchers, for test runners without `expect`, such as node:test: functions that throw an `AssertionError`. */
import { AssertionError } from 'node:assert'
import {
  type CheckedKind,
  checkBitrate,
  checkFrames,
  checkKeyframes,
  checkLoss,
  checkPackets,
  describeCheck,
  type MediaCheck,
  type MediaSubject,
} from './media-checks.js'

/** Throws an `AssertionError` unless so many whole video frames have come at least, keyframes included. */
export function assertReceivedFrames(subject: MediaSubject, atLeast: number): void {
  assertCheck(checkFrames(subject, atLeast), assertReceivedFrames)
}

/** Throws an `AssertionError` unless so many whole keyframes have come at least. */
export function assertReceivedKeyframes(subject: MediaSubject, atLeast: number): void {
  assertCheck(checkKeyframes(subject, atLeast), assertReceivedKeyframes)
}

/** Throws an `AssertionError` unless so many packets have come at least, duplicates not counted. */
export function assertReceivedPackets(subject: MediaSubject, kind: CheckedKind, atLeast: number): void {
  assertCheck(checkPackets(subject, kind, atLeast), assertReceivedPackets)
}

/** Throws an `AssertionError` if more than that part of the packets is missing, 0 to 1, or if nothing has come. */
export function assertLossAtMost(subject: MediaSubject, rate: number, kind: CheckedKind = 'video'): void {
  assertCheck(checkLoss(subject, rate, kind), assertLossAtMost)
}

/** Throws an `AssertionError` unless the bitrate over the last second lies within these bounds, in bits per second. */
export function assertBitrateBetween(
  subject: MediaSubject,
  minBps: number,
  maxBps: number,
  kind: CheckedKind = 'video',
): void {
  assertCheck(checkBitrate(subject, minBps, maxBps, kind), assertBitrateBetween)
}

/** The stack of the error begins where `assertion` was called. */
function assertCheck(check: MediaCheck, assertion: (...args: never[]) => void): void {
  if (check.pass) return
  const { actual, expected } = check
  throw new AssertionError({
    message: describeCheck(check),
    actual,
    expected,
    operator: assertion.name,
    stackStartFn: assertion,
  })
}
