/** DTLS on the OpenSSL of the process: the same associations as the portable ones, around handshakes of OpenSSL's. */
import type { TimerHost } from '../../../util/clock.js'
import { DtlsAssociation } from '../../dtls/association.js'
import type { DtlsStats } from '../../dtls/association-stats.js'
import { type ParsedIdentity, parseIdentity } from '../../dtls/parsed-identity.js'
import type { DtlsOptions, DtlsTransport } from '../../types.js'
import type { NativeLibrary } from '../koffi-library.js'
import { OpenSsl } from './openssl.js'
import { OpenSslClientHandshake } from './openssl-client-handshake.js'
import { OpenSslConnection } from './openssl-connection.js'
import { OpenSslContext } from './openssl-context.js'
import { OpenSslServerHandshake } from './openssl-server-handshake.js'
import { whyHandshakesFail } from './self-test.js'

/** The DTLS part of a native path. */
export interface NativeDtls {
  /** Throws `option-invalid` if the identity is not a usable pair. */
  createDtls(options: DtlsOptions, timers: TimerHost): DtlsTransport & { stats(): DtlsStats }
}

/** DTLS by OpenSSL, or why it does not work here. */
export function openNativeDtls(library: NativeLibrary): NativeDtls | { readonly reason: string } {
  let openssl: OpenSsl
  try {
    openssl = new OpenSsl(library)
    const reason = whyHandshakesFail(openssl)
    if (reason !== undefined) return { reason }
  } catch (error) {
    return { reason: (error as Error).message }
  }
  const contexts = new WeakMap<ParsedIdentity, OpenSslContext>()
  const contextOf = (identity: ParsedIdentity): OpenSslContext => {
    const context = contexts.get(identity) ?? new OpenSslContext(openssl, identity)
    contexts.set(identity, context)
    return context
  }
  return {
    createDtls(options, timers) {
      const { role, remoteFingerprints, srtpProfiles } = options
      const identity = parseIdentity(options.identity)
      const { signatureAlgorithm } = identity
      const context = contextOf(identity)
      const connect = () => new OpenSslConnection(openssl, context, role, srtpProfiles)
      const handshake =
        role === 'client'
          ? new OpenSslClientHandshake({ remoteFingerprints, srtpProfiles, connect })
          : new OpenSslServerHandshake({ remoteFingerprints, srtpProfiles, signatureAlgorithm, connect })
      return new DtlsAssociation(options, handshake, timers)
    },
  }
}
