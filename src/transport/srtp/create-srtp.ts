/** From the keys that DTLS exported to a sender and a receiver of SRTP (RFC 5764, section 4.2). */
import type { SrtpKeyingMaterial, SrtpProfile, SrtpSender } from '../types.js'
import { AesCmTransform } from './aes-cm-transform.js'
import { AesGcmTransform } from './aes-gcm-transform.js'
import { type DirectionKeys, deriveSessionKeys } from './session-keys.js'
import type { SrtpTransform } from './srtp-transform.js'
import { SsrcWindows } from './ssrc-windows.js'
import { MAX_SSRCS, RTCP_REPLAY_WINDOW, RTP_REPLAY_WINDOW, TransformReceiver } from './transform-receiver.js'
import { TransformSender } from './transform-sender.js'

/** Makes the transform of one direction; the keys fit the profile. */
export type CreateTransform = (profile: SrtpProfile, keys: DirectionKeys) => SrtpTransform

/** The transforms over `node:crypto`, which work everywhere. */
export const createPortableTransform: CreateTransform = (profile, keys) =>
  profile === 'AEAD_AES_128_GCM' ? new AesGcmTransform(keys) : new AesCmTransform(keys)

/**
 * Protects what this side sends, with the local keys.
 *
 * `protectRtp` and `protectRtcp` return 0 for a packet that must not be sent, see {@link TransformSender}.
 *
 * @throws BroadcastError `internal-error` if the keys do not fit their profile.
 */
export function createSrtpSender(keys: SrtpKeyingMaterial, createTransform = createPortableTransform): SrtpSender {
  const { profile, localKey, localSalt } = keys
  return new TransformSender(createTransform(profile, deriveSessionKeys(profile, localKey, localSalt)))
}

/**
 * Opens what the other side sends, with the remote keys.
 *
 * @param maxSsrcs how many SSRCs are followed, RTP and RTCP each. Keys that outlive their senders need room for all that ever use them.
 * @throws BroadcastError `internal-error` if the keys do not fit their profile.
 */
export function createSrtpReceiver(
  keys: SrtpKeyingMaterial,
  maxSsrcs = MAX_SSRCS,
  createTransform = createPortableTransform,
): TransformReceiver {
  const { profile, remoteKey, remoteSalt } = keys
  return new TransformReceiver(
    createTransform(profile, deriveSessionKeys(profile, remoteKey, remoteSalt)),
    new SsrcWindows(maxSsrcs, RTP_REPLAY_WINDOW),
    new SsrcWindows(maxSsrcs, RTCP_REPLAY_WINDOW),
  )
}
