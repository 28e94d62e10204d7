import { describe, expect, test } from 'vitest'
import { ALERT } from '../../../../src/transport/dtls/alert.js'
import { ClientHandshake } from '../../../../src/transport/dtls/client-handshake.js'
import type { HandshakeMessage } from '../../../../src/transport/dtls/handshake-message.js'
import { EXTENSION, writeHelloVerifyRequest } from '../../../../src/transport/dtls/hello.js'
import { finishedVerifyData } from '../../../../src/transport/dtls/prf.js'
import { writeUseSrtp } from '../../../../src/transport/dtls/srtp-keying.js'
import { SRTP_PROFILES } from '../../../../src/transport/types.js'
import {
  certificateBody,
  clientHelloBody,
  clientKeyExchangeBody,
  masterSecret,
  message,
  peer,
  ScriptedEngine,
  serverHelloBody,
  serverKeyExchangeBody,
  stranger,
  TYPE,
} from './handshake-fixture.js'

const firstHello = message(TYPE.clientHello, 0, clientHelloBody(Buffer.alloc(0)))
const cookie = Buffer.alloc(20, 8)
const secondHello = message(TYPE.clientHello, 1, clientHelloBody(cookie))
const ownFlight = [
  message(TYPE.certificate, 2, certificateBody(stranger)),
  message(TYPE.clientKeyExchange, 3, clientKeyExchangeBody),
  message(TYPE.certificateVerify, 4, Buffer.alloc(70, 1)),
]

/** What the server sends as it should, from its HelloVerifyRequest on; each made when its turn comes. */
const flight: ((transcript: readonly Buffer[]) => HandshakeMessage)[] = [
  () => message(TYPE.helloVerifyRequest, 0, writeHelloVerifyRequest(cookie)),
  () => message(TYPE.serverHello, 1, serverHelloBody()),
  () => message(TYPE.certificate, 2, certificateBody(peer)),
  () => message(TYPE.serverKeyExchange, 3, serverKeyExchangeBody()),
  () => message(TYPE.certificateRequest, 4, Buffer.alloc(8, 1)),
  () => message(TYPE.serverHelloDone, 5, Buffer.alloc(0)),
  (transcript) => message(TYPE.finished, 6, finishedVerifyData(masterSecret, 'server', transcript), true),
]

/** The handshake after the first `count` messages of the good flight. */
async function handshakeAfter(count: number) {
  const engine = new ScriptedEngine(
    new Map([
      [0, [firstHello]],
      [TYPE.helloVerifyRequest, [secondHello]],
      [TYPE.serverHelloDone, ownFlight],
    ]),
  )
  const handshake = new ClientHandshake({
    remoteFingerprints: [peer.fingerprint],
    srtpProfiles: SRTP_PROFILES,
    engine,
  })
  expect(await handshake.start()).toHaveLength(1)
  let transcript = [firstHello.bytes]
  for (const make of flight.slice(0, count)) {
    const next = make(transcript)
    const { kind } = await handshake.take(next)
    transcript.push(next.bytes)
    if (next.type === TYPE.helloVerifyRequest) transcript = [secondHello.bytes]
    if (next.type === TYPE.serverHelloDone) {
      transcript.push(...ownFlight.map(({ bytes }) => bytes))
      transcript.push(message(TYPE.finished, 5, finishedVerifyData(masterSecret, 'client', transcript)).bytes)
    }
    expect(['accepted', 'answered']).toContain(kind)
  }
  return { handshake, engine, transcript }
}

test('all messages in order connect, with keys', async () => {
  const { handshake, transcript } = await handshakeAfter(6)
  expect(handshake.canOpen).toBe(true)
  expect(await handshake.take((flight[6] as (typeof flight)[0])(transcript))).toMatchObject({
    kind: 'connected',
    flight: [],
    keys: { profile: 'AEAD_AES_128_GCM' },
    parameters: { curve: 29, peerSignatureScheme: 0x0403, extendedMasterSecret: false },
  })
})

test('a server may do without cookie and without asking for a certificate', async () => {
  const { handshake } = await handshakeAfter(0)
  for (const index of [1, 2, 3]) {
    expect((await handshake.take((flight[index] as (typeof flight)[0])([]))).kind).toBe('accepted')
  }
  expect((await handshake.take((flight[5] as (typeof flight)[0])([]))).kind).toBe('answered')
})

describe('in place of each message', () => {
  const everyType = [0, 1, 2, 3, 4, 11, 12, 13, 14, 15, 16, 20, 22, 23, 255]
  const allowed: readonly (readonly number[])[] = [
    [TYPE.helloVerifyRequest, TYPE.serverHello],
    [TYPE.serverHello],
    [TYPE.certificate],
    [TYPE.serverKeyExchange],
    [TYPE.certificateRequest, TYPE.serverHelloDone],
    [TYPE.serverHelloDone],
    [TYPE.finished],
  ]
  const cases = allowed.flatMap((right, position) =>
    everyType.filter((type) => !right.includes(type)).map((type) => ({ right: right.join(' or '), position, type })),
  )

  test.each(cases)('$position (type $right), one of type $type is refused', async ({ position, type }) => {
    const { handshake, transcript, engine } = await handshakeAfter(position)
    const before = engine.taken.length
    const like = flight.map((make) => make(transcript)).find((candidate) => candidate.type === type)
    const wrong = message(type, position, like?.body ?? Buffer.alloc(0), type === TYPE.finished)
    expect(await handshake.take(wrong)).toMatchObject({ kind: 'refused', alert: ALERT.unexpectedMessage })
    expect(engine.taken.length).toBe(before)
  })

  test.each([0, 1, 2, 3, 4, 5, 6])('%i, the same one under the wrong protection is refused', async (position) => {
    const { handshake, transcript } = await handshakeAfter(position)
    const right = (flight[position] as (typeof flight)[0])(transcript)
    const wrong = message(right.type, right.messageSeq, right.body, !right.encrypted)
    expect(await handshake.take(wrong)).toMatchObject({ kind: 'refused', alert: ALERT.unexpectedMessage })
  })
})

