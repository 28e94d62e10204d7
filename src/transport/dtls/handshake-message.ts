/** Handshake messages and their fragments (RFC 6347, section 4.2.2). */
import { ByteReader } from './byte-reader.js'

/** The messages of a full DTLS 1.2 handshake with certificates (RFC 5246, section 7.4). */
export const HANDSHAKE_TYPE = {
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const

/** Length of a fragment's header. */
export const HANDSHAKE_HEADER_BYTES = 12

/** A piece of a message as one record carries it; `body` is a view. */
export interface HandshakeFragment {
  readonly type: number
  /** Length of the whole message's body. */
  readonly length: number
  readonly messageSeq: number
  readonly offset: number
  readonly body: Buffer
}

/** A whole message. */
export interface HandshakeMessage {
  readonly type: number
  readonly messageSeq: number
  readonly body: Buffer
  /** Header and body as if it had come in one fragment: the form that transcripts are made of. */
  readonly bytes: Buffer
  /** Whether it came under the protection of the new keys. */
  readonly encrypted: boolean
}

/** The fragments in a record's plaintext, or undefined if it is not a row of well-formed ones. */
export function readFragments(plaintext: Buffer): HandshakeFragment[] | undefined {
  const reader = new ByteReader(plaintext)
  const fragments: HandshakeFragment[] = []
  while (reader.remaining > 0) {
    const type = reader.uint8()
    const length = reader.uint24()
    const messageSeq = reader.uint16()
    const offset = reader.uint24()
    const body = reader.vector(3)
    if (reader.failed || offset + body.length > length) return undefined
    // Only an empty message has an empty fragment; anything else would be a way to ask for work with nothing in hand.
    if (body.length === 0 && length > 0) return undefined
    fragments.push({ type, length, messageSeq, offset, body })
  }
  return fragments
}

/** A message from its parts. */
export function createHandshakeMessage(
  type: number,
  messageSeq: number,
  body: Buffer,
  encrypted = false,
): HandshakeMessage {
  const bytes = Buffer.allocUnsafe(HANDSHAKE_HEADER_BYTES + body.length)
  bytes.writeUInt8(type, 0)
  bytes.writeUIntBE(body.length, 1, 3)
  bytes.writeUInt16BE(messageSeq, 4)
  bytes.writeUIntBE(0, 6, 3)
  bytes.writeUIntBE(body.length, 9, 3)
  body.copy(bytes, HANDSHAKE_HEADER_BYTES)
  return { type, messageSeq, body: bytes.subarray(HANDSHAKE_HEADER_BYTES), bytes, encrypted }
}
