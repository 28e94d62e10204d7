/** SRTP over `node:crypto`: from the keys that DTLS exported to a sender and a receiver (RFC 5764, section 4.2). */
import type { SrtpKeyingMaterial, SrtpProfile, SrtpReceiver, SrtpSender } from '../types.js'
import { AesCmTransform } from './aes-cm-transform.js'
import { AesGcmTransform } from './aes-gcm-transform.js'
import { deriveSessionKeys } from './session-keys.js'
import type { SrtpTransform } from './srtp-transform.js'
import { TransformReceiver } from './transform-receiver.js'
import { TransformSender } from './transform-sender.js'

/**
 * Protects what this side sends, with the local keys.
 *
 * `protectRtp` and `protectRtcp` return 0 for a packet that must not be sent, see {@link TransformSender}.
 *
 * @throws BroadcastError `internal-error` if the keys do not fit their profile.
 */
export function createSrtpSender(keys: SrtpKeyingMaterial): SrtpSender {
  return new TransformSender(createTransform(keys.profile, keys.localKey, keys.localSalt))
}

/**
 * Opens what the other side sends, with the remote keys.
 *
 * @throws BroadcastError `internal-error` if the keys do not fit their profile.
 */
export function createSrtpReceiver(keys: SrtpKeyingMaterial): SrtpReceiver {
  return new TransformReceiver(createTransform(keys.profile, keys.remoteKey, keys.remoteSalt))
}

function createTransform(profile: SrtpProfile, masterKey: Buffer, masterSalt: Buffer): SrtpTransform {
  const keys = deriveSessionKeys(profile, masterKey, masterSalt)
  return profile === 'AEAD_AES_128_GCM' ? new AesGcmTransform(keys) : new AesCmTransform(keys)
}
