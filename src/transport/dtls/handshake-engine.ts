/** What the handshake guards expect of the implementation that makes flights and keys: one interface, so that they do not know it. */

/** The protection of records under the keys of one handshake, and whatever else lives as long. */
export interface ProtectedRecords {
  /** One protected record, header included. */
  seal(contentType: number, sequence: number, plaintext: Buffer): Buffer
  /** The plaintext of a protected record, or undefined if it is not authentic. */
  open(contentType: number, version: number, sequence: number, fragment: Buffer): Buffer | undefined
  /** Lets go of everything that only the handshake needed. Idempotent. */
  endHandshake(): void
}

/** Makes this side's flights and keys of one handshake. It is trusted to compute, not to check. */
export interface HandshakeEngine extends ProtectedRecords {
  /** The records of the first flight; client role only. */
  start(): Promise<Buffer[]>
  /** Takes one whole handshake message that was found in order, and returns the records it answers with. Rejects what it cannot use. */
  take(message: Buffer): Promise<Buffer[]>
  /** The master secret, once the key exchange is through. */
  readonly masterSecret: Buffer
}

/** What the server's guard agreed to in a ClientHello; the engine has nothing left to choose. */
export interface ServerAgreement {
  readonly cookie: Buffer
  readonly srtpProfileId: number
  readonly extendedMasterSecret: boolean
}
