/** This side's certificate and key, read once and not at each handshake. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { BroadcastError } from '../../errors.js'
import type { DtlsIdentity } from '../types.js'
import { SIGNATURE_ALGORITHM, signatureAlgorithmOf } from './signature.js'

/** What an identity's PEM texts say. */
export interface ParsedIdentity {
  /** DER. */
  readonly certificate: Buffer
  readonly privateKey: KeyObject
  readonly signatureAlgorithm: 1 | 3
}

const parsedIdentities = new WeakMap<DtlsIdentity, ParsedIdentity>()

/** Reads an identity. Throws `option-invalid` if its texts are not a usable pair. */
export function parseIdentity(identity: DtlsIdentity): ParsedIdentity {
  let parsed = parsedIdentities.get(identity)
  if (parsed === undefined) {
    try {
      const certificate = new X509Certificate(identity.certificatePem)
      const privateKey = createPrivateKey(identity.privateKeyPem)
      if (!certificate.checkPrivateKey(privateKey)) throw new Error('the key is not that of the certificate')
      const algorithm = signatureAlgorithmOf(certificate.publicKey)
      if (algorithm !== SIGNATURE_ALGORITHM.ecdsa && algorithm !== SIGNATURE_ALGORITHM.rsa) {
        throw new Error('neither ECDSA (P-256, P-384) nor RSA (2048 to 8192 bits)')
      }
      parsed = { certificate: certificate.raw, privateKey, signatureAlgorithm: algorithm }
    } catch (cause) {
      throw new BroadcastError('option-invalid', 'option identity: not a usable certificate and key', {
        details: { option: 'identity' },
        cause,
      })
    }
    parsedIdentities.set(identity, parsed)
  }
  return parsed
}
