import { createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { CURVE, isUsablePublicKey } from '../../../../src/transport/dtls/curve.js'
import { exportKeyingMaterial, finishedVerifyData, prf } from '../../../../src/transport/dtls/prf.js'
import {
  chooseSrtpProfile,
  deriveSrtpKeys,
  readUseSrtp,
  writeUseSrtp,
} from '../../../../src/transport/dtls/srtp-keying.js'
import { SRTP_PROFILES } from '../../../../src/transport/types.js'
import { expectStrictParser } from './arbitraries.js'

const hex = (text: string) => Buffer.from(text, 'hex')

describe('the PRF', () => {
  test('gives the known answer for SHA-256', () => {
    // The vector that the TLS working group passed round for P_SHA256.
    const answer =
      'e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af' +
      '0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701' +
      '87347b66'
    const out = prf(hex('9bbe436ba940f017b17652849a71db35'), 'test label', hex('a0ba9f936cda311827a6f796ffd5198c'), 100)
    expect(out.toString('hex')).toBe(answer)
  })

  test('depends on label, transcript and sender', () => {
    const secret = Buffer.alloc(48, 1)
    const all = [
      finishedVerifyData(secret, 'client', [Buffer.from('ab')]),
      finishedVerifyData(secret, 'server', [Buffer.from('ab')]),
      finishedVerifyData(secret, 'client', [Buffer.from('ac')]),
      finishedVerifyData(Buffer.alloc(48, 2), 'client', [Buffer.from('ab')]),
    ].map((bytes) => bytes.toString('hex'))
    expect(new Set(all).size).toBe(4)
    expect(all.every((text) => text.length === 24)).toBe(true)
    expect(finishedVerifyData(secret, 'client', [Buffer.from('a'), Buffer.from('b')]).toString('hex')).toBe(all[0])
  })
})

describe.each([
  { profile: 'AEAD_AES_128_GCM' as const, salt: 12 },
  { profile: 'AES_CM_128_HMAC_SHA1_80' as const, salt: 14 },
])('the keys of $profile', ({ profile, salt }) => {
  const secret = Buffer.alloc(48, 7)
  const clientRandom = Buffer.alloc(32, 1)
  const serverRandom = Buffer.alloc(32, 2)

  test('are cut from the exporter in the order of RFC 5764', () => {
    const block = exportKeyingMaterial(secret, 'EXTRACTOR-dtls_srtp', clientRandom, serverRandom, 32 + 2 * salt)
    const keys = deriveSrtpKeys(profile, 'client', secret, clientRandom, serverRandom)
    expect(Buffer.concat([keys.localKey, keys.remoteKey, keys.localSalt, keys.remoteSalt])).toEqual(block)
    expect(keys.localSalt).toHaveLength(salt)
  })

  test('are those of the other side, the other way round', () => {
    const client = deriveSrtpKeys(profile, 'client', secret, clientRandom, serverRandom)
    const server = deriveSrtpKeys(profile, 'server', secret, clientRandom, serverRandom)
    expect(server).toEqual({
      profile,
      localKey: client.remoteKey,
      localSalt: client.remoteSalt,
      remoteKey: client.localKey,
      remoteSalt: client.localSalt,
    })
  })
})

describe('use_srtp', () => {
  test('is read as it was written', () => {
    const data = writeUseSrtp(SRTP_PROFILES)
    expect(data.toString('hex')).toBe('00040007000100')
    expect(readUseSrtp(data)).toEqual({ profileIds: [7, 1], mki: Buffer.alloc(0) })
    expectStrictParser(readUseSrtp, data)
  })

  test('with no profile or half a one is malformed', () => {
    expect(readUseSrtp(hex('000000'))).toBeUndefined()
    expect(readUseSrtp(hex('00030007 0000'.replace(' ', '')))).toBeUndefined()
  })

  test('our order decides', () => {
    expect(chooseSrtpProfile(SRTP_PROFILES, [1, 7])).toBe('AEAD_AES_128_GCM')
    expect(chooseSrtpProfile(SRTP_PROFILES, [2, 1])).toBe('AES_CM_128_HMAC_SHA1_80')
    expect(chooseSrtpProfile(SRTP_PROFILES, [2, 8])).toBeUndefined()
    expect(chooseSrtpProfile([], [7])).toBeUndefined()
  })
})

describe('a public key', () => {
  const privateKey = createPrivateKey({
    key: Buffer.concat([hex('302e020100300506032b656e04220420'), Buffer.alloc(32, 0x55)]),
    format: 'der',
    type: 'pkcs8',
  })
  /** Whether OpenSSL too finds that the secret would not depend on the private key. */
  const opensslRefuses = (point: Buffer) => {
    const publicKey = createPublicKey({
      key: Buffer.concat([hex('302a300506032b656e032100'), point]),
      format: 'der',
      type: 'spki',
    })
    try {
      diffieHellman({ privateKey, publicKey })
      return false
    } catch {
      return true
    }
  }

  test.each([
    '00'.repeat(32),
    `01${'00'.repeat(31)}`,
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    `ec${'ff'.repeat(30)}7f`,
    `ed${'ff'.repeat(30)}7f`,
    `ee${'ff'.repeat(30)}7f`,
    `${'00'.repeat(31)}80`,
  ])('of small order on X25519 is refused: %s', (text) => {
    expect(opensslRefuses(hex(text))).toBe(true)
    expect(isUsablePublicKey(CURVE.x25519, hex(text))).toBe(false)
  })

  test('of the right size is taken', () => {
    const point = Buffer.alloc(32, 9)
    expect(opensslRefuses(point)).toBe(false)
    expect(isUsablePublicKey(CURVE.x25519, point)).toBe(true)
    expect(isUsablePublicKey(CURVE.p256, Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]))).toBe(true)
  })

  test('of the wrong size, form or curve is refused', () => {
    expect(isUsablePublicKey(CURVE.x25519, Buffer.alloc(31, 9))).toBe(false)
    expect(isUsablePublicKey(CURVE.p256, Buffer.alloc(65, 2))).toBe(false)
    expect(isUsablePublicKey(24, Buffer.alloc(97, 4))).toBe(false)
  })
})
