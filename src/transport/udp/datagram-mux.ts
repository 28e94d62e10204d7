/**
 * Many peers behind one port: STUN goes by ufrag or transaction, DTLS and SRTP by the address they come from, and only addresses
 * that passed an authenticated check have a peer. Pure: datagrams are handed in, and answers go to a `DatagramSender`. A TCP connection
 * is an address like any other, but for that it can be lost.
 */
import { BroadcastError } from '../../errors.js'
import type { Clock } from '../../util/clock.js'
import { createLog } from '../../util/log.js'
import { randomUint32 } from '../../util/random-pool.js'
import type { JoinProgress, JoinQueue } from '../join-queue.js'
import { verifyFingerprint } from '../stun/stun-integrity.js'
import { StunMessage } from '../stun/stun-message.js'
import { STUN_CLASS, STUN_METHOD_BINDING } from '../stun/stun-types.js'
import type { MediaSender } from '../types.js'
import { AddressTable } from './address-table.js'
import { classifyDatagram, DATAGRAM_KIND, type DatagramKind } from './classify-datagram.js'
import type { MuxCounters } from './mux-counters.js'
import { AddressEntry, type MuxPeer } from './mux-peer.js'

const log = createLog('mux')

/** No check is longer: a USERNAME of two ufrags of 256 characters, and what ICE adds. */
const STUN_MAX_LENGTH = 1280
/** An address from which its owner was heard this recently is not given to another session. */
const ADDRESS_IN_USE_MS = 5000

interface Registration {
  readonly ufrags: Set<string>
  readonly tags: Set<number>
  readonly addresses: Set<AddressEntry>
}

/** Finds the peer of each datagram. Never throws on network input. */
export class DatagramMux {
  readonly #peersByUfrag = new Map<string, MuxPeer>()
  readonly #peersByTag = new Map<number, MuxPeer>()
  readonly #registrations = new Map<MuxPeer, Registration>()
  readonly #addresses: AddressTable
  readonly #stun = new StunMessage()

  /**
   * @param sender where every answer and packet goes.
   * @param counters what is counted; shared with the sender.
   * @param families the address family of each local socket, by socket index: UDP's first, then the TCP listeners'.
   * @param joins where what clients ask that are not connected waits for its time; without, it is done at once.
   */
  constructor(
    readonly sender: MediaSender,
    readonly counters: MuxCounters,
    readonly families: readonly (4 | 6)[],
    readonly clock: Clock,
    readonly joins?: JoinQueue,
  ) {
    this.#addresses = new AddressTable(families.length)
  }

  /** How many peers are registered. */
  get peerCount(): number {
    return this.#registrations.size
  }

  /** How many addresses are mapped to peers. */
  get addressCount(): number {
    return this.#addresses.size
  }

  /** True if a peer has that local ufrag. */
  hasUfrag(localUfrag: string): boolean {
    return this.#peersByUfrag.has(localUfrag)
  }

  /** Sends checks for `localUfrag` to `peer`, which may have several. Throws `internal-error` if the ufrag is another peer's. */
  addPeer(localUfrag: string, peer: MuxPeer): void {
    const owner = this.#peersByUfrag.get(localUfrag)
    if (owner === peer) return
    if (owner !== undefined) throw new BroadcastError('internal-error', 'two peers with the same ICE ufrag')
    this.#peersByUfrag.set(localUfrag, peer)
    this.#registration(peer).ufrags.add(localUfrag)
  }

  /** Forgets one ufrag of a peer, not the peer. */
  removeUfrag(localUfrag: string): void {
    const peer = this.#peersByUfrag.get(localUfrag)
    if (peer === undefined) return
    this.#peersByUfrag.delete(localUfrag)
    this.#registrations.get(peer)?.ufrags.delete(localUfrag)
  }

