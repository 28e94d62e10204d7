/**
 * A handshake that the peer begins, made and verified by OpenSSL. What OpenSSL does not know is decided here, before it gets to see a message: that
 * the ClientHello has what both ends need, that messages come in their order, and that the certificate is the one that the SDP announced.
 *
 * There is no cookie (RFC 6347, section 4.2.1): it would prove that the peer receives at its address, and no datagram gets here from an address
 * that has not proven it by an authenticated ICE check.
 */
import { ALERT } from '../../dtls/alert.js'
import { readCertificateVerify } from '../../dtls/certificate-messages.js'
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
import { type ClientHello, EXTENSION, readClientHello, readServerHello } from '../../dtls/hello.js'
import { agreeOnHello } from '../../dtls/hello-agreement.js'
import { CLIENT_FLIGHT } from '../../dtls/message-order.js'
import { chooseSrtpProfile, readUseSrtp } from '../../dtls/srtp-keying.js'
import type { Fingerprint, SrtpProfile } from '../../types.js'
import type { OpenSslConnection } from './openssl-connection.js'
import { OpenSslEngine } from './openssl-engine.js'
import { OwnFlights, refuseAs } from './own-flight.js'

/** What a message that OpenSSL refuses did not prove. */
const NOT_PROVEN: Readonly<Record<number, string>> = {
  [HANDSHAKE_TYPE.certificate]: 'the certificate cannot be used',
  [HANDSHAKE_TYPE.clientKeyExchange]: 'unusable public key in ClientKeyExchange',
  [HANDSHAKE_TYPE.certificateVerify]: 'the peer does not have the key of its certificate',
  [HANDSHAKE_TYPE.finished]: "the peer's Finished does not match the handshake",
}

/** What it needs to know. */
export interface OpenSslServerConfig {
  readonly remoteFingerprints: readonly Fingerprint[]
  readonly srtpProfiles: readonly SrtpProfile[]
  /** The kind of signatures that this side's key makes. */
  readonly signatureAlgorithm: number
  connect(): OpenSslConnection
}

/** See the top of the file. */
export class OpenSslServerHandshake implements Handshake {
  readonly #config: OpenSslServerConfig
  readonly #flights = new OwnFlights()
  #engine: OpenSslEngine | undefined
  #parameters: DtlsParameters | undefined
  #clientRandom: Buffer = Buffer.alloc(0)
  #serverRandom: Buffer = Buffer.alloc(0)
  /** How much of {@link CLIENT_FLIGHT} is here. */
  #received = 0

  constructor(config: OpenSslServerConfig) {
    this.#config = config
  }

  get canOpen(): boolean {
    return this.#received >= 2
  }

  /** Our first protected record is the Finished that completes the handshake. */
  readonly sealsAlerts = false

  /** Undefined before the ClientHello: who says nothing costs OpenSSL nothing. */
  get engine(): OpenSslEngine | undefined {
    return this.#engine
  }

  async start(): Promise<readonly Buffer[]> {
    return []
  }

  async take(message: HandshakeMessage): Promise<HandshakeStep> {
    const engine = this.#engine
    if (engine === undefined) return this.#takeHello(message)
    if (message.type !== CLIENT_FLIGHT[this.#received] || !isProtectedAsDue(message)) return refuseOrder(message)
    const isFinished = message.type === HANDSHAKE_TYPE.finished
    if (message.type === HANDSHAKE_TYPE.certificate) {
      const refusal = refuseCertificate(message.body, this.#config.remoteFingerprints)
      if (refusal !== undefined) return refusal
    }
    const step = isFinished ? engine.takeFinished(message.bytes) : engine.take(message.bytes)
    if (step.state === 'failed') return refuseAs(NOT_PROVEN[message.type] ?? 'refused', step)
    this.#received++
    if (isFinished) return this.#connect(engine, step)
    if (message.type === HANDSHAKE_TYPE.clientKeyExchange) engine.deriveKeys(this.#clientRandom, this.#serverRandom)
    else if (message.type === HANDSHAKE_TYPE.certificateVerify) this.#noteProof(message)
    return ACCEPTED
  }

  #takeHello(message: HandshakeMessage): HandshakeStep {
    // Nothing is at stake yet, so whatever is wrong is simply not a ClientHello.
    if (message.type !== HANDSHAKE_TYPE.clientHello || message.encrypted) return DISCARDED
    const hello = readClientHello(message.body)
    return hello === undefined ? DISCARDED : this.#answerHello(message, hello)
  }

  #answerHello(message: HandshakeMessage, hello: ClientHello): HandshakeStep {
    const { srtpProfiles, signatureAlgorithm } = this.#config
    const agreed = agreeOnHello(hello, srtpProfiles, signatureAlgorithm)
    if (isRefusal(agreed)) return agreed
    const engine = new OpenSslEngine('server', this.#config.connect())
    this.#engine = engine
    const step = engine.take(message.bytes)
    if (step.state === 'failed') return refuseAs('the ClientHello cannot be used', step)
    const { records, messages } = this.#flights.newIn(step)
    const [first] = messages
    const answer = first?.type === HANDSHAKE_TYPE.serverHello ? readServerHello(first.body) : undefined
    const useSrtp = readUseSrtp(answer?.extensions.get(EXTENSION.useSrtp) ?? Buffer.alloc(0))
    const { cipherSuite, srtpProfile } = agreed.parameters
    // It has chosen by the same order of preference, from the same lists.
    if (
      answer?.cipherSuite !== cipherSuite ||
      chooseSrtpProfile(srtpProfiles, useSrtp?.profileIds ?? []) !== srtpProfile ||
      messages.at(-1)?.type !== HANDSHAKE_TYPE.serverHelloDone
    ) {
      return refuse(ALERT.internalError, 'OpenSSL made no usable flight')
    }
    this.#clientRandom = Buffer.from(hello.random)
    this.#serverRandom = Buffer.from(answer.random)
    this.#parameters = {
      ...agreed.parameters,
      extendedMasterSecret: answer.extensions.has(EXTENSION.extendedMasterSecret),
      peerSignatureScheme: 0,
    }
    return { kind: 'answered', flight: records, timed: true }
  }

  #noteProof(message: HandshakeMessage): void {
    const proof = readCertificateVerify(message.body)
    if (this.#parameters === undefined || proof === undefined) return
    this.#parameters = { ...this.#parameters, peerSignatureScheme: proof.scheme }
  }

  #connect(engine: OpenSslEngine, step: ReturnType<OpenSslEngine['take']>): HandshakeStep {
    const parameters = this.#parameters
    const { records } = this.#flights.newIn(step)
    if (step.state !== 'done' || parameters === undefined || records.length === 0) {
      return refuse(ALERT.internalError, 'OpenSSL made no last flight')
    }
    return { kind: 'connected', flight: records, keys: engine.srtpKeys(parameters.srtpProfile), parameters }
  }
}
