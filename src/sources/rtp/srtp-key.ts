/** A master key that both ends were given, as `a=crypto` has it (RFC 4568, section 6.1; RFC 7714, section 14.2). */
import type { SrtpKeyingMaterial, SrtpProfile } from '../../transport/types.js'
import { refuseOption } from '../../util/options.js'

/** The key of SRTP and SRTCP, for both directions: the SSRCs keep them apart. */
export interface SrtpKeyOptions {
  readonly profile: 'AES_CM_128_HMAC_SHA1_80' | 'AEAD_AES_128_GCM'
  /** Master key and master salt behind each other, in base64: 30 bytes, with `AEAD_AES_128_GCM` 28. Random, and of this one use only. */
  readonly key: string
}

const KEY_BYTES = 16
const SALT_BYTES: Readonly<Record<SrtpProfile, number>> = { AES_CM_128_HMAC_SHA1_80: 14, AEAD_AES_128_GCM: 12 }
const PROFILES = Object.keys(SALT_BYTES) as SrtpProfile[]

/** The option `srtp`, checked. Throws `option-invalid`, which never quotes a key. */
export function srtpOption(value: SrtpKeyOptions | undefined): SrtpKeyOptions | undefined {
  if (value === undefined) return undefined
  // What stands in the wrong place may be the key itself.
  if (typeof value !== 'object' || value === null) refuseOption('srtp', '{ profile, key }', {})
  const { profile, key } = value
  if (!PROFILES.includes(profile)) refuseOption('srtp.profile', `one of ${PROFILES.join(', ')}`, {})
  const bytes = KEY_BYTES + SALT_BYTES[profile]
  if (typeof key !== 'string' || !/^[A-Za-z0-9+/]+=*$/.test(key) || Buffer.from(key, 'base64').length !== bytes) {
    refuseOption('srtp.key', `${bytes} bytes in base64, key and salt behind each other`, {})
  }
  return { profile, key }
}

/** The keys of both directions. */
export function srtpKeys({ profile, key }: SrtpKeyOptions): SrtpKeyingMaterial {
  const bytes = Buffer.from(key, 'base64')
  const [masterKey, masterSalt] = [bytes.subarray(0, KEY_BYTES), bytes.subarray(KEY_BYTES)]
  return { profile, localKey: masterKey, localSalt: masterSalt, remoteKey: masterKey, remoteSalt: masterSalt }
}
