/** The messages that prove who the peer is: Certificate, ServerKeyExchange, CertificateVerify (RFC 5246, section 7.4; RFC 8422, section 5.4). */
import { ByteReader } from './byte-reader.js'

const NAMED_CURVE = 3

/** The certificate of the sender itself, the first of the chain. Undefined if malformed; `'none'` if the list is empty. */
export function readCertificate(body: Buffer): Buffer | 'none' | undefined {
  const reader = new ByteReader(body)
  const list = new ByteReader(reader.vector(3))
  if (!reader.complete) return undefined
  if (list.remaining === 0) return 'none'
  const own = list.vector(3)
  while (list.remaining > 0 && !list.failed) list.vector(3)
  return list.failed || own.length === 0 ? undefined : own
}

/** A signature and what made it. */
export interface DigitalSignature {
  /** Hash algorithm in the upper byte, signature algorithm in the lower. */
  readonly scheme: number
  readonly signature: Buffer
}

/** The content of a CertificateVerify, or undefined if malformed. */
export function readCertificateVerify(body: Buffer): DigitalSignature | undefined {
  const reader = new ByteReader(body)
  const scheme = reader.uint16()
  const signature = reader.vector(2)
  return reader.complete ? { scheme, signature } : undefined
}

/** The server's half of the key agreement, and its signature. */
export interface ServerKeyExchange extends DigitalSignature {
  readonly curve: number
  readonly publicKey: Buffer
  /** The bytes that are signed, behind both randoms. */
  readonly params: Buffer
}

/** The content of an ECDHE ServerKeyExchange, or undefined if malformed. */
export function readServerKeyExchange(body: Buffer): ServerKeyExchange | undefined {
  const reader = new ByteReader(body)
  const curveType = reader.uint8()
  const curve = reader.uint16()
  const publicKey = reader.vector(1)
  const params = body.subarray(0, body.length - reader.remaining)
  const scheme = reader.uint16()
  const signature = reader.vector(2)
  if (!reader.complete || curveType !== NAMED_CURVE) return undefined
  return { curve, publicKey, params, scheme, signature }
}

/** The public key in an ECDHE ClientKeyExchange, or undefined if malformed. */
export function readClientKeyExchange(body: Buffer): Buffer | undefined {
  const reader = new ByteReader(body)
  const publicKey = reader.vector(1)
  return reader.complete && publicKey.length > 0 ? publicKey : undefined
}
