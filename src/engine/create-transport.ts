/** This side's end of a peer's transport, and the transport. */
import type { AnsweredOffer, LocalParameters } from '../sdp/types.js'
import { randomIceCredentials } from '../transport/ice/ice-credentials.js'
import { PeerTransport, type PeerTransportHandler } from '../transport/peer-transport.js'
import type { DtlsIdentity, SrtpProfile } from '../transport/types.js'
import type { UdpMux } from '../transport/udp/udp-mux.js'
import type { Clock } from '../util/clock.js'
import { randomCname, randomSdpSessionId } from '../util/random-ids.js'
import type { Scheduler } from '../util/scheduler.js'
import type { EngineConfig } from './engine-config.js'
import type { NextIce } from './peer-ice.js'

/**
 * Both are as good as unbreakable; through `node:crypto`, counter mode with HMAC costs a quarter less than GCM, which needs an object
 * per packet (measured). A peer that offers only one of them gets that one.
 */
const PORTABLE_SRTP_PROFILES: readonly SrtpProfile[] = ['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM']

/** What all the transports of a shard have in common. */
export interface TransportHost {
  readonly mux: UdpMux
  readonly identity: DtlsIdentity
  readonly clock: Clock
  readonly scheduler: Scheduler
  readonly options: { readonly config: EngineConfig }
}

/** What one of them is made of. */
export interface TransportParts {
  readonly local: LocalParameters
  readonly negotiation: AnsweredOffer<unknown>
  /** Whether this side made the offer. */
  readonly controlling: boolean
  readonly handler: PeerTransportHandler
}

/** Fresh credentials for an ICE session, and our candidates. */
export function nextIce(mux: UdpMux): NextIce {
  return { credentials: randomIceCredentials((ufrag) => mux.hasUfrag(ufrag)), candidates: mux.candidates }
}

/** What an offer or answer says of this side. */
export function localParameters(mux: UdpMux, { fingerprint }: DtlsIdentity): LocalParameters {
  const { credentials, candidates } = nextIce(mux)
  return { ...credentials, fingerprint, candidates, cname: randomCname(), sdpSessionId: randomSdpSessionId() }
}

/** Makes it; it begins with its `start`. */
export function createTransport(host: TransportHost, parts: TransportParts): PeerTransport {
  const { mux, identity, clock, scheduler, options } = host
  const { connectTimeoutMs, consentTimeoutMs, disconnectedAfterMs } = options.config
  const { local, negotiation, controlling, handler } = parts
  return new PeerTransport({
    mux,
    identity,
    dtlsRole: negotiation.dtlsRole,
    local: { iceUfrag: local.iceUfrag, icePwd: local.icePwd },
    remote: negotiation.remote,
    controlling,
    srtpProfiles: PORTABLE_SRTP_PROFILES,
    connectTimeoutMs,
    consentTimeoutMs,
    disconnectedAfterMs,
    clock,
    scheduler,
    handler,
  })
}
