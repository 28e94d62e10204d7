import { describe, expect, test } from 'vitest'
import { ALERT } from '../../../../src/transport/dtls/alert.js'
import {
  type ClientHello,
  EXTENSION,
  readClientHello,
  readHelloVerifyRequest,
  readServerHello,
  writeClientHello,
  writeHelloVerifyRequest,
  writeUint16List,
} from '../../../../src/transport/dtls/hello.js'
import { agreeOnHello, engineHello, type HelloAgreement } from '../../../../src/transport/dtls/hello-agreement.js'
import { writeUseSrtp } from '../../../../src/transport/dtls/srtp-keying.js'
import { SRTP_PROFILES } from '../../../../src/transport/types.js'
import { expectNeverThrows, expectStrictParser } from './arbitraries.js'

const random = Buffer.alloc(32, 9)
const extensions: [number, Buffer][] = [
  [EXTENSION.supportedGroups, writeUint16List([23, 29])],
  [EXTENSION.signatureAlgorithms, writeUint16List([0x0804, 0x0403, 0x0401])],
  [EXTENSION.useSrtp, writeUseSrtp(['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'])],
  [EXTENSION.extendedMasterSecret, Buffer.alloc(0)],
]
const body = writeClientHello(random, 0xc02b, extensions)

/** version, random, session id, suite, compression, extensions */
const serverHello = Buffer.concat([
  Buffer.from('fefd', 'hex'),
  random,
  Buffer.from('00c02b00', 'hex'),
  Buffer.from('0009000e0005000200', 'hex'),
  Buffer.from('0700', 'hex'),
])

describe('ClientHello', () => {
  test('is read as it was written', () => {
    expect(readClientHello(body)).toEqual({
      version: 0xfefd,
      random,
      cookie: Buffer.alloc(0),
      cipherSuites: [0xc02b],
      offersNullCompression: true,
      extensions: new Map(extensions),
    })
  })

  test('is refused when cut anywhere but before its extensions', () => {
    const bare = body.length - extensions.reduce((sum, [, data]) => sum + 4 + data.length, 2)
    for (let length = 0; length < body.length; length++) {
      if (length === bare) expect(readClientHello(body.subarray(0, length))?.extensions.size).toBe(0)
      else expect(readClientHello(body.subarray(0, length)), `${length} bytes`).toBeUndefined()
    }
    expect(readClientHello(Buffer.concat([body, Buffer.from([0])]))).toBeUndefined()
    expectNeverThrows(readClientHello)
  })

  test('with the same extension twice is refused', () => {
    const twice = writeClientHello(random, 0xc02b, [
      extensions[3] as [number, Buffer],
      extensions[3] as [number, Buffer],
    ])
    expect(readClientHello(twice)).toBeUndefined()
  })
})

describe('ServerHello', () => {
  test('is read', () => {
    expect(readServerHello(serverHello)).toEqual({
      version: 0xfefd,
      random,
      cipherSuite: 0xc02b,
      compression: 0,
      extensions: new Map([[14, Buffer.from('0002000700', 'hex')]]),
    })
    expectNeverThrows(readServerHello)
  })

  test('is refused when cut anywhere but before its extensions', () => {
    for (let length = 0; length < serverHello.length; length++) {
      const hello = readServerHello(serverHello.subarray(0, length))
      if (length === 38) expect(hello?.extensions.size).toBe(0)
      else expect(hello, `${length} bytes`).toBeUndefined()
    }
  })
})

test('HelloVerifyRequest carries its cookie', () => {
  const cookie = Buffer.alloc(20, 3)
  const request = writeHelloVerifyRequest(cookie)
  expect(readHelloVerifyRequest(request)).toEqual(cookie)
  expectStrictParser(readHelloVerifyRequest, request)
})

