/** MESSAGE-INTEGRITY with short-term credentials (RFC 8489, section 14.5) and FINGERPRINT (section 14.7). */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { StunMessage } from './stun-message.js'
import { FINGERPRINT_LENGTH, MESSAGE_INTEGRITY_LENGTH, STUN_HEADER_LENGTH } from './stun-types.js'

const FINGERPRINT_MASK = 0x5354554e

/** The HMAC key that a password stands for. ICE passwords are ASCII, which SASLprep leaves as it is. */
export function integrityKey(password: string): KeyObject {
  return createSecretKey(Buffer.from(password, 'utf8'))
}

/**
 * The HMAC of a message that begins at `start` and whose MESSAGE-INTEGRITY attribute begins at `attributeOffset`. It is computed
 * as if the message ended with that attribute, whatever the length field says.
 */
export function computeIntegrity(buffer: Buffer, start: number, attributeOffset: number, key: KeyObject): Buffer {
  const length = attributeOffset + MESSAGE_INTEGRITY_LENGTH - start - STUN_HEADER_LENGTH
  return createHmac('sha1', key)
    .update(buffer.subarray(start, start + 2))
    .update(Buffer.of(length >> 8, length & 0xff))
    .update(buffer.subarray(start + 4, attributeOffset))
    .digest()
}

/** True if MESSAGE-INTEGRITY is there and made with `key`. */
export function verifyIntegrity(message: StunMessage, key: KeyObject): boolean {
  const at = message.integrityOffset
  if (at < 0) return false
  const expected = computeIntegrity(message.buffer, message.start, at, key)
  return timingSafeEqual(expected, message.buffer.subarray(at + 4, at + MESSAGE_INTEGRITY_LENGTH))
}

/** The FINGERPRINT of a message that begins at `start` and whose FINGERPRINT attribute begins at `attributeOffset`. */
export function computeFingerprint(buffer: Buffer, start: number, attributeOffset: number): number {
  return (crc32(buffer.subarray(start, attributeOffset)) ^ FINGERPRINT_MASK) >>> 0
}

/** True if FINGERPRINT is missing, or there and correct. */
export function verifyFingerprint(message: StunMessage): boolean {
  const at = message.fingerprintOffset
  if (at < 0) return true
  const found = message.buffer.readUInt32BE(at + FINGERPRINT_LENGTH - 4)
  return found === computeFingerprint(message.buffer, message.start, at)
}
