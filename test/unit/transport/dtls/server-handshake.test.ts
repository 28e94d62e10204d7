import { describe, expect, test } from 'vitest'
import { ALERT } from '../../../../src/transport/dtls/alert.js'
import { type HandshakeMessage, readFragments } from '../../../../src/transport/dtls/handshake-message.js'
import { readHelloVerifyRequest } from '../../../../src/transport/dtls/hello.js'
import { finishedVerifyData } from '../../../../src/transport/dtls/prf.js'
import { readRecords } from '../../../../src/transport/dtls/record.js'
import { ServerHandshake } from '../../../../src/transport/dtls/server-handshake.js'
import { SRTP_PROFILES } from '../../../../src/transport/types.js'
import {
  certificateBody,
  certificateVerifyBody,
  clientHelloBody,
  clientKeyExchangeBody,
  masterSecret,
  message,
  peer,
  ScriptedEngine,
  serverHelloBody,
  stranger,
  TYPE,
} from './handshake-fixture.js'

const ownFlight = [
  message(TYPE.serverHello, 1, serverHelloBody()),
  message(TYPE.certificate, 2, certificateBody(stranger)),
  message(TYPE.serverKeyExchange, 3, Buffer.alloc(50, 1)),
  message(TYPE.certificateRequest, 4, Buffer.alloc(8, 1)),
  message(TYPE.serverHelloDone, 5, Buffer.alloc(0)),
]

/** A handshake whose ClientHello was accepted, and its transcript so far. */
async function afterHello() {
  const engine = new ScriptedEngine(
    new Map([
      [TYPE.clientHello, ownFlight],
      [TYPE.finished, [message(TYPE.finished, 6, Buffer.alloc(12))]],
    ]),
  )
  let engines = 0
  const handshake = new ServerHandshake({
    remoteFingerprints: [peer.fingerprint],
    srtpProfiles: SRTP_PROFILES,
    signatureAlgorithm: 3,
    createEngine: () => {
      engines++
      return engine
    },
  })
  const step = await handshake.take(message(TYPE.clientHello, 0, clientHelloBody(Buffer.alloc(0))))
  if (step.kind !== 'answered') throw new Error('no HelloVerifyRequest')
  expect(engines).toBe(0)
  const request = readFragments(readRecords(step.flight)[0]?.fragment as Buffer)?.[0]
  const cookie = readHelloVerifyRequest(request?.body as Buffer) as Buffer
  const hello = message(TYPE.clientHello, 1, clientHelloBody(cookie))
  expect(await handshake.take(hello)).toMatchObject({ kind: 'answered', timed: true })
  expect(engines).toBe(1)
  const transcript = [hello.bytes, ...ownFlight.map(({ bytes }) => bytes)]
  return { handshake, engine, transcript, cookie }
}

/** The client's last flight as it should be, each message made when its turn comes. */
const flight: ((transcript: readonly Buffer[]) => HandshakeMessage)[] = [
  () => message(TYPE.certificate, 2, certificateBody(peer)),
  () => message(TYPE.clientKeyExchange, 3, clientKeyExchangeBody),
  (transcript) => message(TYPE.certificateVerify, 4, certificateVerifyBody(transcript)),
  (transcript) => message(TYPE.finished, 5, finishedVerifyData(masterSecret, 'client', transcript), true),
]

/** The handshake after the first `count` messages of the good flight. */
async function handshakeAfter(count: number) {
  const state = await afterHello()
  for (const make of flight.slice(0, count)) {
    const next = make(state.transcript)
    expect((await state.handshake.take(next)).kind).toBe(next.type === TYPE.finished ? 'connected' : 'accepted')
    state.transcript.push(next.bytes)
  }
  return state
}

test('the whole flight in order connects, with keys', async () => {
  const { handshake, transcript, engine } = await handshakeAfter(3)
  expect(handshake.canOpen).toBe(true)
  const step = await handshake.take((flight[3] as (typeof flight)[0])(transcript))
  expect(step).toMatchObject({
    kind: 'connected',
    keys: { profile: 'AEAD_AES_128_GCM' },
    parameters: { curve: 29, peerSignatureScheme: 0x0403 },
  })
  expect(engine.taken.map(([type]) => type)).toEqual([1, 1, 11, 16, 15, 20])
})