describe('a message that is not what was agreed, or proves nothing, is refused', () => {
  const hello = (options: Parameters<typeof serverHelloBody>[0]) => () =>
    message(TYPE.serverHello, 1, serverHelloBody(options))
  const exchange = (options: Parameters<typeof serverKeyExchangeBody>[0]) => () =>
    message(TYPE.serverKeyExchange, 3, serverKeyExchangeBody(options))

  test.each<{
    what: string
    position: number
    make: (transcript: readonly Buffer[]) => HandshakeMessage
    detail: RegExp
  }>([
    { what: 'DTLS 1.0', position: 1, make: hello({ version: 'feff' }), detail: /DTLS 1.2/ },
    { what: 'a suite that was not offered', position: 1, make: hello({ suite: 0xc02c }), detail: /not offered/ },
    { what: 'compression', position: 1, make: hello({ compression: 1 }), detail: /not offered/ },
    {
      what: 'an extension that was not offered',
      position: 1,
      make: hello({ extensions: [[0xabcd, Buffer.alloc(1)]] }),
      detail: /extension 43981/,
    },
    { what: 'no SRTP', position: 1, make: hello({ extensions: [] }), detail: /no common SRTP profile/ },
    {
      what: 'two SRTP profiles',
      position: 1,
      make: hello({ extensions: [[EXTENSION.useSrtp, writeUseSrtp(SRTP_PROFILES)]] }),
      detail: /no common SRTP profile/,
    },
    {
      what: 'an SRTP profile that was not offered',
      position: 1,
      make: hello({ extensions: [[EXTENSION.useSrtp, Buffer.from('0002000200', 'hex')]] }),
      detail: /no common SRTP profile/,
    },
    {
      what: 'an SRTP key identifier that was not offered',
      position: 1,
      make: hello({ extensions: [[EXTENSION.useSrtp, Buffer.from('000200070101', 'hex')]] }),
      detail: /no common SRTP profile/,
    },
    {
      what: 'an empty Certificate',
      position: 2,
      make: () => message(TYPE.certificate, 2, certificateBody()),
      detail: /no certificate/,
    },
    {
      what: 'the certificate of another',
      position: 2,
      make: () => message(TYPE.certificate, 2, certificateBody(stranger)),
      detail: /another fingerprint/,
    },
    {
      what: 'a key exchange signed by another',
      position: 3,
      make: exchange({ identity: stranger }),
      detail: /does not have the key/,
    },
    {
      what: 'a key exchange signed for another client',
      position: 3,
      make: exchange({ random: Buffer.alloc(32, 1) }),
      detail: /does not have the key/,
    },
    {
      what: 'a key exchange correctly signed with sha-1',
      position: 3,
      make: exchange({ hash: 'sha1', scheme: '0203' }),
      detail: /does not have the key/,
    },
    {
      what: 'a public key that fixes the secret',
      position: 3,
      make: exchange({ publicKey: Buffer.alloc(32) }),
      detail: /unusable public key/,
    },
    {
      what: 'a ServerHelloDone with content',
      position: 5,
      make: () => message(TYPE.serverHelloDone, 5, Buffer.alloc(1)),
      detail: /malformed/,
    },
    {
      what: "a Finished of the client's",
      position: 6,
      make: (transcript) => message(TYPE.finished, 6, finishedVerifyData(masterSecret, 'client', transcript), true),
      detail: /Finished does not match/,
    },
    {
      what: 'a Finished over less than everything',
      position: 6,
      make: (transcript) =>
        message(TYPE.finished, 6, finishedVerifyData(masterSecret, 'server', transcript.slice(0, -1)), true),
      detail: /Finished does not match/,
    },
  ])('$what', async ({ position, make, detail }) => {
    const { handshake, transcript, engine } = await handshakeAfter(position)
    const before = engine.taken.length
    expect(await handshake.take(make(transcript))).toMatchObject({
      kind: 'refused',
      detail: expect.stringMatching(detail),
    })
    expect(engine.taken.length).toBe(before)
  })

  test('an RSA suite with an ECDSA certificate', async () => {
    const { handshake } = await handshakeAfter(1)
    await handshake.take(message(TYPE.serverHello, 1, serverHelloBody({ suite: 0xc02f })))
    expect(await handshake.take(message(TYPE.certificate, 2, certificateBody(peer)))).toMatchObject({
      kind: 'refused',
      detail: 'the certificate does not fit the cipher suite',
    })
  })
})
