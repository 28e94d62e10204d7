/**
 * The guard of the server role (RFC 6347, section 4.2; RFC 5246, section 7): answers the first ClientHello with a cookie, settles all
 * parameters from the second one, and then insists on Certificate, ClientKeyExchange, CertificateVerify and Finished, each proven.
 *
 * The engine never sees a ClientHello before its cookie is right: all it is told about comes from the ClientHello that the
 * transcript, and so both Finished messages, cover.
 */
import { type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Fingerprint, SrtpProfile } from '../types.js'
import { ALERT } from './alert.js'
import { readCertificateVerify, readClientKeyExchange } from './certificate-messages.js'
import { isUsablePublicKey } from './curve.js'
import {
  ACCEPTED,
  checkCertificate,
  DISCARDED,
  type DtlsParameters,
  type Handshake,
  type HandshakeStep,
  isProtectedAsDue,
  isRefusal,
  messagesOf,
  refuse,
  refuseOrder,
} from './handshake.js'
import type { HandshakeEngine, ServerAgreement } from './handshake-engine.js'
import { createHandshakeMessage, HANDSHAKE_TYPE, type HandshakeMessage } from './handshake-message.js'
import { type ClientHello, readClientHello, readServerHello, writeHelloVerifyRequest } from './hello.js'
import { agreeOnHello, engineHello } from './hello-agreement.js'
import { CLIENT_FLIGHT } from './message-order.js'
import { finishedVerifyData } from './prf.js'
import { CONTENT_TYPE, writeRecord } from './record.js'
import { verifySignature } from './signature.js'
import { deriveSrtpKeys } from './srtp-keying.js'

const COOKIE_BYTES = 20

/** What the guard needs to know. */
export interface ServerHandshakeConfig {
  readonly remoteFingerprints: readonly Fingerprint[]
  readonly srtpProfiles: readonly SrtpProfile[]
  /** The kind of signatures that this side's key makes. */
  readonly signatureAlgorithm: number
  createEngine(agreement: ServerAgreement): HandshakeEngine
}

/** A handshake that the peer begins. */
export class ServerHandshake implements Handshake {
  readonly #config: ServerHandshakeConfig
  readonly #cookie = randomBytes(COOKIE_BYTES)
  /** Every message so far, from the ClientHello with the cookie on. */
  readonly #transcript: Buffer[] = []
  #engine: HandshakeEngine | undefined
  #parameters: Omit<DtlsParameters, 'peerSignatureScheme'> | undefined
  #clientRandom: Buffer = Buffer.alloc(0)
  #serverRandom: Buffer = Buffer.alloc(0)
  #peerKey: KeyObject | undefined
  #peerSignatureScheme = 0
  /** How much of {@link CLIENT_FLIGHT} is here. */
  #received = 0

  constructor(config: ServerHandshakeConfig) {
    this.#config = config
  }

  get canOpen(): boolean {
    return this.#received >= 2
  }

  /** Our first protected record is the Finished that completes the handshake. */
  readonly sealsAlerts = false

  /** The engine, once there is one. */
  get engine(): HandshakeEngine | undefined {
    return this.#engine
  }

  async start(): Promise<readonly Buffer[]> {
    return []
  }