describe('in place of each message', () => {
  const everyType = [0, 1, 2, 3, 4, 11, 12, 13, 14, 15, 16, 20, 22, 23, 255]
  const expected = [TYPE.certificate, TYPE.clientKeyExchange, TYPE.certificateVerify, TYPE.finished]
  const cases = expected.flatMap((right, position) =>
    everyType.filter((type) => type !== right).map((type) => ({ right, position, type })),
  )

  test.each(cases)('of type $right, one of type $type is refused', async ({ position, type }) => {
    const { handshake, transcript, engine } = await handshakeAfter(position)
    const before = engine.taken.length
    // Each with a body that is right for its type, so that only the order is at fault.
    const like = flight.map((make) => make(transcript)).find((candidate) => candidate.type === type)
    const wrong = message(type, 2 + position, like?.body ?? Buffer.alloc(0), type === TYPE.finished)
    expect(await handshake.take(wrong)).toMatchObject({ kind: 'refused', alert: ALERT.unexpectedMessage })
    expect(engine.taken.length).toBe(before)
  })

  test.each([0, 1, 2, 3])('number %i, the same one under the wrong protection is refused', async (position) => {
    const { handshake, transcript } = await handshakeAfter(position)
    const right = (flight[position] as (typeof flight)[0])(transcript)
    const wrong = message(right.type, right.messageSeq, right.body, !right.encrypted)
    expect(await handshake.take(wrong)).toMatchObject({ kind: 'refused', alert: ALERT.unexpectedMessage })
  })
})

describe('a message that proves nothing is refused', () => {
  test.each<{
    what: string
    position: number
    make: (transcript: readonly Buffer[]) => HandshakeMessage
    detail: RegExp
  }>([
    {
      what: 'an empty Certificate',
      position: 0,
      make: () => message(TYPE.certificate, 2, certificateBody()),
      detail: /no certificate/,
    },
    {
      what: 'the certificate of another',
      position: 0,
      make: () => message(TYPE.certificate, 2, certificateBody(stranger)),
      detail: /another fingerprint/,
    },
    {
      what: 'the certificate of another before the right one',
      position: 0,
      make: () => message(TYPE.certificate, 2, certificateBody(stranger, peer)),
      detail: /another fingerprint/,
    },
    {
      what: 'a public key that fixes the secret',
      position: 1,
      make: () => message(TYPE.clientKeyExchange, 3, Buffer.concat([Buffer.from([32]), Buffer.alloc(32)])),
      detail: /unusable public key/,
    },
    {
      what: 'a CertificateVerify by another key',
      position: 2,
      make: (transcript) => message(TYPE.certificateVerify, 4, certificateVerifyBody(transcript, stranger)),
      detail: /does not have the key/,
    },
    {
      what: 'a CertificateVerify over another transcript',
      position: 2,
      make: (transcript) => message(TYPE.certificateVerify, 4, certificateVerifyBody(transcript.slice(1))),
      detail: /does not have the key/,
    },
    {
      what: 'a correct CertificateVerify with sha-1',
      position: 2,
      make: (transcript) => message(TYPE.certificateVerify, 4, certificateVerifyBody(transcript, peer, 'sha1', '0203')),
      detail: /does not have the key/,
    },
    {
      what: "a Finished of the server's",
      position: 3,
      make: (transcript) => message(TYPE.finished, 5, finishedVerifyData(masterSecret, 'server', transcript), true),
      detail: /Finished does not match/,
    },
    {
      what: 'a Finished without content',
      position: 3,
      make: () => message(TYPE.finished, 5, Buffer.alloc(0), true),
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

  test.each([
    ['sha384', '0503'],
    ['sha512', '0603'],
  ])('but a CertificateVerify with %s is as good', async (hash, scheme) => {
    const { handshake, transcript } = await handshakeAfter(2)
    const verify = message(TYPE.certificateVerify, 4, certificateVerifyBody(transcript, peer, hash, scheme))
    expect(await handshake.take(verify)).toEqual({ kind: 'accepted' })
  })
})

describe('before the cookie is back', () => {
  const fresh = () =>
    new ServerHandshake({
      remoteFingerprints: [peer.fingerprint],
      srtpProfiles: SRTP_PROFILES,
      signatureAlgorithm: 3,
      createEngine: () => {
        throw new Error('too early')
      },
    })

  test('the answer is no larger than the request and costs no engine', async () => {
    const hello = message(TYPE.clientHello, 0, clientHelloBody(Buffer.alloc(0)))
    const step = await fresh().take(hello)
    if (step.kind !== 'answered') throw new Error('no answer')
    expect(step.timed).toBe(false)
    expect(Buffer.concat(step.flight).length).toBeLessThanOrEqual(hello.bytes.length)
  })

  test('anything else is passed over', async () => {
    const handshake = fresh()
    for (const wrong of [
      message(TYPE.clientHello, 0, Buffer.alloc(10)),
      message(TYPE.certificate, 0, certificateBody(peer)),
      message(TYPE.finished, 0, Buffer.alloc(12)),
      message(TYPE.clientHello, 1, clientHelloBody(Buffer.alloc(20, 5))),
    ]) {
      expect(await handshake.take(wrong)).toEqual({ kind: 'discarded' })
    }
  })
})

test('what the engine learns comes from the ClientHello that the transcript covers', async () => {
  const { engine } = await afterHello()
  const [told, fed] = engine.taken as [Buffer, Buffer]
  expect(told.subarray(12 + 2, 12 + 34)).toEqual(fed.subarray(12 + 2, 12 + 34))
})
