/** The random numbers that the media core is handed: SSRCs, first sequence numbers and timestamps (RFC 3550, section 5.1). */
import { randomBytes, randomInt } from 'node:crypto'

/** A random SSRC, never 0. */
export function randomSsrc(): number {
  return randomInt(1, 2 ** 32)
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
  return randomBytes(12).toString('base64url')
}

/** A MediaStream id for `a=msid`. */
export function randomMediaStreamId(): string {
  return randomBytes(12).toString('hex')
}

/** A session id for `o=`: a positive 63-bit number (RFC 9429, section 5.2.1). */
export function randomSdpSessionId(): string {
  return (randomBytes(8).readBigUInt64BE() >> 1n).toString()
}
