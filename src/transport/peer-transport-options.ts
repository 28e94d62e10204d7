/** What a peer's transport is made of and whom it tells. */
import type { Clock, TimerHost } from '../util/clock.js'
import type { Scheduler } from '../util/scheduler.js'
import type { IceCredentials, IceRemote } from './ice/ice-types.js'
import type { PeerTransportState } from './peer-transport-stats.js'
import type {
  DtlsIdentity,
  DtlsOptions,
  DtlsTransport,
  Fingerprint,
  SrtpKeyingMaterial,
  SrtpProfile,
  SrtpReceiver,
  SrtpSender,
} from './types.js'
import type { DatagramMux } from './udp/datagram-mux.js'

/** Why a peer's transport ended. */
export type PeerTransportEnd =
  /** The peer sent a DTLS close_notify. */
  | 'peer-closed'
  /** Not connected within `connectTimeoutMs`. */
  | 'connect-timeout'
  /** Nothing authentic came for `consentTimeoutMs`. */
  | 'consent-timeout'
  /** The handshake failed, or one of its guards did. */
  | 'dtls-failed'
  /** Reserved for owners that pass on a close of their own; the transport itself says nothing of `close()`. */
  | 'closed'
  /** A defect, here or in the handler. */
  | 'internal-error'

/** Whom a peer's transport tells. What these throw closes the peer with `internal-error`. */
export interface PeerTransportHandler {
  /**
   * The state has changed. `connecting` is the state that it begins with and is not told. `closed` comes with a reason and is the last
   * word; it does not come for `close()`.
   */
  onState(state: PeerTransportState, reason?: PeerTransportEnd, detail?: string): void
  /** A plain RTP packet in `buffer[start, end)`, authentic and not seen before; only once connected. It may be kept. */
  onRtp(buffer: Buffer, start: number, end: number, nowMs: number): void
  /** The same for a plain compound RTCP packet, but that it is good until this returns. */
  onRtcp(buffer: Buffer, start: number, end: number, nowMs: number): void
}

/** Everything a `PeerTransport` needs. */
export interface PeerTransportOptions {
  readonly mux: DatagramMux
  readonly identity: DtlsIdentity
  readonly dtlsRole: 'client' | 'server'
  readonly local: IceCredentials
  readonly remote: IceRemote & { readonly fingerprints: readonly Fingerprint[] }
  /** True where this side made the offer: it checks and nominates (RFC 8445, section 6.1.1). By default it answers checks, as a lite agent. */
  readonly controlling?: boolean
  /** In order of preference; all that are known by default. */
  readonly srtpProfiles?: readonly SrtpProfile[]
  /** From `start()` to `connected`. */
  readonly connectTimeoutMs: number
  /** Silence after which the peer is gone. */
  readonly consentTimeoutMs: number
  /** Silence after which it counts as disconnected. */
  readonly disconnectedAfterMs: number
  readonly clock: Clock
  readonly scheduler: Scheduler
  readonly handler: PeerTransportHandler
  /** Makes the DTLS association; `createDtlsTransport` by default. */
  readonly createDtls?: (options: DtlsOptions, timers: TimerHost) => DtlsTransport
  /** `createSrtpSender` by default. */
  readonly createSrtpSender?: (keys: SrtpKeyingMaterial) => SrtpSender
  /** `createSrtpReceiver` by default. */
  readonly createSrtpReceiver?: (keys: SrtpKeyingMaterial) => SrtpReceiver
}
