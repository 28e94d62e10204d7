/** The use_srtp extension and the keys that come of it (RFC 5764, section 4; RFC 7714, section 14.2). */
import type { SrtpKeyingMaterial, SrtpProfile } from '../types.js'
import { ByteReader } from './byte-reader.js'
import { exportKeyingMaterial } from './prf.js'

/** The registered numbers of the profiles. */
export const SRTP_PROFILE_ID: Readonly<Record<SrtpProfile, number>> = {
  AEAD_AES_128_GCM: 0x0007,
  AES_CM_128_HMAC_SHA1_80: 0x0001,
}

const KEY_BYTES = 16
const SALT_BYTES: Readonly<Record<SrtpProfile, number>> = { AEAD_AES_128_GCM: 12, AES_CM_128_HMAC_SHA1_80: 14 }

/** The profiles and the MKI in a use_srtp extension, or undefined if it is malformed. */
export function readUseSrtp(data: Buffer): { profileIds: number[]; mki: Buffer } | undefined {
  const reader = new ByteReader(data)
  const profiles = new ByteReader(reader.vector(2))
  const mki = reader.vector(1)
  if (!reader.complete || profiles.remaining === 0 || profiles.remaining % 2 !== 0) return undefined
  const profileIds: number[] = []
  while (profiles.remaining > 0) profileIds.push(profiles.uint16())
  return { profileIds, mki }
}

/** A use_srtp extension with these profiles and no MKI. */
export function writeUseSrtp(profiles: readonly SrtpProfile[]): Buffer {
  const data = Buffer.alloc(2 + profiles.length * 2 + 1)
  data.writeUInt16BE(profiles.length * 2, 0)
  profiles.forEach((profile, index) => {
    data.writeUInt16BE(SRTP_PROFILE_ID[profile], 2 + index * 2)
  })
  return data
}

/** The first of `preferred` that is among `offeredIds`: this side's order decides. */
export function chooseSrtpProfile(
  preferred: readonly SrtpProfile[],
  offeredIds: readonly number[],
): SrtpProfile | undefined {
  return preferred.find((profile) => offeredIds.includes(SRTP_PROFILE_ID[profile]))
}

/** How the exporter is asked for them. */
export const SRTP_EXPORTER_LABEL = 'EXTRACTOR-dtls_srtp'

/** How many bytes it is asked for. */
export function srtpKeyBlockBytes(profile: SrtpProfile): number {
  return 2 * (KEY_BYTES + SALT_BYTES[profile])
}

/** The keys of both directions, as the side with `role` sees them. `block` is what was exported. */
export function splitSrtpKeys(profile: SrtpProfile, role: 'client' | 'server', block: Buffer): SrtpKeyingMaterial {
  const saltBytes = SALT_BYTES[profile]
  let offset = 0
  const next = (bytes: number) => {
    offset += bytes
    return block.subarray(offset - bytes, offset)
  }
  const clientKey = next(KEY_BYTES)
  const serverKey = next(KEY_BYTES)
  const clientSalt = next(saltBytes)
  const serverSalt = next(saltBytes)
  return role === 'client'
    ? { profile, localKey: clientKey, localSalt: clientSalt, remoteKey: serverKey, remoteSalt: serverSalt }
    : { profile, localKey: serverKey, localSalt: serverSalt, remoteKey: clientKey, remoteSalt: clientSalt }
}

/** The same from the master secret. */
export function deriveSrtpKeys(
  profile: SrtpProfile,
  role: 'client' | 'server',
  masterSecret: Buffer,
  clientRandom: Buffer,
  serverRandom: Buffer,
): SrtpKeyingMaterial {
  const length = srtpKeyBlockBytes(profile)
  const block = exportKeyingMaterial(masterSecret, SRTP_EXPORTER_LABEL, clientRandom, serverRandom, length)
  return splitSrtpKeys(profile, role, block)
}
