/** Whether a certificate is the one that the SDP announced (RFC 8122, section 5). */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Fingerprint } from '../types.js'

/** SDP's names of the hash functions that are trusted, and Node's. Anything else, sha-1 and md5 above all, proves nothing. */
const STRONG_HASHES: Readonly<Record<string, string>> = {
  'sha-256': 'sha256',
  'sha-384': 'sha384',
  'sha-512': 'sha512',
}

/** Whether a fingerprint's hash function is strong enough to count. */
export function isStrongFingerprint(fingerprint: Fingerprint): boolean {
  return Object.hasOwn(STRONG_HASHES, fingerprint.algorithm.toLowerCase())
}

/** The sha-256 fingerprint of a certificate. */
export function fingerprintOf(certificate: Buffer): Fingerprint {
  const pairs = createHash('sha256').update(certificate).digest('hex').toUpperCase().match(/../g) as string[]
  return { algorithm: 'sha-256', value: pairs.join(':') }
}

/** Whether the certificate (DER) has one of the fingerprints; those with a weak hash function are passed over. */
export function matchesFingerprint(certificate: Buffer, fingerprints: readonly Fingerprint[]): boolean {
  return fingerprints.some(({ algorithm, value }) => {
    const lowerCase = algorithm.toLowerCase()
    const hash = Object.hasOwn(STRONG_HASHES, lowerCase) ? STRONG_HASHES[lowerCase] : undefined
    if (hash === undefined || !/^[0-9a-f]{2}(:[0-9a-f]{2})*$/i.test(value)) return false
    const wanted = Buffer.from(value.replaceAll(':', ''), 'hex')
    const actual = createHash(hash).update(certificate).digest()
    return wanted.length === actual.length && timingSafeEqual(wanted, actual)
  })
}
