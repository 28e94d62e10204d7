import { describe, expect, it } from 'vitest'
import { hex } from './srtp-fixtures.js'
import { IMPLEMENTATIONS } from './srtp-implementations.js'

// RFC 7714, sections 16 and 17 give session keys, not master keys.
const session = {
  encryptionKey: hex('000102030405060708090a0b0c0d0e0f'),
  authenticationKey: Buffer.alloc(0),
  salt: hex('517569642070726f2071756f'),
}

const plainRtp = hex(`8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070
  61727465 73207472 6573`)
const sealedRtp = hex(`8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a
  51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce`)
const plainRtcp = hex(`81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef
  deadbeef deadbeef deadbeef`)
const sealedRtcp = hex(`81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda
  4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4`)
const taggedRtcp = hex(`81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef
  deadbeef deadbeef deadbeef 841dd968 3dd78ec9 2ae58790 125f62b3 000005d4`)

describe.each(IMPLEMENTATIONS)('AEAD_AES_128_GCM, %s', (_, createTransform) => {
  const transform = createTransform('AEAD_AES_128_GCM', { rtp: session, rtcp: session })

  it('seals the SRTP packet of RFC 7714, section 16.1.1', () => {
    const buffer = Buffer.concat([plainRtp, Buffer.alloc(16)])
    transform.sealRtp(buffer, 0, 12, plainRtp.length, 0xf17b)
    expect(buffer).toEqual(sealedRtp)
  })

  it('opens the SRTP packet of RFC 7714, section 16.1.2', () => {
    const buffer = Buffer.from(sealedRtp)
    expect(transform.openRtp(buffer, 0, 12, buffer.length, 0xf17b)).toBe(true)
    expect(buffer.subarray(0, plainRtp.length)).toEqual(plainRtp)
  })

  it('seals the SRTCP packet of RFC 7714, section 17.1', () => {
    const buffer = Buffer.concat([plainRtcp, Buffer.alloc(20)])
    transform.sealRtcp(buffer, 0, plainRtcp.length, 0x5d4)
    expect(buffer).toEqual(sealedRtcp)
  })

  it('opens the SRTCP packet of RFC 7714, section 17.2', () => {
    const buffer = Buffer.from(sealedRtcp)
    expect(transform.openRtcp(buffer, 0, buffer.length, 0x8000_05d4)).toBe(true)
    expect(buffer.subarray(0, plainRtcp.length)).toEqual(plainRtcp)
  })

  it('opens SRTCP that is authenticated but not encrypted, as in RFC 7714, section 17.4', () => {
    const buffer = Buffer.from(taggedRtcp)
    expect(transform.openRtcp(buffer, 0, buffer.length, 0x5d4)).toBe(true)
    expect(buffer).toEqual(taggedRtcp)
    buffer[20] = (buffer[20] as number) ^ 1
    expect(transform.openRtcp(buffer, 0, buffer.length, 0x5d4)).toBe(false)
  })

  it('works at an offset and leaves a refused packet as it was', () => {
    const buffer = Buffer.concat([Buffer.alloc(3, 0xee), sealedRtp])
    const before = Buffer.from(buffer)
    expect(transform.openRtp(buffer, 3, 12, buffer.length, 0x1_f17b)).toBe(false)
    expect(buffer).toEqual(before)
    expect(transform.openRtp(buffer, 3, 12, buffer.length, 0xf17b)).toBe(true)
    expect(buffer.subarray(3, 3 + plainRtp.length)).toEqual(plainRtp)
  })
})