  /** Forgets a peer with all its ufrags, tags and addresses. Idempotent. */
  removePeer(peer: MuxPeer): void {
    const registration = this.#registrations.get(peer)
    if (registration === undefined) return
    this.#registrations.delete(peer)
    for (const ufrag of registration.ufrags) this.#peersByUfrag.delete(ufrag)
    for (const tag of registration.tags) this.#peersByTag.delete(tag)
    for (const address of registration.addresses) this.#forget(address)
  }

  /** A number that no other peer has: responses whose transaction id begins with it (32 bits) go to `peer`. */
  addTag(peer: MuxPeer): number {
    for (;;) {
      const tag = randomUint32()
      if (this.#peersByTag.has(tag)) continue
      this.#peersByTag.set(tag, peer)
      this.#registration(peer).tags.add(tag)
      return tag
    }
  }

  /** Forgets one tag of a peer, not the peer. */
  removeTag(tag: number): void {
    const peer = this.#peersByTag.get(tag)
    if (peer === undefined) return
    this.#peersByTag.delete(tag)
    this.#registrations.get(peer)?.tags.delete(tag)
  }

  /** The entry of an address: the one that somebody owns, else a new one that is not in the table. */
  address(ip: string, port: number, family: 4 | 6, socket: number): AddressEntry {
    return this.#addresses.find(socket, ip, port) ?? new AddressEntry(ip, port, family, socket)
  }

  /** The first local socket of that family; -1 if there is none. */
  socketFor(family: 4 | 6): number {
    return this.families.indexOf(family)
  }

  /** True if {@link claim} would give `address` to `peer`. An address whose owner is alive stays with it. */
  canClaim(address: AddressEntry, peer: MuxPeer, nowMs: number): boolean {
    return address.owner === undefined || address.owner === peer || nowMs - address.lastAuthenticMs >= ADDRESS_IN_USE_MS
  }

  /** Gives the address to `peer`, which passed an authenticated check from it. */
  claim(address: AddressEntry, peer: MuxPeer): void {
    if (address.owner === peer) return
    if (address.owner !== undefined) this.#registrations.get(address.owner)?.addresses.delete(address)
    else this.#addresses.add(address)
    address.owner = peer
    address.isSelected = false
    this.#registration(peer).addresses.add(address)
  }

  /** Takes the address away from `peer`; harmless if it is another peer's by now. */
  release(address: AddressEntry, peer: MuxPeer): void {
    if (address.owner !== peer) return
    this.#registrations.get(peer)?.addresses.delete(address)
    this.#forget(address)
  }

  /** The TCP connection behind the address has ended; its owner is told. Idempotent. */
  lose(address: AddressEntry): void {
    const peer = address.owner
    if (peer === undefined) return
    this.release(address, peer)
    try {
      peer.onAddressLost(address)
    } catch (error) {
      this.#defect(peer, error)
    }
  }

  /**
   * Does `step`, which a datagram of so many bytes has brought, when it is time for one of a client that has come so far. Too much that waits
   * already is a reason to forget it: whoever checks or shakes hands repeats what is not answered.
   */
  join(progress: JoinProgress, bytes: number, step: () => void): boolean {
    if (this.joins === undefined) {
      step()
      return true
    }
    const waits = this.joins.add(progress, bytes, step)
    if (!waits) this.counters.joinsPutOff++
    return waits
  }

  /** Takes one datagram from the network. It belongs to the mux from here on. */
  receive(datagram: Buffer, ip: string, port: number, socket: number): void {
    const { counters } = this
    counters.datagramsIn++
    counters.bytesIn += datagram.length
    if (port === 0) {
      // Only a forger sends from there, and nothing can be sent back.
      counters.unclassified++
      return
    }
    const nowMs = this.clock.nowMs()
    const kind = classifyDatagram(datagram, 0, datagram.length)
    if (kind === DATAGRAM_KIND.stun) this.#receiveStun(datagram, ip, port, socket, undefined, nowMs)
    else this.#receiveOther(datagram, kind, this.#addresses.find(socket, ip, port), nowMs)
  }

  /** Takes one packet that came over the TCP connection whose address `from` is. */
  receiveFrom(packet: Buffer, from: AddressEntry): void {
    const { counters } = this
    counters.datagramsIn++
    counters.bytesIn += packet.length
    const nowMs = this.clock.nowMs()
    const kind = classifyDatagram(packet, 0, packet.length)
    if (kind === DATAGRAM_KIND.stun) this.#receiveStun(packet, from.ip, from.port, from.socket, from, nowMs)
    else this.#receiveOther(packet, kind, from, nowMs)
  }

  #receiveOther(datagram: Buffer, kind: DatagramKind, from: AddressEntry | undefined, nowMs: number): void {
    const { counters } = this
    const peer = from?.owner
    if (kind === DATAGRAM_KIND.rtp || kind === DATAGRAM_KIND.rtcp) {
      if (from === undefined || peer === undefined) {
        counters.srtpUnknownAddress++
        return
      }
      try {
        peer.onSrtp(datagram, 0, datagram.length, kind === DATAGRAM_KIND.rtcp, from, nowMs)
      } catch (error) {
        this.#defect(peer, error)
      }
    } else if (kind === DATAGRAM_KIND.dtls) {
      if (from === undefined || peer === undefined) {
        counters.dtlsUnknownAddress++
        return
      }
      try {
        peer.onDtls(datagram, from, nowMs)
      } catch (error) {
        this.#defect(peer, error)
      }
    } else {
      counters.unclassified++
    }
  }

