/**
 * The guard of the client role (RFC 6347, section 4.2; RFC 5246, section 7): insists on ServerHello, Certificate, ServerKeyExchange,
 * ServerHelloDone and Finished in order, each proven, before any key is handed out.
 */
import { type KeyObject, timingSafeEqual } from 'node:crypto'
import type { Fingerprint, SrtpProfile } from '../types.js'
import { ALERT } from './alert.js'
import { readServerKeyExchange } from './certificate-messages.js'
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
import type { HandshakeEngine } from './handshake-engine.js'
import { createHandshakeMessage, HANDSHAKE_TYPE, type HandshakeMessage } from './handshake-message.js'
import { readClientHello, readHelloVerifyRequest } from './hello.js'
import { mayFollow } from './message-order.js'
import { finishedVerifyData } from './prf.js'
import { checkServerHello, SUITE_SIGNATURES } from './server-hello-check.js'
import { signatureAlgorithmOf, verifySignature } from './signature.js'
import { deriveSrtpKeys } from './srtp-keying.js'

/** What the guard needs to know. */
export interface ClientHandshakeConfig {
  readonly remoteFingerprints: readonly Fingerprint[]
  readonly srtpProfiles: readonly SrtpProfile[]
  readonly engine: HandshakeEngine
}

/** A handshake that this side begins. */
export class ClientHandshake implements Handshake {
  readonly #config: ClientHandshakeConfig
  /** Every message so far, from the ClientHello that the server accepted on. */
  #transcript: Buffer[] = []
  #offeredExtensions: ReadonlyMap<number, Buffer> = new Map()
  /** The last message that went well; our own ClientHello to begin with. */
  #previous: number = HANDSHAKE_TYPE.clientHello
  #clientRandom: Buffer = Buffer.alloc(0)
  #serverRandom: Buffer = Buffer.alloc(0)
  #peerKey: KeyObject | undefined
  #parameters: DtlsParameters | undefined

  constructor(config: ClientHandshakeConfig) {
    this.#config = config
  }

  get canOpen(): boolean {
    return this.#previous === HANDSHAKE_TYPE.serverHelloDone
  }

  get sealsAlerts(): boolean {
    return this.canOpen
  }

  /** The engine. */
  get engine(): HandshakeEngine {
    return this.#config.engine
  }

  async start(): Promise<readonly Buffer[]> {
    const flight = await this.engine.start()
    this.#beginTranscript(flight)
    return flight
  }

  async take(message: HandshakeMessage): Promise<HandshakeStep> {
    if (!mayFollow(this.#previous, message.type) || !isProtectedAsDue(message)) return refuseOrder(message)
    switch (message.type) {
      case HANDSHAKE_TYPE.helloVerifyRequest:
        return this.#answerHelloVerifyRequest(message)
      case HANDSHAKE_TYPE.serverHelloDone:
        return message.body.length === 0
          ? this.#answerHelloDone(message)
          : refuse(ALERT.decodeError, 'malformed ServerHelloDone')
      case HANDSHAKE_TYPE.finished:
        return this.#checkFinished(message)
      default: {
        const refusal = this.#check(message)
        if (refusal !== undefined) return refusal
        await this.#pass(message)
        return ACCEPTED
      }
    }
  }

  async #pass(message: HandshakeMessage): Promise<Buffer[]> {
    this.#transcript.push(message.bytes)
    const flight = await this.engine.take(message.bytes)
    this.#previous = message.type
    return flight
  }

  async #answerHelloVerifyRequest(message: HandshakeMessage): Promise<HandshakeStep> {
    if (readHelloVerifyRequest(message.body) === undefined) return DISCARDED
    const flight = await this.#pass(message)
    this.#beginTranscript(flight)
    return { kind: 'answered', flight, timed: true }
  }

