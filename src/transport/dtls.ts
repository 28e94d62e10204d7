/**
 * DTLS 1.2 for SRTP keys (RFC 6347, RFC 5764): werift makes flights and keys, and the guards in `dtls/` decide what it gets to see and
 * whether the keys are handed out.
 *
 * werift checks neither CertificateVerify nor ServerKeyExchange nor Finished, renegotiates when asked to, and buffers fragments
 * without a limit. So no datagram reaches it: it is fed whole messages, in order, each of which has been proven. Its timers are
 * not used either: a flight is taken out of its hands when it is about to be sent.
 */
import { sign, X509Certificate } from 'node:crypto'
import { CipherContext, DtlsClient, DtlsServer, HashAlgorithm, NamedCurveAlgorithm, SignatureAlgorithm } from 'werift'
import { systemTimers, type TimerHost } from '../util/clock.js'
import { DtlsAssociation } from './dtls/association.js'
import type { DtlsStats } from './dtls/association-stats.js'
import { ClientHandshake } from './dtls/client-handshake.js'
import { fingerprintOf } from './dtls/fingerprint.js'
import type { HandshakeEngine, ServerAgreement } from './dtls/handshake-engine.js'
import { type ParsedIdentity, parseIdentity } from './dtls/parsed-identity.js'
import { CONTENT_TYPE, writeRecord } from './dtls/record.js'
import { ServerHandshake } from './dtls/server-handshake.js'
import { SIGNATURE_ALGORITHM } from './dtls/signature.js'
import { SRTP_PROFILE_ID } from './dtls/srtp-keying.js'
import type { DtlsIdentity, DtlsOptions, DtlsTransport } from './types.js'

/** What werift's transport throws after it has taken a flight: it ends werift's own retransmission before it begins. */
const FLIGHT_TAKEN = new Error('the flight was taken')

type WeriftSocket = DtlsServer | DtlsClient
type WeriftOptions = ConstructorParameters<typeof DtlsServer>[0]
type WeriftSrtpProfiles = NonNullable<WeriftOptions['srtpProfiles']>

/** Gives werift the parsed key. It stays with the cipher, so nothing here may hold on to the socket. */
function signWith(cipher: CipherContext, { certificate, privateKey, signatureAlgorithm }: ParsedIdentity): void {
  cipher.localCert = certificate
  cipher.signatureHashAlgorithm = {
    hash: HashAlgorithm.sha256_4,
    signature: signatureAlgorithm === SIGNATURE_ALGORITHM.rsa ? SignatureAlgorithm.rsa_1 : SignatureAlgorithm.ecdsa_3,
  }
  cipher.signatureData = (data, hash) => sign(hash, data, privateKey)
  // Of werift's key object only this method is used once `signatureData` is ours.
  const localKey = { sign: (data: Buffer, hash: string) => sign(hash, data, privateKey) }
  cipher.localPrivateKey = localKey as unknown as CipherContext['localPrivateKey']
}

/** werift as the engine of one handshake. */
class WeriftEngine implements HandshakeEngine {
  #socket: WeriftSocket | undefined
  readonly #cipher: CipherContext
  #taken: Buffer[] = []
  #handling: Promise<void> | undefined

  constructor(identity: ParsedIdentity, create: (options: Pick<WeriftOptions, 'transport'>) => WeriftSocket) {
    const transport: WeriftOptions['transport'] = {
      type: 'memory',
      address: { address: '', family: '', port: 0 },
      closed: false,
      onData: () => {},
      send: (data) => {
        this.#taken.push(data)
        throw FLIGHT_TAKEN
      },
      close: async () => {},
    }
    const socket = create({ transport })
    const handle = socket.onHandleHandshakes
    socket.onHandleHandshakes = (messages) => {
      this.#handling = handle(messages)
      return this.#handling
    }
    signWith(socket.cipher, identity)
    this.#socket = socket
    this.#cipher = socket.cipher
  }

  get masterSecret(): Buffer {
    return this.#cipher.masterSecret
  }

  async start(): Promise<Buffer[]> {
    const socket = this.#socket
    if (!(socket instanceof DtlsClient)) throw new Error('only a client begins a handshake')
    return this.#flightOf(() => socket.connect())
  }

