/** What the server settles from a ClientHello: suite, curve, SRTP profile, extended master secret (RFC 5246, 8422, 5764, 7627). */
import type { SrtpProfile } from '../types.js'
import { ALERT } from './alert.js'
import { ByteReader } from './byte-reader.js'
import { CURVE, PREFERRED_CURVES } from './curve.js'
import { type DtlsParameters, type Refusal, refuse } from './handshake.js'
import {
  CIPHER_SUITE,
  type ClientHello,
  EXTENSION,
  readUint16List,
  writeClientHello,
  writeUint16List,
} from './hello.js'
import { DTLS_1_2 } from './record.js'
import { HASH_SHA256, SIGNATURE_ALGORITHM } from './signature.js'
import { chooseSrtpProfile, readUseSrtp, SRTP_PROFILE_ID, writeUseSrtp } from './srtp-keying.js'

/** The choice, and what the engine must be told of it. */
export interface HelloAgreement {
  readonly parameters: Omit<DtlsParameters, 'peerSignatureScheme'>
  readonly srtpProfileId: number
  /** Hash and signature algorithm of our own signature. */
  readonly signatureScheme: number
}

function listExtension(hello: ClientHello, type: number): number[] | undefined {
  const data = hello.extensions.get(type)
  if (data === undefined) return undefined
  const reader = new ByteReader(data)
  const list = readUint16List(reader.vector(2))
  return reader.complete ? list : undefined
}

/** Chooses from the client's offer, or says why nothing fits. Our order of preference decides, not the client's. */
export function agreeOnHello(
  hello: ClientHello,
  srtpProfiles: readonly SrtpProfile[],
  signatureAlgorithm: number,
): HelloAgreement | Refusal {
  // Version numbers of DTLS count downwards.
  if (hello.version >> 8 !== DTLS_1_2 >> 8 || hello.version > DTLS_1_2) {
    return refuse(ALERT.protocolVersion, 'the peer does not speak DTLS 1.2')
  }
  const cipherSuite =
    signatureAlgorithm === SIGNATURE_ALGORITHM.rsa ? CIPHER_SUITE.ecdheRsaAes128Gcm : CIPHER_SUITE.ecdheEcdsaAes128Gcm
  if (!hello.cipherSuites.includes(cipherSuite) || !hello.offersNullCompression) {
    return refuse(ALERT.handshakeFailure, 'no common cipher suite')
  }
  const signatureScheme = (HASH_SHA256 << 8) | signatureAlgorithm
  if (!listExtension(hello, EXTENSION.signatureAlgorithms)?.includes(signatureScheme)) {
    return refuse(ALERT.handshakeFailure, 'no common signature algorithm')
  }
  const offeredCurves = hello.extensions.has(EXTENSION.supportedGroups)
    ? listExtension(hello, EXTENSION.supportedGroups)
    : [CURVE.p256]
  const curve = PREFERRED_CURVES.find((preferred) => offeredCurves?.includes(preferred))
  if (curve === undefined) return refuse(ALERT.handshakeFailure, 'no common curve')
  const renegotiation = hello.extensions.get(EXTENSION.renegotiationInfo)
  if (renegotiation !== undefined && !renegotiation.equals(Buffer.from([0]))) {
    return refuse(ALERT.handshakeFailure, 'a renegotiation is not accepted')
  }
  const useSrtp = readUseSrtp(hello.extensions.get(EXTENSION.useSrtp) ?? Buffer.alloc(0))
  const srtpProfile = useSrtp && chooseSrtpProfile(srtpProfiles, useSrtp.profileIds)
  if (srtpProfile === undefined) return refuse(ALERT.handshakeFailure, 'no common SRTP profile')
  const extendedMasterSecret = hello.extensions.get(EXTENSION.extendedMasterSecret)?.length === 0
  return {
    parameters: { cipherSuite, curve, srtpProfile, extendedMasterSecret },
    srtpProfileId: SRTP_PROFILE_ID[srtpProfile],
    signatureScheme,
  }
}

/** The ClientHello body by which the engine learns the client's random and the settled parameters, each as the only choice. */
export function engineHello(clientRandom: Buffer, agreement: HelloAgreement): Buffer {
  const { cipherSuite, curve, srtpProfile, extendedMasterSecret } = agreement.parameters
  const extensions: (readonly [number, Buffer])[] = [
    [EXTENSION.supportedGroups, writeUint16List([curve])],
    [EXTENSION.signatureAlgorithms, writeUint16List([agreement.signatureScheme])],
    [EXTENSION.useSrtp, writeUseSrtp([srtpProfile])],
  ]
  if (extendedMasterSecret) extensions.push([EXTENSION.extendedMasterSecret, Buffer.alloc(0)])
  return writeClientHello(clientRandom, cipherSuite, extensions)
}
