/** Session keys from master key and master salt (RFC 3711, section 4.3; RFC 7714, section 11), key derivation rate 0. */
import { createCipheriv } from 'node:crypto'
import { BroadcastError } from '../../errors.js'
import type { SrtpProfile } from '../types.js'

/** The keys of one direction for RTP or for RTCP. */
export interface SessionKeys {
  readonly encryptionKey: Buffer
  /** Empty for AEAD profiles, which have no separate authentication. */
  readonly authenticationKey: Buffer
  readonly salt: Buffer
}

/** Everything that is derived for one direction. */
export interface DirectionKeys {
  readonly rtp: SessionKeys
  readonly rtcp: SessionKeys
}

const KEY_BYTES = 16
const BLOCK_BYTES = 16
/** Where in the block the label is. */
const LABEL_BYTE = 7
const SALT_BYTES: Record<SrtpProfile, number> = { AEAD_AES_128_GCM: 12, AES_CM_128_HMAC_SHA1_80: 14 }
const AUTHENTICATION_KEY_BYTES: Record<SrtpProfile, number> = { AEAD_AES_128_GCM: 0, AES_CM_128_HMAC_SHA1_80: 20 }

/** The labels of section 4.3.1 and 4.3.2; those of RTCP follow at a distance of 3. */
const LABEL_ENCRYPTION = 0
const LABEL_AUTHENTICATION = 1
const LABEL_SALT = 2
const LABEL_RTCP_OFFSET = 3

/**
 * Derives the session keys of one direction.
 *
 * @throws BroadcastError `internal-error` if key or salt do not have the length that the profile asks for: the DTLS exporter
 * decides them, not the peer.
 */
export function deriveSessionKeys(profile: SrtpProfile, masterKey: Buffer, masterSalt: Buffer): DirectionKeys {
  if (masterKey.length !== KEY_BYTES || masterSalt.length !== SALT_BYTES[profile]) {
    throw new BroadcastError('internal-error', `SRTP keying material does not fit ${profile}`, {
      details: { keyBytes: masterKey.length, saltBytes: masterSalt.length },
    })
  }
  const lengths = [KEY_BYTES, AUTHENTICATION_KEY_BYTES[profile], SALT_BYTES[profile]]
  const keys = deriveKeys(masterKey, masterSalt, [...lengths, ...lengths])
  const sessionKeys = (at: number): SessionKeys => ({
    encryptionKey: keys[at + LABEL_ENCRYPTION] as Buffer,
    authenticationKey: keys[at + LABEL_AUTHENTICATION] as Buffer,
    salt: keys[at + LABEL_SALT] as Buffer,
  })
  return { rtp: sessionKeys(0), rtcp: sessionKeys(LABEL_RTCP_OFFSET) }
}

/**
 * The AES-CM pseudo-random function (section 4.3.3): for each label, counted from 0, so many bytes of its keystream. The blocks of all of them are
 * encrypted at once, as making a cipher costs far more than using it.
 */
export function deriveKeys(masterKey: Buffer, masterSalt: Buffer, lengths: readonly number[]): Buffer[] {
  const blockCounts = lengths.map((length) => Math.ceil(length / BLOCK_BYTES))
  const blocks = Buffer.alloc(BLOCK_BYTES * blockCounts.reduce((sum, count) => sum + count, 0))
  let start = 0
  for (const [label, count] of blockCounts.entries()) {
    for (let counter = 0; counter < count; counter++) {
      // A 96-bit salt lies at the left as well (RFC 7714, section 11), so the label always meets the same byte.
      masterSalt.copy(blocks, start)
      blocks[start + LABEL_BYTE] = (blocks[start + LABEL_BYTE] as number) ^ label
      blocks.writeUInt16BE(counter, start + BLOCK_BYTES - 2)
      start += BLOCK_BYTES
    }
  }
  const keystream = createCipheriv('aes-128-ecb', masterKey, null).setAutoPadding(false).update(blocks)
  start = 0
  return lengths.map((length, label) => {
    const from = start
    start += BLOCK_BYTES * (blockCounts[label] as number)
    return keystream.subarray(from, from + length)
  })
}
