/**
 * How a shard's transport encrypts, shakes hands and sends: through Node's own modules, which work everywhere, or natively, which is faster.
 * Both do the same, behind these interfaces, and the rest of the transport does not know which one it has.
 */
import type { TimerHost } from '../util/clock.js'
import type {
  DtlsOptions,
  DtlsTransport,
  MediaSender,
  SrtpKeyingMaterial,
  SrtpProfile,
  SrtpReceiver,
  SrtpSender,
} from './types.js'
import type { BoundSocket, UdpAddress } from './udp/media-sockets.js'
import type { MuxCounters } from './udp/mux-counters.js'

/** Whether the native path is taken: where it is possible, never, or not without it (`native-unavailable`). */
export const NATIVE_CHOICES = ['auto', 'off', 'require'] as const
export type NativeChoice = (typeof NATIVE_CHOICES)[number]

/** Which parts of the transport run natively, and why not the others. */
export interface NativeStatus {
  /** SRTP by the OpenSSL of the process. */
  readonly srtp: boolean
  /** DTLS by the OpenSSL of the process. */
  readonly dtls: boolean
  /** Sockets of our own, with many datagrams per system call. */
  readonly udp: boolean
  /** The kernel cuts one message into many datagrams (UDP GSO). */
  readonly segmentation: boolean
  /** Why parts run the portable way, in words; empty if all of it is native. */
  readonly reason: string
}

/** What sends through a port. */
export interface PortSender extends MediaSender {
  /** Bytes that wait for the kernel. */
  readonly queuedBytes: number
  /** Refuses everything from now on, and lets go of its memory; the sockets belong to the port. */
  close(): void
}

/** The UDP part of a path. */
export interface UdpPath {
  /** Opens one socket and binds it. Rejects with the system's error. */
  bind(address: UdpAddress): Promise<BoundSocket>
  /** What sends through such sockets, by the index that `RemoteAddress.socket` has. @param maxQueueBytes bound of what waits for the kernel. */
  createSender(sockets: readonly BoundSocket[], maxQueueBytes: number, counters: MuxCounters): PortSender
}

/** See the top of the file. */
export interface TransportPath {
  readonly status: NativeStatus
  /** What DTLS offers and picks, in order of preference. */
  readonly srtpProfiles: readonly SrtpProfile[]
  readonly udp: UdpPath
  /** Throws `internal-error` if the keys do not fit their profile. */
  createSrtpSender(keys: SrtpKeyingMaterial): SrtpSender
  /** Throws `internal-error` if the keys do not fit their profile. */
  createSrtpReceiver(keys: SrtpKeyingMaterial): SrtpReceiver
  /** Throws `option-invalid` if the identity is not a usable pair. */
  createDtls(options: DtlsOptions, timers: TimerHost): DtlsTransport
}
