/** A key for the self-test and the shortest certificate that OpenSSL takes for one (RFC 5280, section 4.1), made anew each time. */
import { generateKeyPairSync, sign } from 'node:crypto'
import type { ParsedIdentity } from '../../dtls/parsed-identity.js'
import { SIGNATURE_ALGORITHM } from '../../dtls/signature.js'

const TAG = { integer: 2, bitString: 3, time: 23, sequence: 48 } as const
/** ecdsa-with-SHA256 (RFC 5758, section 3.2). */
const ECDSA_WITH_SHA256 = Buffer.from('300a06082a8648ce3d040302', 'hex')

/** A value of less than 64 kB in DER. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const { length } = body
  const long = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...(length < 128 ? [length] : long)]), body])
}

/** A P-256 key with a certificate of it. */
export function createSelfTestIdentity(): ParsedIdentity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const nobody = der(TAG.sequence)
  const time = (text: string) => der(TAG.time, Buffer.from(text, 'latin1'))
  const signed = der(
    TAG.sequence,
    der(TAG.integer, Buffer.from([1])),
    ECDSA_WITH_SHA256,
    nobody,
    der(TAG.sequence, time('200101000000Z'), time('491231235959Z')),
    nobody,
    publicKey.export({ format: 'der', type: 'spki' }),
  )
  const signature = der(TAG.bitString, Buffer.from([0]), sign('sha256', signed, privateKey))
  const certificate = der(TAG.sequence, signed, ECDSA_WITH_SHA256, signature)
  return { certificate, privateKey, signatureAlgorithm: SIGNATURE_ALGORITHM.ecdsa }
}
