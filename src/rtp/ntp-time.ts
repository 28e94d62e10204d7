/** NTP timestamps of sender reports (RFC 3550, section 4): seconds since 1900 and their fraction as two unsigned 32-bit numbers. */

/** Seconds from the NTP epoch, 1900, to the Unix epoch, 1970. */
const NTP_UNIX_OFFSET_SECONDS = 2_208_988_800

/** The seconds half of the NTP timestamp of `unixMs`, modulo 2^32 (it wraps in 2036). */
export function ntpSeconds(unixMs: number): number {
  return (Math.floor(unixMs / 1000) + NTP_UNIX_OFFSET_SECONDS) >>> 0
}

/** The fraction half of the NTP timestamp of `unixMs`, in units of 2^-32 s. */
export function ntpFraction(unixMs: number): number {
  const ms = unixMs - Math.floor(unixMs / 1000) * 1000
  return Math.floor((ms * 0x1_0000_0000) / 1000)
}

/**
 * The Unix time in milliseconds, with fractions, of an NTP timestamp.
 *
 * Seconds below 2^31 are taken as after the wrap of 2036, as in RFC 4330, section 3. Senders without a wall clock may count from
 * zero (RFC 3550, section 6.4.1): their times land there too, where their differences still hold.
 */
export function ntpToUnixMs(seconds: number, fraction: number): number {
  const era = seconds >= 0x8000_0000 ? 0 : 0x1_0000_0000
  return (seconds + era - NTP_UNIX_OFFSET_SECONDS) * 1000 + (fraction * 1000) / 0x1_0000_0000
}

/** The middle 32 bits of the NTP timestamp of `unixMs`, as in the LSR field: 16 bits of seconds, 16 of fraction. */
export function ntpMiddle32(unixMs: number): number {
  return middle32(ntpSeconds(unixMs), ntpFraction(unixMs))
}

/** The middle 32 bits of an NTP timestamp. */
export function middle32(seconds: number, fraction: number): number {
  return (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0
}

/** Milliseconds of a duration in units of 1/65536 s, such as DLSR or a difference of middle 32 bits. */
export function middle32ToMs(delta: number): number {
  return (delta * 1000) / 0x1_0000
}

/** A duration in units of 1/65536 s, as in the DLSR field; held within 32 bits. */
export function msToMiddle32(ms: number): number {
  return Math.min(0xffff_ffff, Math.max(0, Math.round((ms * 0x1_0000) / 1000)))
}