  /**
   * @param known the address, where a connection brings its own.
   * @param isDue true when it has waited for its time.
   */
  #receiveStun(
    datagram: Buffer,
    ip: string,
    port: number,
    socket: number,
    known: AddressEntry | undefined,
    nowMs: number,
    isDue = false,
  ): void {
    const { counters } = this
    const stun = this.#stun
    if (datagram.length > STUN_MAX_LENGTH || !stun.parse(datagram, 0, datagram.length)) {
      counters.stunMalformed++
      return
    }
    if (!verifyFingerprint(stun)) {
      counters.stunBadFingerprint++
      return
    }
    if (stun.method !== STUN_METHOD_BINDING || stun.stunClass === STUN_CLASS.indication) {
      counters.stunUnsupported++
      return
    }
    const isRequest = stun.stunClass === STUN_CLASS.request
    const peer = isRequest
      ? this.#peersByUfrag.get(stun.receiverUfrag)
      : this.#peersByTag.get(datagram.readUInt32BE(stun.transactionOffset))
    if (peer === undefined) {
      if (isRequest) counters.stunUnknownUfrag++
      else counters.stunUnknownTransaction++
      return
    }
    // A connection might be lost meanwhile; there are few of them, and few checks over each.
    if (isRequest && peer.progress !== 'connected' && !isDue && known === undefined) {
      // The datagram's memory may be used for another one meanwhile.
      const copy = Buffer.from(datagram)
      this.join(peer.progress, copy.length, () =>
        this.#receiveStun(copy, ip, port, socket, undefined, this.clock.nowMs(), true),
      )
      return
    }
    try {
      const from = known ?? this.address(ip, port, this.families[socket] as 4 | 6, socket)
      if (isRequest) peer.onStunRequest(stun, from, nowMs)
      else peer.onStunResponse(stun, from, nowMs)
    } catch (error) {
      this.#defect(peer, error)
    }
  }

  #registration(peer: MuxPeer): Registration {
    let registration = this.#registrations.get(peer)
    if (registration === undefined) {
      registration = { ufrags: new Set(), tags: new Set(), addresses: new Set() }
      this.#registrations.set(peer, registration)
    }
    return registration
  }

  #forget(address: AddressEntry): void {
    this.#addresses.remove(address)
    address.owner = undefined
    address.isSelected = false
    address.stream?.release()
  }

  #defect(peer: MuxPeer, error: unknown): void {
    this.counters.defects++
    log('a packet set off a defect: %O', error)
    try {
      peer.onDefect(error)
    } catch (second) {
      log('closing the peer failed too: %O', second)
      this.removePeer(peer)
    }
  }
}