  /** The first ClientHello and the HelloVerifyRequest are no part of the transcript (RFC 6347, section 4.2.1). */
  #beginTranscript(flight: readonly Buffer[]): void {
    const own = messagesOf(flight)[0]
    const hello = own && readClientHello(own.body)
    if (own === undefined || hello === undefined) throw new Error('the engine made no ClientHello')
    this.#transcript = [own.bytes]
    this.#clientRandom = Buffer.from(hello.random)
    this.#offeredExtensions = hello.extensions
  }

  /** Undefined if the message proves what it has to. */
  #check(message: HandshakeMessage): HandshakeStep | undefined {
    switch (message.type) {
      case HANDSHAKE_TYPE.serverHello:
        return this.#checkHello(message)
      case HANDSHAKE_TYPE.certificate: {
        const key = checkCertificate(message.body, this.#config.remoteFingerprints)
        if (isRefusal(key)) return key
        if (signatureAlgorithmOf(key) !== SUITE_SIGNATURES.get(this.#parameters?.cipherSuite ?? 0)) {
          return refuse(ALERT.badCertificate, 'the certificate does not fit the cipher suite')
        }
        this.#peerKey = key
        return undefined
      }
      case HANDSHAKE_TYPE.serverKeyExchange:
        return this.#checkKeyExchange(message)
      default:
        return undefined
    }
  }

  #checkHello(message: HandshakeMessage): HandshakeStep | undefined {
    const answer = checkServerHello(message.body, this.#offeredExtensions, this.#config.srtpProfiles)
    if (isRefusal(answer)) return answer
    this.#serverRandom = answer.random
    this.#parameters = answer.parameters
    return undefined
  }

  #checkKeyExchange(message: HandshakeMessage): HandshakeStep | undefined {
    const exchange = readServerKeyExchange(message.body)
    if (exchange === undefined) return refuse(ALERT.decodeError, 'malformed ServerKeyExchange')
    if (!isUsablePublicKey(exchange.curve, exchange.publicKey)) {
      return refuse(ALERT.illegalParameter, 'unusable public key in ServerKeyExchange')
    }
    const signed = [this.#clientRandom, this.#serverRandom, exchange.params]
    const key = this.#peerKey
    if (key === undefined || !verifySignature(key, exchange.scheme, signed, exchange.signature)) {
      return refuse(ALERT.decryptError, 'the peer does not have the key of its certificate')
    }
    if (this.#parameters !== undefined) {
      this.#parameters = { ...this.#parameters, curve: exchange.curve, peerSignatureScheme: exchange.scheme }
    }
    return undefined
  }

  async #answerHelloDone(message: HandshakeMessage): Promise<HandshakeStep> {
    const flight = await this.#pass(message)
    const own = messagesOf(flight)
    const last = own.at(-1)
    if (last === undefined) return refuse(ALERT.internalError, 'the engine made no usable flight')
    for (const { bytes } of own) this.#transcript.push(bytes)
    // Our own Finished left the engine encrypted; both sides' transcripts contain it in the clear.
    const verifyData = finishedVerifyData(this.engine.masterSecret, 'client', this.#transcript)
    this.#transcript.push(createHandshakeMessage(HANDSHAKE_TYPE.finished, last.messageSeq + 1, verifyData).bytes)
    return { kind: 'answered', flight, timed: true }
  }

  #checkFinished(message: HandshakeMessage): HandshakeStep {
    const parameters = this.#parameters
    const { masterSecret } = this.engine
    const expected = finishedVerifyData(masterSecret, 'server', this.#transcript)
    if (
      parameters === undefined ||
      message.body.length !== expected.length ||
      !timingSafeEqual(message.body, expected)
    ) {
      return refuse(ALERT.decryptError, "the peer's Finished does not match the handshake")
    }
    const { srtpProfile } = parameters
    const keys = deriveSrtpKeys(srtpProfile, 'client', masterSecret, this.#clientRandom, this.#serverRandom)
    return { kind: 'connected', flight: [], keys, parameters }
  }
}
