/** Protects and opens records of DTLS 1.2 with AES-128-GCM (RFC 5246, section 6.3; RFC 5288, section 3; RFC 6347, section 4.1.2.1). */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { prf } from './prf.js'
import { DTLS_1_2, writeRecord } from './record.js'
import { unpooled } from './unpooled.js'

const KEY_BYTES = 16
const SALT_BYTES = 4
const EXPLICIT_NONCE_BYTES = 8
const TAG_BYTES = 16
/** The only epoch that is ever protected: nobody renegotiates. */
const EPOCH = 1

/** Key and implicit part of the nonce of one direction. */
interface WriteKeys {
  readonly key: Buffer
  readonly salt: Buffer
}

/** Both directions' keys, as the suites with AES-128-GCM and SHA-256 derive them. */
export interface RecordKeys {
  readonly client: WriteKeys
  readonly server: WriteKeys
}

/** The record keys of a handshake. */
export function deriveRecordKeys(masterSecret: Buffer, clientRandom: Buffer, serverRandom: Buffer): RecordKeys {
  const randoms = Buffer.concat([serverRandom, clientRandom])
  const block = prf(masterSecret, 'key expansion', randoms, 2 * (KEY_BYTES + SALT_BYTES))
  const cut = (start: number, length: number) => unpooled(block.subarray(start, start + length))
  const salts = 2 * KEY_BYTES
  return {
    client: { key: cut(0, KEY_BYTES), salt: cut(salts, SALT_BYTES) },
    server: { key: cut(KEY_BYTES, KEY_BYTES), salt: cut(salts + SALT_BYTES, SALT_BYTES) },
  }
}

/**
 * A protected record, header included. The explicit part of the nonce is epoch and record number, which nothing else of the sender must have: a
 * number is used once.
 */
export function sealRecord(keys: WriteKeys, contentType: number, sequence: number, plaintext: Buffer): Buffer {
  const explicit = epochAndSequence(sequence)
  const cipher = createCipheriv('aes-128-gcm', keys.key, Buffer.concat([keys.salt, explicit]))
  cipher.setAAD(additionalData(explicit, contentType, DTLS_1_2, plaintext.length))
  const fragment = Buffer.concat([explicit, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
  return writeRecord(contentType, EPOCH, sequence, fragment)
}

/** The plaintext of a protected record's fragment, or undefined if it is not authentic. */
export function openRecord(
  keys: WriteKeys,
  contentType: number,
  version: number,
  sequence: number,
  fragment: Buffer,
): Buffer | undefined {
  const length = fragment.length - EXPLICIT_NONCE_BYTES - TAG_BYTES
  if (length < 0) return undefined
  const nonce = Buffer.concat([keys.salt, fragment.subarray(0, EXPLICIT_NONCE_BYTES)])
  const decipher = createDecipheriv('aes-128-gcm', keys.key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(additionalData(epochAndSequence(sequence), contentType, version, length))
  decipher.setAuthTag(fragment.subarray(EXPLICIT_NONCE_BYTES + length))
  try {
    const plaintext = decipher.update(fragment.subarray(EXPLICIT_NONCE_BYTES, EXPLICIT_NONCE_BYTES + length))
    decipher.final()
    return plaintext
  } catch {
    return undefined
  }
}

function epochAndSequence(sequence: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt16BE(EPOCH, 0)
  bytes.writeUIntBE(sequence, 2, 6)
  return bytes
}

function additionalData(number: Buffer, contentType: number, version: number, length: number): Buffer {
  const rest = Buffer.alloc(5)
  rest.writeUInt8(contentType, 0)
  rest.writeUInt16BE(version, 1)
  rest.writeUInt16BE(length, 3)
  return Buffer.concat([number, rest])
}
