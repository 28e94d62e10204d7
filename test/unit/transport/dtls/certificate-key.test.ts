import { createPublicKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto'
import { describe, expect, it, test } from 'vitest'
import { certificateKeyKind } from '../../../../src/transport/dtls/certificate-key.js'
import { SIGNATURE_ALGORITHM, signatureAlgorithmOf } from '../../../../src/transport/dtls/signature.js'
import { peer } from './handshake-fixture.js'

function der(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const head = body.length < 128 ? [tag, body.length] : [tag, 0x82, body.length >> 8, body.length & 0xff]
  return Buffer.concat([Buffer.from(head), body])
}

/** A certificate of a key, as a version 1 or a version 3 one. */
function certificateOf(spki: Buffer, version3 = false): Buffer {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const algorithm = Buffer.from('300a06082a8648ce3d040302', 'hex')
  const time = der(23, Buffer.from('300101000000Z'))
  const parts = [der(2, Buffer.from([7])), algorithm, der(48), der(48, time, time), der(48), spki]
  if (version3) parts.unshift(der(0xa0, der(2, Buffer.from([2]))))
  const signed = der(48, ...parts)
  return der(48, signed, algorithm, der(3, Buffer.from([0]), sign('sha256', signed, privateKey)))
}

const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).publicKey
const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength }).publicKey

describe('the kind of key', () => {
  test.each([
    ['P-256', ec('prime256v1'), SIGNATURE_ALGORITHM.ecdsa],
    ['P-384', ec('secp384r1'), SIGNATURE_ALGORITHM.ecdsa],
    ['P-521', ec('secp521r1'), undefined],
    ['secp256k1', ec('secp256k1'), undefined],
    ['RSA of 2048 bits', rsa(2048), SIGNATURE_ALGORITHM.rsa],
    ['RSA of 2047 bits', rsa(2047), undefined],
    ['RSA of 1024 bits', rsa(1024), undefined],
    ['Ed25519', generateKeyPairSync('ed25519').publicKey, undefined],
  ])('%s is what a full parser makes of it', (_, key, kind) => {
    const spki = key.export({ format: 'der', type: 'spki' })
    for (const version3 of [false, true]) {
      const certificate = certificateOf(spki, version3)
      // The certificate is a real one.
      expect(signatureAlgorithmOf(new X509Certificate(certificate).publicKey)).toBe(kind)
      expect(certificateKeyKind(certificate)).toBe(kind)
    }
  })

  it('of RSA above 8192 bits is none', () => {
    const modulus = Buffer.concat([Buffer.from([0, 0x80]), Buffer.alloc(1024, 1)])
    const numbers = der(48, der(2, modulus), der(2, Buffer.from([1, 0, 1])))
    const algorithm = der(48, Buffer.from('06092a864886f70d010101', 'hex'), der(5))
    const spki = der(48, algorithm, der(3, Buffer.from([0]), numbers))
    expect(createPublicKey({ key: spki, format: 'der', type: 'spki' }).asymmetricKeyDetails?.modulusLength).toBe(8200)
    expect(certificateKeyKind(certificateOf(spki))).toBeUndefined()
  })

  it('is read of the certificates that identities have', () => {
    expect(certificateKeyKind(new X509Certificate(peer.certificatePem).raw)).toBe(SIGNATURE_ALGORITHM.ecdsa)
  })
})

it('no prefix of a certificate, and no byte that is changed, makes it throw', () => {
  const certificate = certificateOf(rsa(2048).export({ format: 'der', type: 'spki' }), true)
  for (let length = 0; length < certificate.length; length++) {
    expect(certificateKeyKind(certificate.subarray(0, length))).toBe('unreadable')
    const changed = Buffer.from(certificate)
    for (const byte of [0, 0x7f, 0x80, 0x82, 0x84, 0xff]) {
      changed[length] = byte
      expect([undefined, 'unreadable', 1, 3]).toContain(certificateKeyKind(changed))
    }
  }
})
