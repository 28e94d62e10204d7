/** Signatures of DTLS 1.2 handshakes, made with the key of a certificate (RFC 5246, section 4.7; RFC 8422, section 5). */
import { type KeyObject, verify } from 'node:crypto'

/** The signature algorithms of TLS 1.2 that count here. */
export const SIGNATURE_ALGORITHM = { rsa: 1, ecdsa: 3 } as const

/** The number of SHA-256 among the hash algorithms of TLS 1.2. */
export const HASH_SHA256 = 4

/** Hash algorithms by number. MD5, SHA-1 and SHA-224 are left out on purpose. */
const HASHES: Readonly<Record<number, string>> = { [HASH_SHA256]: 'sha256', 5: 'sha384', 6: 'sha512' }

const CURVES: ReadonlySet<string | undefined> = new Set(['prime256v1', 'secp384r1'])
/** Below it is breakable; above it a signature check is a way to burn our CPU. */
export const RSA_MODULUS_BITS = { min: 2048, max: 8192 }

/** What kind of signatures a key makes, or undefined if the key is of no accepted kind. */
export function signatureAlgorithmOf(key: KeyObject): number | undefined {
  const details = key.asymmetricKeyDetails
  if (key.asymmetricKeyType === 'ec') return CURVES.has(details?.namedCurve) ? SIGNATURE_ALGORITHM.ecdsa : undefined
  if (key.asymmetricKeyType !== 'rsa') return undefined
  const bits = details?.modulusLength ?? 0
  return bits >= RSA_MODULUS_BITS.min && bits <= RSA_MODULUS_BITS.max ? SIGNATURE_ALGORITHM.rsa : undefined
}

/**
 * Whether `signature` was made over `data` with the private half of `key`. `scheme` is the pair of hash and signature algorithm
 * that the message names; a weak hash, or an algorithm that is not the key's, is never a valid signature.
 */
export function verifySignature(key: KeyObject, scheme: number, data: readonly Buffer[], signature: Buffer): boolean {
  const hash = HASHES[scheme >> 8]
  if (hash === undefined || signatureAlgorithmOf(key) !== (scheme & 0xff)) return false
  try {
    return verify(hash, Buffer.concat(data), { key, dsaEncoding: 'der' }, signature)
  } catch {
    return false
  }
}
