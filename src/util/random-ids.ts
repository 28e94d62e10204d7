/** The random numbers that streams and sessions begin with (RFC 3550, section 5.1). The media core is handed them, and never asks itself. */
import { randomInt } from 'node:crypto'
import { randomBigUint64, randomText } from './random-pool.js'

/** A random SSRC, never 0. */
export function randomSsrc(): number {
  return randomInt(1, 2 ** 32)
}

/** So many SSRCs, no two of them the same: under one key they would share a keystream. */
export function randomSsrcs(count: number): readonly number[] {
  const ssrcs = new Set<number>()
  while (ssrcs.size < count) ssrcs.add(randomSsrc())
  return [...ssrcs]
}

/** A first sequence number in the lower half, so that a receiver cannot miss the first rollover (RFC 3711, section 3.3.1). */
export function randomInitialSeq(): number {
  return randomInt(0, 0x8000)
}

/** A first RTP timestamp. */
export function randomTimestamp(): number {
  return randomInt(0, 2 ** 32)
}

/** An RTCP CNAME that says nothing about the host (RFC 7022, section 4.2). */
export function randomCname(): string {
  return randomText(12, 'base64url')
}

/** A MediaStream id for `a=msid`. */
export function randomMediaStreamId(): string {
  return randomText(12, 'hex')
}

/** A session id for `o=`: a positive 63-bit number (RFC 9429, section 5.2.1). */
export function randomSdpSessionId(): string {
  return (randomBigUint64() >> 1n).toString()
}
