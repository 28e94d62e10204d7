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
const SALT_BYTES: Record<SrtpProfile, number> = { AEAD_AES_128_GCM: 12, AES_CM_128_HMAC_SHA1_80: 14 }
const AUTHENTICATION_KEY_BYTES: Record<SrtpProfile, number> = { AEAD_AES_128_GCM: 0, AES_CM_128_HMAC_SHA1_80: 20 }

/** The labels of section 4.3.1 and 4.3.2; those of RTCP follow at a distance of 3. */
const LABEL_ENCRYPTION = 0
const LABEL_AUTHENTICATION = 1
const LABEL_SALT = 2
const LABEL_RTCP_OFFSET = 3
const LABELS = 6

/** The AES-CM pseudo-random function (section 4.3.3): the keystream of a label, of which no key needs more than two blocks. */
const BLOCK_BYTES = 16
const BLOCKS_PER_LABEL = 2
const LABEL_BYTES = BLOCKS_PER_LABEL * BLOCK_BYTES
/** Which byte of a counter block the label is combined with. */
const LABEL_AT = 7

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
  const authenticationKeyBytes = AUTHENTICATION_KEY_BYTES[profile]
  // Both blocks of each label, by one cipher object: such objects are what this takes its time for.
  const counters = Buffer.alloc(LABELS * LABEL_BYTES)
  for (let at = 0; at < counters.length; at += BLOCK_BYTES) {
    // A 96-bit salt lies at the left as well (RFC 7714, section 11), so the label always meets the same byte.
    counters.set(masterSalt, at)
    counters[at + LABEL_AT] = (counters[at + LABEL_AT] as number) ^ Math.floor(at / LABEL_BYTES)
    counters[at + BLOCK_BYTES - 1] = (at / BLOCK_BYTES) % BLOCKS_PER_LABEL
  }
  const keystream = createCipheriv('aes-128-ecb', masterKey, null).setAutoPadding(false).update(counters)
  const derived = (label: number, length: number): Buffer =>
    keystream.subarray(label * LABEL_BYTES, label * LABEL_BYTES + length)
  const derive = (labelOffset: number): SessionKeys => ({
    encryptionKey: derived(labelOffset + LABEL_ENCRYPTION, KEY_BYTES),
    authenticationKey: derived(labelOffset + LABEL_AUTHENTICATION, authenticationKeyBytes),
    salt: derived(labelOffset + LABEL_SALT, SALT_BYTES[profile]),
  })
  return { rtp: derive(0), rtcp: derive(LABEL_RTCP_OFFSET) }
}
