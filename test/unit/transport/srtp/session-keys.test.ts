import { describe, expect, it } from 'vitest'
import { BroadcastError } from '../../../../src/errors.js'
import { deriveKeys, deriveSessionKeys } from '../../../../src/transport/srtp/session-keys.js'
import { hex } from './srtp-fixtures.js'

// RFC 3711, appendix B.3.
const MASTER_KEY = hex('E1F97A0D3E018BE0D64FA32C06DE4139')
const MASTER_SALT = hex('0EC675AD498AFEEBB6960B3AABE6')

const deriveKey = (key: Buffer, salt: Buffer, label: number, length: number): Buffer | undefined =>
  deriveKeys(key, salt, [...new Array<number>(label).fill(0), length])[label]

describe('session keys', () => {
  it('are those of RFC 3711, appendix B.3', () => {
    const { rtp } = deriveSessionKeys('AES_CM_128_HMAC_SHA1_80', MASTER_KEY, MASTER_SALT)
    expect(rtp.encryptionKey).toEqual(hex('C61E7A93744F39EE10734AFE3FF7A087'))
    expect(rtp.salt).toEqual(hex('30CBBC08863D8C85D49DB34A9AE1'))
    expect(rtp.authenticationKey).toEqual(hex('CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4'))
  })

  it('are as long as asked for, over several blocks of the derivation function', () => {
    const expected = hex(`
      CEBE321F6FF7716B6FD4AB49AF256A15 6D38BAA48F0A0ACF3C34E2359E6CDBCE E049646C43D9327AD175578EF7227098
      6371C10C9A369AC2F94A8C5FBCDDDC25 6D6E919A48B610EF17C2041E47403576 6B68642C59BBFC2F34DB60DBDFB2`)
    expect(deriveKey(MASTER_KEY, MASTER_SALT, 1, 94)).toEqual(expected)
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