  async take(message: HandshakeMessage): Promise<HandshakeStep> {
    const engine = this.#engine
    if (engine === undefined) return this.#takeHello(message)
    if (message.type !== CLIENT_FLIGHT[this.#received] || !isProtectedAsDue(message)) return refuseOrder(message)
    const refusal = this.#check(message, engine)
    if (refusal !== undefined) return refusal
    this.#transcript.push(message.bytes)
    const flight = await engine.take(message.bytes)
    this.#received++
    return message.type === HANDSHAKE_TYPE.finished ? this.#connect(engine, flight) : ACCEPTED
  }

  #takeHello(message: HandshakeMessage): HandshakeStep | Promise<HandshakeStep> {
    // Nothing is at stake yet, so whatever is wrong is simply not a ClientHello.
    if (message.type !== HANDSHAKE_TYPE.clientHello || message.encrypted) return DISCARDED
    const hello = readClientHello(message.body)
    if (hello === undefined) return DISCARDED
    if (hello.cookie.equals(this.#cookie)) return this.#answerHello(message, hello)
    if (message.messageSeq !== 0) return DISCARDED
    const request = createHandshakeMessage(HANDSHAKE_TYPE.helloVerifyRequest, 0, writeHelloVerifyRequest(this.#cookie))
    return { kind: 'answered', flight: [writeRecord(CONTENT_TYPE.handshake, 0, 0, request.bytes)], timed: false }
  }

  async #answerHello(message: HandshakeMessage, hello: ClientHello): Promise<HandshakeStep> {
    const agreed = agreeOnHello(hello, this.#config.srtpProfiles, this.#config.signatureAlgorithm)
    if (isRefusal(agreed)) return agreed
    const engine = this.#config.createEngine({
      cookie: this.#cookie,
      srtpProfileId: agreed.srtpProfileId,
      extendedMasterSecret: agreed.parameters.extendedMasterSecret,
    })
    this.#engine = engine
    this.#parameters = agreed.parameters
    this.#clientRandom = Buffer.from(hello.random)
    // Its own HelloVerifyRequest is not needed any more; what it learns here are the parameters.
    await engine.take(createHandshakeMessage(HANDSHAKE_TYPE.clientHello, 0, engineHello(hello.random, agreed)).bytes)
    const flight = await engine.take(message.bytes)
    const own = messagesOf(flight)
    const serverHello = own[0]?.type === HANDSHAKE_TYPE.serverHello ? readServerHello(own[0].body) : undefined
    if (serverHello === undefined || !own.some(({ type }) => type === HANDSHAKE_TYPE.certificateRequest)) {
      return refuse(ALERT.internalError, 'the engine made no usable flight')
    }
    this.#serverRandom = Buffer.from(serverHello.random)
    this.#transcript.push(message.bytes, ...own.map(({ bytes }) => bytes))
    return { kind: 'answered', flight, timed: true }
  }

  /** Undefined if the message proves what it has to. */
  #check(message: HandshakeMessage, engine: HandshakeEngine): HandshakeStep | undefined {
    switch (message.type) {
      case HANDSHAKE_TYPE.certificate: {
        const key = checkCertificate(message.body, this.#config.remoteFingerprints)
        if (isRefusal(key)) return key
        this.#peerKey = key
        return undefined
      }
      case HANDSHAKE_TYPE.clientKeyExchange: {
        const publicKey = readClientKeyExchange(message.body)
        if (publicKey === undefined) return refuse(ALERT.decodeError, 'malformed ClientKeyExchange')
        if (isUsablePublicKey(this.#parameters?.curve ?? 0, publicKey)) return undefined
        return refuse(ALERT.illegalParameter, 'unusable public key in ClientKeyExchange')
      }
      case HANDSHAKE_TYPE.certificateVerify: {
        const proof = readCertificateVerify(message.body)
        if (proof === undefined) return refuse(ALERT.decodeError, 'malformed CertificateVerify')
        this.#peerSignatureScheme = proof.scheme
        if (
          this.#peerKey !== undefined &&
          verifySignature(this.#peerKey, proof.scheme, this.#transcript, proof.signature)
        ) {
          return undefined
        }
        return refuse(ALERT.decryptError, 'the peer does not have the key of its certificate')
      }
      default: {
        const expected = finishedVerifyData(engine.masterSecret, 'client', this.#transcript)
        if (message.body.length === expected.length && timingSafeEqual(message.body, expected)) return undefined
        return refuse(ALERT.decryptError, "the peer's Finished does not match the handshake")
      }
    }
  }

  #connect(engine: HandshakeEngine, flight: readonly Buffer[]): HandshakeStep {
    const parameters = this.#parameters
    if (parameters === undefined || flight.length === 0) {
      return refuse(ALERT.internalError, 'the engine made no last flight')
    }
    return {
      kind: 'connected',
      flight,
      keys: deriveSrtpKeys(
        parameters.srtpProfile,
        'server',
        engine.masterSecret,
        this.#clientRandom,
        this.#serverRandom,
      ),
      parameters: { ...parameters, peerSignatureScheme: this.#peerSignatureScheme },
    }
  }
}