describe('the agreement', () => {
  const hello = readClientHello(body) as ClientHello
  const without = (type: number): ClientHello => ({
    ...hello,
    extensions: new Map(extensions.filter(([each]) => each !== type)),
  })
  const having = (type: number, data: Buffer): ClientHello => ({
    ...hello,
    extensions: new Map([...extensions, [type, data]]),
  })

  test('follows our preferences, not the order of the client', () => {
    expect(agreeOnHello(hello, SRTP_PROFILES, 3)).toEqual({
      parameters: { cipherSuite: 0xc02b, curve: 29, srtpProfile: 'AEAD_AES_128_GCM', extendedMasterSecret: true },
      srtpProfileId: 7,
      signatureScheme: 0x0403,
    })
  })

  test('takes what there is', () => {
    const plain = { ...without(EXTENSION.supportedGroups), version: 0xfefc }
    expect(agreeOnHello(plain, ['AES_CM_128_HMAC_SHA1_80'], 3)).toMatchObject({
      parameters: { curve: 23, srtpProfile: 'AES_CM_128_HMAC_SHA1_80' },
      srtpProfileId: 1,
    })
    expect(agreeOnHello(without(EXTENSION.extendedMasterSecret), SRTP_PROFILES, 3)).toMatchObject({
      parameters: { extendedMasterSecret: false },
    })
    expect(agreeOnHello(having(EXTENSION.renegotiationInfo, Buffer.from([0])), SRTP_PROFILES, 3)).toHaveProperty(
      'parameters',
    )
  })

  test.each<{ what: string; offer: ClientHello; alert: number; algorithm?: number }>([
    { what: 'DTLS 1.0', offer: { ...hello, version: 0xfeff }, alert: ALERT.protocolVersion },
    { what: 'TLS', offer: { ...hello, version: 0x0303 }, alert: ALERT.protocolVersion },
    { what: 'no common suite', offer: { ...hello, cipherSuites: [0xc02f] }, alert: ALERT.handshakeFailure },
    { what: 'no suite for our RSA key', offer: hello, alert: ALERT.handshakeFailure, algorithm: 1 },
    { what: 'only compression', offer: { ...hello, offersNullCompression: false }, alert: ALERT.handshakeFailure },
    {
      what: 'no common curve',
      offer: having(EXTENSION.supportedGroups, writeUint16List([24])),
      alert: ALERT.handshakeFailure,
    },
    {
      what: 'only weak signatures',
      offer: having(EXTENSION.signatureAlgorithms, writeUint16List([0x0203])),
      alert: ALERT.handshakeFailure,
    },
    { what: 'no word on signatures', offer: without(EXTENSION.signatureAlgorithms), alert: ALERT.handshakeFailure },
    { what: 'no SRTP', offer: without(EXTENSION.useSrtp), alert: ALERT.handshakeFailure },
    {
      what: 'malformed SRTP',
      offer: having(EXTENSION.useSrtp, Buffer.from('00010700', 'hex')),
      alert: ALERT.handshakeFailure,
    },
    {
      what: 'only another SRTP profile',
      offer: having(EXTENSION.useSrtp, Buffer.from('0002000200', 'hex')),
      alert: ALERT.handshakeFailure,
    },
    {
      what: 'a renegotiation',
      offer: having(EXTENSION.renegotiationInfo, Buffer.from([1, 5])),
      alert: ALERT.handshakeFailure,
    },
  ])('fails with $what', ({ offer, alert, algorithm = 3 }) => {
    expect(agreeOnHello(offer, SRTP_PROFILES, algorithm)).toMatchObject({ kind: 'refused', alert })
  })

  test('leaves the engine no choice', () => {
    const agreement = agreeOnHello(hello, SRTP_PROFILES, 3) as HelloAgreement
    expect(readClientHello(engineHello(random, agreement))).toMatchObject({
      random,
      cipherSuites: [0xc02b],
      extensions: new Map([
        [EXTENSION.supportedGroups, Buffer.from('0002001d', 'hex')],
        [EXTENSION.signatureAlgorithms, Buffer.from('00020403', 'hex')],
        [EXTENSION.useSrtp, Buffer.from('0002000700', 'hex')],
        [EXTENSION.extendedMasterSecret, Buffer.alloc(0)],
      ]),
    })
  })
})
