/**
 * When our own checks to a peer begin and end: at once for a lite agent and where this side made the offer, late for a peer that stays silent,
 * never for one that made the offer and checks us.
 */
import type { Deadline } from '../../util/scheduler.js'
import type { StunMessage } from '../stun/stun-message.js'
import type { AddressEntry } from '../udp/mux-peer.js'
import { IceChecker, type IceCheckerOptions } from './ice-checker.js'
import type { IceCredentials, IceRemote, TransportCandidate } from './ice-types.js'

/** A peer that offered candidates and has not checked us after this long is checked by us. */
const SILENT_PEER_MS = 1000
/** More candidates than this are not remembered; most will not be checkable anyway. */
const MAX_CANDIDATES = 32

/** Everything that the checks need, but for the credentials, which change at a restart. */
export type PeerChecksOptions = Omit<IceCheckerOptions, 'local' | 'remote'>

/** The checks of one peer over all generations of its credentials. */
export class PeerChecks {
  readonly #options: PeerChecksOptions
  #local: IceCredentials
  #remote: IceRemote
  #checker: IceChecker | undefined
  #delay: Deadline | undefined
  #closed = false

  constructor(options: PeerChecksOptions, local: IceCredentials, remote: IceRemote) {
    this.#options = options
    this.#local = local
    this.#remote = remote
  }

  /** Round trip time in milliseconds; undefined if the peer does the checking. */
  get rttMs(): number | undefined {
    return this.#checker?.rttMs
  }

  /** Waits for the peer's checks, or begins with ours. */
  start(): void {
    const { candidates = [], iceLite = false } = this.#remote
    if (this.#closed) return
    // Where the peer checks us from is checked, too, so no candidate is needed to begin with.
    if (this.#options.role.controlling) this.#begin()
    else if (candidates.length === 0) return
    else if (iceLite) this.#begin()
    else this.#delay = this.#options.scheduler.after(SILENT_PEER_MS, () => this.#begin())
  }

  /** Begins anew with new credentials. */
  restart(local: IceCredentials, remote: IceRemote): void {
    this.#stop()
    this.#local = local
    this.#remote = remote
    this.start()
  }

  /** Takes one more candidate of a peer that trickles. */
  addCandidate(candidate: TransportCandidate, peerIsSilent: boolean): void {
    const { candidates = [] } = this.#remote
    if (candidates.length >= MAX_CANDIDATES) return
    this.#remote = { ...this.#remote, candidates: [...candidates, candidate] }
    if (this.#checker) this.#checker.addCandidate(candidate)
    else if (peerIsSilent && !this.#delay?.pending) this.start()
  }

  /** The peer has checked us, so it does not need our checks; unless we nominate, or it is lite: then it will not go on with it. */
  onPeerChecked(from: AddressEntry, nowMs: number): void {
    if (this.#options.role.controlling) this.#checker?.trigger(from, nowMs)
    else if (this.#remote.iceLite !== true) this.#stop()
  }

  /** Takes a response to one of our checks. */
  onResponse(response: StunMessage, from: AddressEntry, nowMs: number): void {
    this.#checker?.onResponse(response, from, nowMs)
  }

  /** Ends it for good. */
  close(): void {
    this.#closed = true
    this.#stop()
  }

  #begin(): void {
    this.#checker = new IceChecker({ ...this.#options, local: this.#local, remote: this.#remote })
    this.#checker.start()
  }

  #stop(): void {
    this.#delay?.cancel()
    this.#checker?.stop()
    this.#checker = undefined
  }
}
