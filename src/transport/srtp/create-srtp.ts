/** SRTP over `node:crypto`: from the keys that DTLS exported to a sender and a receiver (RFC 5764, section 4.2). */
import type { SrtpKeyingMaterial, SrtpProfile, SrtpReceiver, SrtpSender } from '../types.js'
import { AesCmTransform } from './aes-cm-transform.js'
import { AesGcmTransform } from './aes-gcm-transform.js'
import { deriveSessionKeys } from './session-keys.js'
import type { SrtpTransform } from './srtp-transform.js'
import { SsrcWindows } from './ssrc-windows.js'
import { MAX_SSRCS, RTCP_REPLAY_WINDOW, RTP_REPLAY_WINDOW, TransformReceiver } from './transform-receiver.js'
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
 * @param maxSsrcs how many SSRCs are followed, RTP and RTCP each. Keys that outlive their senders need room for all that ever use them.
 * @throws BroadcastError `internal-error` if the keys do not fit their profile.
 */
export function createSrtpReceiver(keys: SrtpKeyingMaterial, maxSsrcs = MAX_SSRCS): SrtpReceiver {
  return new TransformReceiver(
    createTransform(keys.profile, keys.remoteKey, keys.remoteSalt),
    new SsrcWindows(maxSsrcs, RTP_REPLAY_WINDOW),
    new SsrcWindows(maxSsrcs, RTCP_REPLAY_WINDOW),
  )
}

function createTransform(profile: SrtpProfile, masterKey: Buffer, masterSalt: Buffer): SrtpTransform {
  const keys = deriveSessionKeys(profile, masterKey, masterSalt)
  return profile === 'AEAD_AES_128_GCM' ? new AesGcmTransform(keys) : new AesCmTransform(keys)
}
