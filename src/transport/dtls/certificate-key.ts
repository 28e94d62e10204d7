/** What kind of key a certificate has, by a walk through its DER: parsing all of it costs a fifth of a handshake (RFC 5280, section 4.1; RFC 5480; RFC 8017). */
import { RSA_MODULUS_BITS, SIGNATURE_ALGORITHM } from './signature.js'

const TAG = { integer: 0x02, bitString: 0x03, oid: 0x06, sequence: 0x30, version: 0xa0 } as const
const OID = {
  ecPublicKey: Buffer.from('2a8648ce3d0201', 'hex'),
  rsaEncryption: Buffer.from('2a864886f70d010101', 'hex'),
  prime256v1: Buffer.from('2a8648ce3d030107', 'hex'),
  secp384r1: Buffer.from('2b81040022', 'hex'),
} as const

/** Reads values one after the other; what is not there reads as undefined, and so does everything behind it. */
class DerReader {
  readonly #bytes: Buffer
  #offset = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** The tag of the next value. */
  get tag(): number | undefined {
    return this.#bytes[this.#offset]
  }

  /** The content of the next value if it has that tag. */
  next(tag: number | undefined): Buffer | undefined {
    const bytes = this.#bytes
    let at = this.#offset
    if (tag === undefined || bytes[at++] !== tag) return undefined
    let length = bytes[at++] ?? -1
    if (length >= 0x80) {
      // Nothing in a certificate of 16 kB has a length of more than two bytes.
      const lengthBytes = length & 0x7f
      if (lengthBytes < 1 || lengthBytes > 2 || at + lengthBytes > bytes.length) return undefined
      length = bytes.readUIntBE(at, lengthBytes)
      at += lengthBytes
    }
    if (length < 0 || at + length > bytes.length) return undefined
    this.#offset = at + length
    return bytes.subarray(at, at + length)
  }

  /** A reader of the next value's content. */
  enter(tag: number): DerReader | undefined {
    const content = this.next(tag)
    return content && new DerReader(content)
  }
}

/**
 * Which signatures the key of a certificate makes: those of ECDSA (P-256, P-384) or of RSA (2048 to 8192 bits). Undefined if it is of another
 * kind, `'unreadable'` if there is no telling.
 */
export function certificateKeyKind(certificate: Buffer): number | 'unreadable' | undefined {
  const signed = new DerReader(certificate).enter(TAG.sequence)?.enter(TAG.sequence)
  if (signed?.tag === TAG.version) signed.next(TAG.version)
  // Serial number, signature algorithm, issuer, validity, subject.
  signed?.next(TAG.integer)
  for (let i = 0; i < 4; i++) signed?.next(TAG.sequence)
  const key = signed?.enter(TAG.sequence)
  const algorithm = key?.enter(TAG.sequence)
  const oid = algorithm?.next(TAG.oid)
  const bits = key?.next(TAG.bitString)
  if (oid === undefined || bits === undefined) return 'unreadable'
  if (oid.equals(OID.ecPublicKey)) {
    const curve = algorithm?.next(TAG.oid)
    return curve?.equals(OID.prime256v1) || curve?.equals(OID.secp384r1) ? SIGNATURE_ALGORITHM.ecdsa : undefined
  }
  if (!oid.equals(OID.rsaEncryption)) return undefined
  // The number of unused bits comes first.
  const modulus = new DerReader(bits.subarray(1)).enter(TAG.sequence)?.next(TAG.integer)
  if (modulus === undefined) return 'unreadable'
  const length = bitLength(modulus)
  return length >= RSA_MODULUS_BITS.min && length <= RSA_MODULUS_BITS.max ? SIGNATURE_ALGORITHM.rsa : undefined
}

function bitLength(integer: Buffer): number {
  const first = integer.findIndex((byte) => byte !== 0)
  if (first < 0) return 0
  return (integer.length - first) * 8 - (Math.clz32(integer[first] as number) - 24)
}
