import { createCipheriv } from 'node:crypto'
import { expect, it, test } from 'vitest'
import { prf } from '../../../../src/transport/dtls/prf.js'
import { readRecord } from '../../../../src/transport/dtls/record.js'
import { deriveRecordKeys, openRecord, sealRecord } from '../../../../src/transport/dtls/record-protection.js'
import { clientRandom, masterSecret, serverRandom } from './handshake-fixture.js'

const keys = deriveRecordKeys(masterSecret, clientRandom, serverRandom)
const plaintext = Buffer.from('an alert, say')

function open(record: Buffer, from = keys.client) {
  const { contentType, version, sequence, fragment } = readRecord(record, 0) as NonNullable<
    ReturnType<typeof readRecord>
  >
  return openRecord(from, contentType, version, sequence, fragment)
}

it('cuts the key block as RFC 5246 says: keys first, then the salts, the client first of each', () => {
  const block = prf(masterSecret, 'key expansion', Buffer.concat([serverRandom, clientRandom]), 40)
  const cut = [keys.client.key, keys.server.key, keys.client.salt, keys.server.salt]
  expect(Buffer.concat(cut)).toEqual(block)
  expect(cut.map(({ length }) => length)).toEqual([16, 16, 4, 4])
})

it('seals as RFC 5288 and RFC 6347 say', () => {
  const explicit = Buffer.from('0001000000012345', 'hex')
  const cipher = createCipheriv('aes-128-gcm', keys.client.key, Buffer.concat([keys.client.salt, explicit]))
  cipher.setAAD(Buffer.concat([explicit, Buffer.from('15fefd000d', 'hex')]))
  const body = Buffer.concat([explicit, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
  const header = Buffer.concat([Buffer.from('15fefd', 'hex'), explicit, Buffer.from([0, body.length])])
  expect(sealRecord(keys.client, 21, 0x12345, plaintext)).toEqual(Buffer.concat([header, body]))
})

it('opens what the same side has sealed', () => {
  expect(open(sealRecord(keys.client, 21, 7, plaintext))).toEqual(plaintext)
  expect(open(sealRecord(keys.client, 21, 7, Buffer.alloc(0)))).toEqual(Buffer.alloc(0))
  expect(open(sealRecord(keys.client, 21, 7, plaintext), keys.server)).toBeUndefined()
})

// Version and length are read by who takes the datagram apart, and only one epoch is ever protected.
const noticed = Array.from({ length: 13 + 8 + plaintext.length + 16 }, (_, at) => at).filter(
  (at) => ![1, 2, 3, 4, 11, 12].includes(at),
)

test.each(noticed)('a change of byte %i is noticed', (at) => {
  const record = sealRecord(keys.client, 21, 7, plaintext)
  record[at] = (record[at] as number) ^ 1
  expect(open(record)).toBeUndefined()
})

it('what is too short to have nonce and tag is not authentic', () => {
  for (let length = 0; length < 24; length++) {
    expect(openRecord(keys.client, 21, 0xfefd, 7, Buffer.alloc(length))).toBeUndefined()
  }
})
