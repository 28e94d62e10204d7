/** What a client insists on in a ServerHello: nothing that it did not offer, and SRTP (RFC 5246, section 7.4.1.3; RFC 5764, section 4.1). */
import type { SrtpProfile } from '../types.js'
import { ALERT } from './alert.js'
import { type DtlsParameters, type Refusal, refuse } from './handshake.js'
import { CIPHER_SUITE, EXTENSION, readServerHello } from './hello.js'
import { DTLS_1_2 } from './record.js'
import { SIGNATURE_ALGORITHM } from './signature.js'
import { chooseSrtpProfile, readUseSrtp } from './srtp-keying.js'

/** The suites that are offered, and the kind of key that each asks of the server's certificate. */
export const SUITE_SIGNATURES: ReadonlyMap<number, number> = new Map([
  [CIPHER_SUITE.ecdheEcdsaAes128Gcm, SIGNATURE_ALGORITHM.ecdsa],
  [CIPHER_SUITE.ecdheRsaAes128Gcm, SIGNATURE_ALGORITHM.rsa],
])

/** A ServerHello that is fine. Curve and signature are not known yet. */
export interface ServerHelloAnswer {
  readonly random: Buffer
  readonly parameters: DtlsParameters
}

/** Reads a ServerHello against what the ClientHello offered. */
export function checkServerHello(
  body: Buffer,
  offeredExtensions: ReadonlyMap<number, Buffer>,
  srtpProfiles: readonly SrtpProfile[],
): ServerHelloAnswer | Refusal {
  const hello = readServerHello(body)
  if (hello === undefined) return refuse(ALERT.decodeError, 'malformed ServerHello')
  if (hello.version !== DTLS_1_2) return refuse(ALERT.protocolVersion, 'the peer does not speak DTLS 1.2')
  if (!SUITE_SIGNATURES.has(hello.cipherSuite) || hello.compression !== 0) {
    return refuse(ALERT.illegalParameter, 'the peer chose a cipher suite that was not offered')
  }
  for (const type of hello.extensions.keys()) {
    if (!offeredExtensions.has(type)) {
      return refuse(ALERT.illegalParameter, `the peer answered extension ${type} that was not offered`)
    }
  }
  const useSrtp = readUseSrtp(hello.extensions.get(EXTENSION.useSrtp) ?? Buffer.alloc(0))
  const srtpProfile = useSrtp?.profileIds.length === 1 ? chooseSrtpProfile(srtpProfiles, useSrtp.profileIds) : undefined
  if (srtpProfile === undefined || useSrtp?.mki.length !== 0) {
    return refuse(ALERT.handshakeFailure, 'no common SRTP profile')
  }
  return {
    random: Buffer.from(hello.random),
    parameters: {
      cipherSuite: hello.cipherSuite,
      curve: 0,
      srtpProfile,
      extendedMasterSecret: hello.extensions.has(EXTENSION.extendedMasterSecret),
      peerSignatureScheme: 0,
    },
  }
}
