/** The seams of the transport: what the mux, ICE, DTLS, SRTP and the senders say to each other. */

/** A remote address and the local socket it is reached through. Compared by value; one object per address is kept. */
export interface RemoteAddress {
  readonly ip: string
  readonly port: number
  readonly family: 4 | 6
  /** Index of the local socket. */
  readonly socket: number
  /** The TCP connection that it is the far end of; undefined for UDP. */
  readonly stream?: StreamPath | undefined
  /** Where a sender keeps what it knows of the address; nobody else's. */
  place?: number
}

/** A TCP connection as who sends sees it. */
export interface StreamPath {
  /** So much waits for the network that what can wait should. */
  readonly backlogged: boolean
  /** Whether a packet of `length` bytes may still be sent; counts it as dropped if not. */
  hasRoom(length: number): boolean
  /** Queues the packet at `buffer[offset, offset + length)`, of which it makes a copy; false if it is dropped. */
  send(buffer: Buffer, offset: number, length: number): boolean
  /** Its peer needs it no more: it ends once what was sent has left. */
  release(): void
}

/** Encrypts an RTP packet that waits in a sender's memory, once, just before it leaves. */
export interface PacketSealer {
  /**
   * Encrypts the packet at `buffer[offset]` in place, which has `sealedLength` bytes afterwards; false if it must not be sent. `extSeq` is ROC and
   * sequence number.
   */
  seal(buffer: Buffer, offset: number, headerLength: number, sealedLength: number, extSeq: number): boolean
}

/** What is queued for sending. The portable one uses `dgram`, the native one `sendmmsg`. */
export interface DatagramSender {
  /** Where `reserve` points into; read it anew after each `reserve`. */
  readonly buffer: Buffer
  /** Room for a datagram of at most `length` bytes; -1 when the queue is full (counted as dropped). */
  reserve(length: number): number
  /** Queues the datagram written at `offset`. */
  commit(offset: number, length: number, remote: RemoteAddress): void
  /** Hands everything queued to the kernel. Called once per turn of the event loop. */
  flush(): void
}

/** A `DatagramSender` that has media encrypted, as late as it can: packets to many viewers in one go. */
export interface MediaSender extends DatagramSender {
  /** Queues the plain RTP packet written at `offset`, which will have `sealedLength` bytes once `sealer` has encrypted it. */
  commitPlain(
    offset: number,
    headerLength: number,
    sealedLength: number,
    extSeq: number,
    sealer: PacketSealer,
    remote: RemoteAddress,
  ): void
  /** Has everything that is queued encrypted now. */
  seal(): void
}

/** The SRTP protection profiles that are offered over DTLS (RFC 5764, RFC 7714), in order of preference. */
export const SRTP_PROFILES = ['AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_80'] as const
export type SrtpProfile = (typeof SRTP_PROFILES)[number]

/** Master keys and salts of both directions, from the DTLS exporter (RFC 5764, section 4.2). */
export interface SrtpKeyingMaterial {
  readonly profile: SrtpProfile
  readonly localKey: Buffer
  readonly localSalt: Buffer
  readonly remoteKey: Buffer
  readonly remoteSalt: Buffer
}

/** Protects what this side sends under one set of keys. */
export interface SrtpSender {
  /** Bytes that protection adds behind an RTP packet. */
  readonly rtpOverhead: number
  /** Bytes that protection adds behind an RTCP packet. */
  readonly rtcpOverhead: number
  /** Encrypts the packet at `buffer[offset, offset + length)` in place; returns its new length, 0 if it must not be sent. `extSeq` is ROC and sequence number. */
  protectRtp(buffer: Buffer, offset: number, headerLength: number, length: number, extSeq: number): number
  /** Encrypts the compound packet in place; returns its new length, 0 if it must not be sent. Counts the SRTCP index itself. */
  protectRtcp(buffer: Buffer, offset: number, length: number): number
  /** Lets go of the keys; it is not used any more. Idempotent. */
  close(): void
}

/** Why a protected packet was refused. Negative, so that it cannot be a length. */
export const SRTP_REFUSED = { malformed: -1, authentication: -2, replay: -3 } as const

/** Opens what the other side sends under one set of keys. Never throws on network input. */
export interface SrtpReceiver {
  /**
   * Authenticates and decrypts the SRTP packet `buffer[start, end)` in place; returns the end of the plain packet, or one of
   * {@link SRTP_REFUSED}. A refused packet leaves no trace: no index moves, and no state is made for an SSRC of which nothing was authentic.
   */
  unprotectRtp(buffer: Buffer, start: number, headerLength: number, end: number): number
  /** The same for a compound SRTCP packet. */
  unprotectRtcp(buffer: Buffer, start: number, end: number): number
  /** Lets go of the keys; it is not used any more. Idempotent. */
  close(): void
}

/** A certificate fingerprint as in `a=fingerprint` (RFC 8122): lower-case hash name, upper-case hex pairs with colons. */
export interface Fingerprint {
  readonly algorithm: string
  readonly value: string
}

/** The certificate of this process and its key. */
export interface DtlsIdentity {
  readonly certificatePem: string
  readonly privateKeyPem: string
  readonly fingerprint: Fingerprint
}

/** Why a DTLS association ended. */
export type DtlsEnd = 'close-notify' | 'failed'

/** What a DTLS association needs from its owner. */
export interface DtlsOptions {
  readonly role: 'client' | 'server'
  readonly identity: DtlsIdentity
  /** The peer's certificate must match one of these (sha-256 or stronger). */
  readonly remoteFingerprints: readonly Fingerprint[]
  readonly srtpProfiles: readonly SrtpProfile[]
  /** Sends one datagram to the peer's current address. */
  send(datagram: Buffer): void
  /** The handshake is complete and every guard has passed. Called once. */
  onConnected(keys: SrtpKeyingMaterial): void
  /** It is over; called at most once, never after `close`. */
  onEnd(end: DtlsEnd, detail: string): void
}

/** One DTLS association. */
export interface DtlsTransport {
  /** The client role sends its ClientHello; the server role waits. */
  start(): void
  /** Takes one datagram of the peer. Never throws. */
  receive(datagram: Buffer): void
  /** Sends close_notify if connected, and frees everything. Idempotent. */
  close(): void
}
