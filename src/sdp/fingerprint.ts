/** Certificate fingerprints (RFC 8122, section 5): which hashes are trusted, and how long their values are. */
import type { SdpFingerprint } from './description.js'

/** Bytes of each hash that is strong enough to vouch for a certificate. MD5 and SHA-1 are not (RFC 8122, section 5). */
const TRUSTED_HASH_BYTES: ReadonlyMap<string, number> = new Map([
  ['sha-256', 32],
  ['sha-384', 48],
  ['sha-512', 64],
])

const FINGERPRINT = /^([A-Za-z0-9-]{1,32})[ \t]+([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){0,127})$/

/** Reads the value of `a=fingerprint`; undefined if it is malformed, or too short or too long for a hash that is known. */
export function parseFingerprint(text: string): SdpFingerprint | undefined {
  const [, name, hex] = FINGERPRINT.exec(text) ?? []
  if (name === undefined || hex === undefined) return undefined
  const algorithm = name.toLowerCase()
  const bytes = TRUSTED_HASH_BYTES.get(algorithm)
  if (bytes !== undefined && hex.length !== bytes * 3 - 1) return undefined
  return { algorithm, value: hex.toUpperCase() }
}

/** True if the hash may be relied on. */
export function isTrustedFingerprint(fingerprint: SdpFingerprint): boolean {
  return TRUSTED_HASH_BYTES.has(fingerprint.algorithm)
}
