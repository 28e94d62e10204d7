import { describe, expect, test } from 'vitest'
import {
  readCertificate,
  readCertificateVerify,
  readClientKeyExchange,
  readServerKeyExchange,
} from '../../../../src/transport/dtls/certificate-messages.js'
import { expectNeverThrows, expectStrictParser } from './arbitraries.js'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('Certificate', () => {
  test('yields the first of the chain', () => {
    const chain = hex('000009 000002 aabb 000001 cc')
    expect(readCertificate(chain)).toEqual(hex('aabb'))
    expectStrictParser(readCertificate, chain)
  })

  test('tells an empty list from a malformed one', () => {
    expect(readCertificate(hex('000000'))).toBe('none')
    expect(readCertificate(hex('000003 000000'))).toBeUndefined()
    expect(readCertificate(hex('000008 000002 aabb 000005'))).toBeUndefined()
  })
})

test('CertificateVerify yields scheme and signature', () => {
  const verify = hex('0403 0003 010203')
  expect(readCertificateVerify(verify)).toEqual({ scheme: 0x0403, signature: hex('010203') })
  expectStrictParser(readCertificateVerify, verify)
})

describe('ServerKeyExchange', () => {
  const exchange = hex('03 001d 03 aabbcc 0403 0002 eeff')

  test('yields the key, and exactly the bytes that are signed', () => {
    expect(readServerKeyExchange(exchange)).toEqual({
      curve: 29,
      publicKey: hex('aabbcc'),
      params: hex('03 001d 03 aabbcc'),
      scheme: 0x0403,
      signature: hex('eeff'),
    })
    expectStrictParser(readServerKeyExchange, exchange)
  })

  test('with explicit curve parameters is refused', () => {
    expect(readServerKeyExchange(hex('01 001d 03 aabbcc 0403 0002 eeff'))).toBeUndefined()
  })
})

test('ClientKeyExchange yields the public key, which is not empty', () => {
  expect(readClientKeyExchange(hex('02 aabb'))).toEqual(hex('aabb'))
  expect(readClientKeyExchange(hex('00'))).toBeUndefined()
  expect(readClientKeyExchange(hex('02 aabbcc'))).toBeUndefined()
  expectNeverThrows(readClientKeyExchange)
})
