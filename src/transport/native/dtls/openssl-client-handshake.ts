/**
 * A handshake that this side begins, made and verified by OpenSSL. What OpenSSL does not know is decided here, before it gets to see a message: that
 * the server agrees to SRTP, that messages come in their order, and that the certificate is the one that the SDP announced.
 */
import { ALERT } from '../../dtls/alert.js'
import { readServerKeyExchange } from '../../dtls/certificate-messages.js'
import {
  ACCEPTED,
  DISCARDED,
  type DtlsParameters,
  type Handshake,
  type HandshakeStep,
  isProtectedAsDue,
  isRefusal,
  refuse,
  refuseCertificate,
  refuseOrder,
} from '../../dtls/handshake.js'
import { HANDSHAKE_TYPE, type HandshakeMessage } from '../../dtls/handshake-message.js'
import { EXTENSION, readClientHello, readHelloVerifyRequest } from '../../dtls/hello.js'
import { mayFollow } from '../../dtls/message-order.js'
import { checkServerHello } from '../../dtls/server-hello-check.js'
import type { Fingerprint, SrtpProfile } from '../../types.js'
import type { OpenSslConnection, OpenSslStep } from './openssl-connection.js'
import { OpenSslEngine } from './openssl-engine.js'
import { type OwnFlight, OwnFlights, refuseAs } from './own-flight.js'

/** What a message that OpenSSL refuses did not prove. */
const NOT_PROVEN: Readonly<Record<number, string>> = {
  [HANDSHAKE_TYPE.helloVerifyRequest]: 'the HelloVerifyRequest cannot be used',
  [HANDSHAKE_TYPE.serverHello]: 'the ServerHello cannot be used',
  [HANDSHAKE_TYPE.certificate]: 'the certificate cannot be used',
  [HANDSHAKE_TYPE.serverKeyExchange]:
    'the peer does not have the key of its certificate, or sent an unusable public key',
  [HANDSHAKE_TYPE.certificateRequest]: 'the CertificateRequest cannot be used',
  [HANDSHAKE_TYPE.serverHelloDone]: 'malformed ServerHelloDone',
  [HANDSHAKE_TYPE.finished]: "the peer's Finished does not match the handshake",
}

/** What it needs to know. */
export interface OpenSslClientConfig {
  readonly remoteFingerprints: readonly Fingerprint[]
  readonly srtpProfiles: readonly SrtpProfile[]
  connect(): OpenSslConnection
}

/** See the top of the file. */
export class OpenSslClientHandshake implements Handshake {
  readonly #config: OpenSslClientConfig
  readonly #flights = new OwnFlights()
  #engine: OpenSslEngine | undefined
  #offeredExtensions: ReadonlyMap<number, Buffer> = new Map()
  /** The last message that went well; our own ClientHello to begin with. */
  #previous: number = HANDSHAKE_TYPE.clientHello
  #clientRandom: Buffer = Buffer.alloc(0)
  #serverRandom: Buffer = Buffer.alloc(0)
  #parameters: DtlsParameters | undefined

  constructor(config: OpenSslClientConfig) {
    this.#config = config
  }

  get canOpen(): boolean {
    return this.#previous === HANDSHAKE_TYPE.serverHelloDone
  }

  get sealsAlerts(): boolean {
    return this.canOpen
  }

  /** Undefined before the start. */
  get engine(): OpenSslEngine | undefined {
    return this.#engine
  }

  async start(): Promise<readonly Buffer[]> {
    const engine = new OpenSslEngine('client', this.#config.connect())
    this.#engine = engine
    const step = engine.start()
    if (step.state === 'failed') throw new Error(`OpenSSL made no ClientHello: ${step.reason}`)
    return this.#noteHello(this.#flights.newIn(step))
  }

  async take(message: HandshakeMessage): Promise<HandshakeStep> {
    const engine = this.#engine
    const isDue = mayFollow(this.#previous, message.type) && isProtectedAsDue(message)
    if (engine === undefined || !isDue) return refuseOrder(message)
    const isFinished = message.type === HANDSHAKE_TYPE.finished
    const refusal = this.#check(message)
    if (refusal !== undefined) return refusal
    const step = isFinished ? engine.takeFinished(message.bytes) : engine.take(message.bytes)
    if (step.state === 'failed') return refuseAs(NOT_PROVEN[message.type] ?? 'refused', step)
    this.#previous = message.type
    switch (message.type) {
      case HANDSHAKE_TYPE.helloVerifyRequest:
        return { kind: 'answered', flight: this.#noteHello(this.#flights.newIn(step)), timed: true }
      case HANDSHAKE_TYPE.serverHelloDone:
        return this.#answerHelloDone(engine, step)
      case HANDSHAKE_TYPE.finished:
        return this.#connect(engine, step)
      default:
        return ACCEPTED
    }
  }

  #noteHello({ records, messages }: OwnFlight): readonly Buffer[] {
    const hello = messages[0] && readClientHello(messages[0].body)
    if (hello === undefined) throw new Error('OpenSSL made no ClientHello')
    this.#clientRandom = Buffer.from(hello.random)
    // Of renegotiation it speaks by a pseudo suite, which asks for the same answer (RFC 5746, section 3.3).
    this.#offeredExtensions = new Map(hello.extensions).set(EXTENSION.renegotiationInfo, Buffer.from([0]))
    return records
  }

  /** Undefined if OpenSSL may have it. */
  #check(message: HandshakeMessage): HandshakeStep | undefined {
    switch (message.type) {
      case HANDSHAKE_TYPE.helloVerifyRequest:
        return readHelloVerifyRequest(message.body) === undefined ? DISCARDED : undefined
      case HANDSHAKE_TYPE.serverHello: {
        const answer = checkServerHello(message.body, this.#offeredExtensions, this.#config.srtpProfiles)
        if (isRefusal(answer)) return answer
        this.#serverRandom = answer.random
        this.#parameters = answer.parameters
        return undefined
      }
      case HANDSHAKE_TYPE.certificate:
        return refuseCertificate(message.body, this.#config.remoteFingerprints)
      case HANDSHAKE_TYPE.serverKeyExchange: {
        const exchange = readServerKeyExchange(message.body)
        if (exchange === undefined) return refuse(ALERT.decodeError, 'malformed ServerKeyExchange')
        if (this.#parameters !== undefined) {
          const { curve, scheme } = exchange
          this.#parameters = { ...this.#parameters, curve, peerSignatureScheme: scheme }
        }
        return undefined
      }
      default:
        return undefined
    }
  }

  #answerHelloDone(engine: OpenSslEngine, step: OpenSslStep): HandshakeStep {
    const { records, messages } = this.#flights.newIn(step)
    if (messages.length === 0) return refuse(ALERT.internalError, 'OpenSSL made no usable flight')
    engine.deriveKeys(this.#clientRandom, this.#serverRandom)
    return { kind: 'answered', flight: records, timed: true }
  }

  #connect(engine: OpenSslEngine, step: OpenSslStep): HandshakeStep {
    const parameters = this.#parameters
    if (step.state !== 'done' || parameters === undefined) {
      return refuse(ALERT.internalError, 'OpenSSL does not take the handshake for done')
    }
    return { kind: 'connected', flight: [], keys: engine.srtpKeys(parameters.srtpProfile), parameters }
  }
}