  async take(message: Buffer): Promise<Buffer[]> {
    const socket = this.#socket
    if (socket === undefined) throw new Error('the handshake is over')
    return this.#flightOf(() => {
      this.#handling = undefined
      socket.transport.socket.onData(writeRecord(CONTENT_TYPE.handshake, 0, 0, message), ['', 0])
      if (this.#handling === undefined) throw new Error('werift cannot read the message')
      return this.#handling
    })
  }

  seal(contentType: number, sequence: number, plaintext: Buffer): Buffer {
    const header = {
      contentType,
      protocolVersion: { major: 0xfe, minor: 0xfd },
      epoch: 1,
      sequenceNumber: sequence,
      contentLen: plaintext.length,
    }
    const packet = { recordLayerHeader: header, fragment: plaintext } as Parameters<CipherContext['encryptPacket']>[0]
    return writeRecord(contentType, 1, sequence, this.#cipher.encryptPacket(packet).fragment)
  }

  open(contentType: number, version: number, sequence: number, fragment: Buffer): Buffer | undefined {
    // Explicit nonce and tag of AES-GCM (RFC 5288, section 3); werift does not look at the length.
    if (fragment.length < 8 + 16) return undefined
    const header = {
      contentType,
      protocolVersion: { major: version >> 8, minor: version & 0xff },
      epoch: 1,
      sequenceNumber: sequence,
      contentLen: fragment.length,
    }
    try {
      const packet = { recordLayerHeader: header, fragment } as Parameters<CipherContext['decryptPacket']>[0]
      return this.#cipher.decryptPacket(packet)
    } catch {
      return undefined
    }
  }

  endHandshake(): void {
    this.#socket = undefined
    this.#taken = []
    this.#handling = undefined
  }

  async #flightOf(work: () => Promise<void>): Promise<Buffer[]> {
    this.#taken = []
    try {
      await work()
    } catch (error) {
      if (error !== FLIGHT_TAKEN) throw error
    }
    const taken = this.#taken
    // A flight of several messages is refused at its first one; werift keeps all of them to repeat them.
    const whole = this.#socket?.dtls.lastMessage ?? []
    return taken[0] !== undefined && whole[0] === taken[0] ? whole : taken
  }
}

function createServerEngine(identity: ParsedIdentity, agreement: ServerAgreement): HandshakeEngine {
  return new WeriftEngine(identity, (options) => {
    const server = new DtlsServer({
      ...options,
      srtpProfiles: [agreement.srtpProfileId] as WeriftSrtpProfiles,
      certificateRequest: true,
      // werift announces it whether or not the client asked for it, so it is only told if so.
      extendedMasterSecret: agreement.extendedMasterSecret,
    })
    server.dtls.cookie = agreement.cookie
    return server
  })
}

function createClientEngine(identity: ParsedIdentity, options: DtlsOptions): HandshakeEngine {
  return new WeriftEngine(
    identity,
    ({ transport }) =>
      new DtlsClient({
        transport,
        srtpProfiles: options.srtpProfiles.map((profile) => SRTP_PROFILE_ID[profile]) as WeriftSrtpProfiles,
        extendedMasterSecret: true,
      }),
  )
}

/**
 * A fresh ECDSA P-256 key with a self-signed certificate, sha-256 fingerprint and random serial number. Subject and issuer are the
 * same constant name in every process: nothing in it tells of the host.
 */
export async function generateDtlsIdentity(): Promise<DtlsIdentity> {
  const { certPem, keyPem } = await CipherContext.createSelfSignedCertificateWithKey(
    { hash: HashAlgorithm.sha256_4, signature: SignatureAlgorithm.ecdsa_3 },
    NamedCurveAlgorithm.secp256r1_23,
  )
  const fingerprint = fingerprintOf(new X509Certificate(certPem).raw)
  return { certificatePem: certPem, privateKeyPem: keyPem, fingerprint }
}

/** An association that can also be asked for its counts. */
export interface ObservableDtlsTransport extends DtlsTransport {
  /** Counts of dropped input and of retransmissions, and the agreed parameters once connected. */
  stats(): DtlsStats
}

/**
 * One DTLS association. Nothing is sent before `start`; the peer's certificate, its possession of the key, and its Finished are
 * verified before `onConnected`. Throws a BroadcastError `option-invalid` if the identity's PEM texts are not a usable pair.
 */
export function createDtlsTransport(options: DtlsOptions, timers: TimerHost = systemTimers): ObservableDtlsTransport {
  const identity = parseIdentity(options.identity)
  const { remoteFingerprints, srtpProfiles } = options
  const handshake =
    options.role === 'client'
      ? new ClientHandshake({ remoteFingerprints, srtpProfiles, engine: createClientEngine(identity, options) })
      : new ServerHandshake({
          remoteFingerprints,
          srtpProfiles,
          signatureAlgorithm: identity.signatureAlgorithm,
          createEngine: (agreement) => createServerEngine(identity, agreement),
        })
  return new DtlsAssociation(options, handshake, timers)
}
