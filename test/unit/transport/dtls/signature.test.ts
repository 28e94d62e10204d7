import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { signatureAlgorithmOf, verifySignature } from '../../../../src/transport/dtls/signature.js'

const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve })
const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength })

const p256 = ec('P-256')
const p384 = ec('P-384')
const rsa2048 = rsa(2048)
const data = [Buffer.from('what was '), Buffer.from('said')]
const joined = Buffer.concat(data)

const HASH_NAMES: Record<number, string> = { 2: 'sha1', 4: 'sha256', 5: 'sha384', 6: 'sha512' }

function signed(scheme: number, key: KeyObject): Buffer {
  return sign(HASH_NAMES[scheme >> 8] as string, joined, key)
}

describe.each([
  { name: 'P-256', pair: p256, algorithm: 3, other: ec('P-256') },
  { name: 'P-384', pair: p384, algorithm: 3, other: ec('P-384') },
  { name: 'RSA', pair: rsa2048, algorithm: 1, other: rsa(2048) },
])('a signature with $name', ({ pair, algorithm, other }) => {
  test.each([4, 5, 6])('and hash %i is verified', (hash) => {
    const scheme = (hash << 8) | algorithm
    expect(verifySignature(pair.publicKey, scheme, data, signed(scheme, pair.privateKey))).toBe(true)
  })

  test('of another key, over other data, or damaged is not', () => {
    const scheme = 0x0400 | algorithm
    const good = signed(scheme, pair.privateKey)
    expect(verifySignature(pair.publicKey, scheme, data, signed(scheme, other.privateKey))).toBe(false)
    expect(verifySignature(pair.publicKey, scheme, [joined, Buffer.from('!')], good)).toBe(false)
    const damaged = Buffer.from(good)
    damaged[damaged.length - 1] = (damaged.at(-1) as number) ^ 1
    expect(verifySignature(pair.publicKey, scheme, data, damaged)).toBe(false)
    expect(verifySignature(pair.publicKey, scheme, data, Buffer.alloc(0))).toBe(false)
  })

  test('under a hash that the message does not name is not', () => {
    expect(verifySignature(pair.publicKey, 0x0500 | algorithm, data, signed(0x0400 | algorithm, pair.privateKey))).toBe(
      false,
    )
  })

  test('and sha-1, though correct, is not', () => {
    const scheme = 0x0200 | algorithm
    expect(verifySignature(pair.publicKey, scheme, data, signed(scheme, pair.privateKey))).toBe(false)
  })

  test('under a scheme for another kind of key is not', () => {
    const scheme = 0x0400 | (algorithm === 3 ? 1 : 3)
    expect(verifySignature(pair.publicKey, scheme, data, signed(0x0400, pair.privateKey))).toBe(false)
  })
})

test('keys of other kinds and sizes make no acceptable signatures', () => {
  expect(signatureAlgorithmOf(p256.publicKey)).toBe(3)
  expect(signatureAlgorithmOf(rsa2048.publicKey)).toBe(1)
  expect(signatureAlgorithmOf(generateKeyPairSync('ed25519').publicKey)).toBeUndefined()
  expect(signatureAlgorithmOf(ec('secp256k1').publicKey)).toBeUndefined()
  expect(signatureAlgorithmOf(rsa(1024).publicKey)).toBeUndefined()
})
