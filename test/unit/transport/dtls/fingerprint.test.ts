import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { fingerprintOf, isStrongFingerprint, matchesFingerprint } from '../../../../src/transport/dtls/fingerprint.js'
import type { Fingerprint } from '../../../../src/transport/types.js'

const certificate = Buffer.from('a certificate')

function fingerprint(algorithm: string, hash: string, bytes = certificate): Fingerprint {
  const pairs = createHash(hash).update(bytes).digest('hex').toUpperCase().match(/../g) as string[]
  return { algorithm, value: pairs.join(':') }
}

const sha256 = fingerprint('sha-256', 'sha256')
const other = fingerprint('sha-256', 'sha256', Buffer.from('another'))
const sha1 = fingerprint('sha-1', 'sha1')
const md5 = fingerprint('md5', 'md5')

test('the fingerprint of a certificate matches it', () => {
  expect(fingerprintOf(certificate)).toEqual(sha256)
  expect(matchesFingerprint(certificate, [fingerprintOf(certificate)])).toBe(true)
})

describe('a certificate matches', () => {
  test.each([
    ['sha-256', 'sha256'],
    ['sha-384', 'sha384'],
    ['sha-512', 'sha512'],
  ])('by %s', (algorithm, hash) => {
    expect(matchesFingerprint(certificate, [fingerprint(algorithm, hash)])).toBe(true)
  })

  test('by one of several, in whatever case', () => {
    expect(matchesFingerprint(certificate, [sha1, other, sha256])).toBe(true)
    expect(matchesFingerprint(certificate, [{ algorithm: 'SHA-256', value: sha256.value.toLowerCase() }])).toBe(true)
  })
})

describe('a certificate does not match', () => {
  test.each([
    { what: 'nothing', list: [] },
    { what: 'another fingerprint', list: [other] },
    { what: 'its own under sha-1 or md5', list: [sha1, md5] },
    { what: 'its own under sha-1 with another strong one', list: [sha1, other] },
    { what: 'a prefix', list: [{ ...sha256, value: sha256.value.slice(0, 47) }] },
    { what: 'an empty value', list: [{ ...sha256, value: '' }] },
    { what: 'no hex', list: [{ ...sha256, value: 'ZZ:ZZ' }] },
    { what: 'its sha-256 under the name of sha-512', list: [{ ...sha256, algorithm: 'sha-512' }] },
    { what: 'a name of every object', list: [{ ...sha256, algorithm: 'constructor' }] },
  ])('$what', ({ list }) => {
    expect(matchesFingerprint(certificate, list)).toBe(false)
  })
})

test('only sha-256 and up is strong', () => {
  expect(isStrongFingerprint(sha256)).toBe(true)
  expect(isStrongFingerprint(sha1)).toBe(false)
  expect(isStrongFingerprint(md5)).toBe(false)
  expect(isStrongFingerprint({ algorithm: 'toString', value: '' })).toBe(false)
})
