import { createCipheriv } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { BroadcastError } from '../../../../src/errors.js'
import { deriveSessionKeys } from '../../../../src/transport/srtp/session-keys.js'
import { hex } from './srtp-fixtures.js'

// RFC 3711, appendix B.3.
const MASTER_KEY = hex('E1F97A0D3E018BE0D64FA32C06DE4139')
const MASTER_SALT = hex('0EC675AD498AFEEBB6960B3AABE6')

/** The pseudo-random function of RFC 3711, section 4.3.3, by another way: node's own counter mode. */
function deriveKey(masterKey: Buffer, masterSalt: Buffer, label: number, length: number): Buffer {
  const iv = Buffer.concat([masterSalt, Buffer.alloc(2)])
  iv[7] = (iv[7] as number) ^ label
  return createCipheriv('aes-128-ctr', masterKey, iv).update(Buffer.alloc(length))
}

describe('session keys', () => {
  it('are those of RFC 3711, appendix B.3', () => {
    const { rtp } = deriveSessionKeys('AES_CM_128_HMAC_SHA1_80', MASTER_KEY, MASTER_SALT)
    expect(rtp.encryptionKey).toEqual(hex('C61E7A93744F39EE10734AFE3FF7A087'))
    expect(rtp.salt).toEqual(hex('30CBBC08863D8C85D49DB34A9AE1'))
    expect(rtp.authenticationKey).toEqual(hex('CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4'))
  })

  it('differ between RTP and RTCP', () => {
    const { rtp, rtcp } = deriveSessionKeys('AES_CM_128_HMAC_SHA1_80', MASTER_KEY, MASTER_SALT)
    expect(rtcp.encryptionKey).toEqual(deriveKey(MASTER_KEY, MASTER_SALT, 3, 16))
    expect(rtcp.authenticationKey).toEqual(deriveKey(MASTER_KEY, MASTER_SALT, 4, 20))
    expect(rtcp.salt).toEqual(deriveKey(MASTER_KEY, MASTER_SALT, 5, 14))
    expect(rtcp.encryptionKey).not.toEqual(rtp.encryptionKey)
    expect(rtcp.salt).not.toEqual(rtp.salt)
  })

  it('of the AEAD profile use the 96-bit salt as if padded to 112 bits on the right, and need no authentication key', () => {
    const salt = MASTER_SALT.subarray(0, 12)
    const { rtp } = deriveSessionKeys('AEAD_AES_128_GCM', MASTER_KEY, salt)
    const padded = Buffer.concat([salt, Buffer.alloc(2)])
    expect(rtp.encryptionKey).toEqual(deriveKey(MASTER_KEY, padded, 0, 16))
    expect(rtp.salt).toEqual(deriveKey(MASTER_KEY, padded, 2, 12))
    expect(rtp.authenticationKey).toHaveLength(0)
  })

  it('are refused for keying material of another length', () => {
    const wrong = [
      () => deriveSessionKeys('AES_CM_128_HMAC_SHA1_80', MASTER_KEY.subarray(1), MASTER_SALT),
      () => deriveSessionKeys('AES_CM_128_HMAC_SHA1_80', MASTER_KEY, MASTER_SALT.subarray(2)),
      () => deriveSessionKeys('AEAD_AES_128_GCM', MASTER_KEY, MASTER_SALT),
    ]
    for (const derive of wrong) {
      expect(derive).toThrow(BroadcastError)
      expect(derive).toThrow(expect.objectContaining({ code: 'internal-error' }))
    }
  })
})
