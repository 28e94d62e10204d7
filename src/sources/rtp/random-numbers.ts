/** The random numbers of streams of our own (RFC 3550, section 5.1; RFC 7022, section 4.2). */
import { randomBytes, randomInt } from 'node:crypto'

/** An SSRC, never 0. */
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

/** An RTCP CNAME that says nothing about the host. */
export function randomCname(): string {
  return randomBytes(12).toString('base64url')
}
