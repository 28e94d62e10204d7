import { createCipheriv, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { deriveSessionKeys } from '../../../../src/transport/srtp/session-keys.js'
import { hex } from './srtp-fixtures.js'
import { IMPLEMENTATIONS } from './srtp-implementations.js'

const keys = deriveSessionKeys(
  'AES_CM_128_HMAC_SHA1_80',
  hex('E1F97A0D3E018BE0D64FA32C06DE4139'),
  hex('0EC675AD498AFEEBB6960B3AABE6'),
)

describe.each(IMPLEMENTATIONS)('AES_CM_128_HMAC_SHA1_80, %s', (_, createTransform) => {
  const newTransform = () => createTransform('AES_CM_128_HMAC_SHA1_80', keys)

  // The reference packets that SRTP implementations exchange, under the master key and salt of RFC 3711, appendix B.3.
  const plainRtp = hex('800f1234decafbadcafebabe abababababababababababababababab')
  const sealedRtp = hex('800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb')

  it('seals the reference RTP packet', () => {
    const buffer = Buffer.concat([plainRtp, Buffer.alloc(10)])
    newTransform().sealRtp(buffer, 0, 12, plainRtp.length, 0x1234)
    expect(buffer).toEqual(sealedRtp)
  })

  it('opens the reference RTP packet', () => {
    const buffer = Buffer.from(sealedRtp)
    expect(newTransform().openRtp(buffer, 0, 12, buffer.length, 0x1234)).toBe(true)
    expect(buffer.subarray(0, plainRtp.length)).toEqual(plainRtp)
  })

  it('authenticates the rollover counter', () => {
    expect(newTransform().openRtp(Buffer.from(sealedRtp), 0, 12, sealedRtp.length, 0x1_1234)).toBe(false)
  })

  it('lays SRTCP out as RFC 3711, section 3.4 does: clear header, ciphertext, E bit and index, tag', () => {
    const plain = hex('81c8000b cafebabe abababababababababababababababab')
    const buffer = Buffer.concat([plain, Buffer.alloc(14)])
    const index = 0x7654_3210
    newTransform().sealRtcp(buffer, 0, plain.length, index)
    const iv = (BigInt(`0x${keys.rtcp.salt.toString('hex')}`) << 16n) ^ (0xcafe_baben << 64n) ^ (BigInt(index) << 16n)
    const cipher = createCipheriv('aes-128-ctr', keys.rtcp.encryptionKey, hex(iv.toString(16).padStart(32, '0')))
    const authenticated = Buffer.concat([plain.subarray(0, 8), cipher.update(plain.subarray(8)), hex('f6543210')])
    const tag = createHmac('sha1', keys.rtcp.authenticationKey).update(authenticated).digest().subarray(0, 10)
    expect(buffer).toEqual(Buffer.concat([authenticated, tag]))
    expect(newTransform().openRtcp(buffer, 0, buffer.length, 0xf654_3210)).toBe(true)
    expect(buffer.subarray(0, plain.length)).toEqual(plain)
  })

  it('opens SRTCP that is authenticated but not encrypted', () => {
    const body = hex('81c8000b cafebabe abababababababababababababababab 00000007')
    const tag = createHmac('sha1', keys.rtcp.authenticationKey).update(body).digest().subarray(0, 10)
    const buffer = Buffer.concat([body, tag])
    expect(newTransform().openRtcp(buffer, 0, buffer.length, 7)).toBe(true)
    expect(buffer).toEqual(Buffer.concat([body, tag]))
  })
})
