/** What the mux and a peer of it say to each other, and the address entries that they share. */
import type { JoinProgress } from '../join-queue.js'
import type { StunMessage } from '../stun/stun-message.js'
import type { RemoteAddress, StreamPath } from '../types.js'

export type { StreamPath } from '../types.js'

/** One peer behind the shared port. All of it is called synchronously; what it throws closes the peer. */
export interface MuxPeer {
  /** Checks of a peer that is not connected wait behind media. */
  readonly progress: JoinProgress
  /** A Binding request whose USERNAME begins with one of the peer's ufrags. Nothing of it is authenticated yet. */
  onStunRequest(request: StunMessage, from: AddressEntry, nowMs: number): void
  /** A Binding response whose transaction id begins with one of the peer's tags. Nothing of it is authenticated yet. */
  onStunResponse(response: StunMessage, from: AddressEntry, nowMs: number): void
  /** A datagram that looks like DTLS, from an address of the peer. The peer may keep it. */
  onDtls(datagram: Buffer, from: AddressEntry, nowMs: number): void
  /** A datagram that looks like SRTP or SRTCP, from an address of the peer. It may be decrypted in place; SRTCP is not kept. */
  onSrtp(buffer: Buffer, start: number, end: number, isRtcp: boolean, from: AddressEntry, nowMs: number): void
  /** An address of the peer is no more: its TCP connection has ended. */
  onAddressLost(address: AddressEntry): void
  /** One of the above threw. */
  onDefect(error: unknown): void
}

/** A remote address. Once a peer owns it, there is exactly one entry for it, and datagrams from it go to that peer. */
export class AddressEntry implements RemoteAddress {
  /** The peer that passed a check from here; undefined for an address that was only just seen. */
  owner: MuxPeer | undefined = undefined
  /** True while its owner is sent to here. */
  isSelected = false
  /** When something authentic last came from here. */
  lastAuthenticMs = Number.NEGATIVE_INFINITY
  /** The next entry with the same port and socket. */
  next: AddressEntry | undefined = undefined
  place = -1

  constructor(
    readonly ip: string,
    readonly port: number,
    readonly family: 4 | 6,
    readonly socket: number,
    readonly stream: StreamPath | undefined = undefined,
  ) {}
}
