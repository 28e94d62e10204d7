/**
 * The answering half of one peer's ICE agent, which is all of a lite one (RFC 8445, sections 2.5 and 7.3): it answers authenticated checks,
 * remembers the addresses that passed one, and sends to the address that was nominated.
 */
import type { KeyObject } from 'node:crypto'
import { integrityKey, verifyIntegrity } from '../stun/stun-integrity.js'
import type { StunMessage } from '../stun/stun-message.js'
import {
  FINGERPRINT_LENGTH,
  MESSAGE_INTEGRITY_LENGTH,
  STUN_CLASS,
  STUN_ERROR,
  STUN_HEADER_LENGTH,
} from '../stun/stun-types.js'
import { StunWriter } from '../stun/stun-writer.js'
import type { DatagramMux } from '../udp/datagram-mux.js'
import type { AddressEntry, MuxPeer } from '../udp/mux-peer.js'
import type { IceRole } from './ice-role.js'
import type { IceCredentials, IceRemote } from './ice-types.js'

/** How many addresses a peer may have at a time; the one that was silent longest makes room, never the selected one. */
export const MAX_VALIDATED_ADDRESSES = 8

/** One generation of credentials. */
interface Generation {
  readonly localUfrag: string
  /** USERNAME of the peer's checks (RFC 8445, section 7.2.2). */
  readonly username: string
  readonly localKey: KeyObject
  readonly remoteIsLite: boolean
}

function generation(local: IceCredentials, remote: IceRemote): Generation {
  return {
    localUfrag: local.iceUfrag,
    username: `${local.iceUfrag}:${remote.iceUfrag}`,
    localKey: integrityKey(local.icePwd),
    remoteIsLite: remote.iceLite === true,
  }
}

/** What the agent needs of the peer that it works for. */
export interface IceLiteOptions {
  readonly mux: DatagramMux
  /** Whom the mux knows the peer as. */
  readonly peer: MuxPeer
  readonly local: IceCredentials
  readonly remote: IceRemote
  readonly role: IceRole
  /** Hands an answer, written into the mux's sender, to it. */
  commit(offset: number, length: number, to: AddressEntry): void
}

/** Decides which checks are the peer's, and where the peer is. */
export class IceLiteAgent {
  readonly #options: IceLiteOptions
  readonly #writer = new StunWriter()
  readonly #validated: AddressEntry[] = []
  #current: Generation
  /** After a restart, until the first check with it. */
  #next: Generation | undefined
  #selected: AddressEntry | undefined
  #addressChanges = 0

  constructor(options: IceLiteOptions) {
    this.#options = options
    this.#current = generation(options.local, options.remote)
  }

  /** Where to send: the nominated address, before that the first one that passed a check; undefined before any did. */
  get selected(): AddressEntry | undefined {
    return this.#selected
  }

  /** How often {@link selected} has moved from one address to another. */
  get addressChanges(): number {
    return this.#addressChanges
  }

  /** Makes the mux bring the peer's checks. */
  start(): void {
    this.#options.mux.addPeer(this.#current.localUfrag, this.#options.peer)
  }

  /** Takes new credentials (RFC 8445, section 9); the old ones stay good until the first authenticated check with the new ones. */
  restart(local: IceCredentials, remote: IceRemote): void {
    const { mux, peer } = this.#options
    if (this.#next) mux.removeUfrag(this.#next.localUfrag)
    this.#next = generation(local, remote)
    mux.addPeer(local.iceUfrag, peer)
  }

  /** Answers a check if it is authentic. True if it is a sign of life of the peer: authenticated and not refused. */
  onRequest(request: StunMessage, from: AddressEntry, nowMs: number): boolean {
    const { mux, peer, role } = this.#options
    const { counters } = mux
    const credentials = this.#match(request.username)
    if (!credentials) {
      counters.stunUnknownUfrag++
      return false
    }
    if (!verifyIntegrity(request, credentials.localKey)) {
      counters.stunBadIntegrity++
      return false
    }
    if (request.unknownAttributes.length > 0) {
      this.#refuse(request, from, credentials, STUN_ERROR.unknownAttribute)
      return false
    }
    if (!role.agrees(request, credentials.remoteIsLite)) {
      this.#refuse(request, from, credentials, STUN_ERROR.roleConflict)
      return false
    }
    if (!mux.canClaim(from, peer, nowMs)) {
      counters.stunAddressInUse++
      return false
    }
    const mappedAddressLength = from.family === 4 ? 12 : 24
    if (!this.#fits(request, from, mappedAddressLength)) return false
    this.#reply(request, from, credentials, STUN_CLASS.success, () => {
      this.#writer.xorMappedAddress(from.ip, from.family, from.port)
    })
    if (credentials === this.#next) this.#promote(credentials)
    this.#validate(from, nowMs)
    if (request.useCandidate && !role.controlling) this.#select(from)
    return true
  }

  /** An address passed a check of ours: it is validated, and selected if the check nominated it. False if it is another session's. */
  acceptChecked(address: AddressEntry, nominated: boolean, nowMs: number): boolean {
    if (!this.#options.mux.canClaim(address, this.#options.peer, nowMs)) return false
    if (this.#next) this.#promote(this.#next)
    this.#validate(address, nowMs)
    if (nominated) this.#select(address)
    return true
  }

  /** An address is no more: what is sent goes to another one that passed a check, if there is one. */
  lose(address: AddressEntry): void {
    const index = this.#validated.indexOf(address)
    if (index >= 0) this.#validated.splice(index, 1)
    if (this.#selected !== address) return
    this.#addressChanges++
    this.#selected = this.#validated.reduce<AddressEntry | undefined>(
      (best, other) => (best && best.lastAuthenticMs >= other.lastAuthenticMs ? best : other),
      undefined,
    )
    if (this.#selected) this.#selected.isSelected = true
  }

  #match(username: string): Generation | undefined {
    if (username === this.#current.username) return this.#current
    return username === this.#next?.username ? this.#next : undefined
  }

  #promote(credentials: Generation): void {
    this.#options.mux.removeUfrag(this.#current.localUfrag)
    this.#current = credentials
    this.#next = undefined
  }

  #validate(address: AddressEntry, nowMs: number): void {
    const { mux, peer } = this.#options
    if (address.owner !== peer) {
      mux.claim(address, peer)
      if (!this.#validated.includes(address)) {
        if (this.#validated.length >= MAX_VALIDATED_ADDRESSES) this.#evict()
        this.#validated.push(address)
      }
    }
    address.lastAuthenticMs = nowMs
    // Provisional: the handshake may begin before the peer has made up its mind.
    if (this.#selected) return
    this.#selected = address
    address.isSelected = true
  }

  #evict(): void {
    let victim = -1
    this.#validated.forEach((address, i) => {
      if (address === this.#selected) return
      const silentest = this.#validated[victim]
      if (!silentest || address.lastAuthenticMs < silentest.lastAuthenticMs) victim = i
    })
    const [address] = this.#validated.splice(victim, 1)
    if (address) this.#options.mux.release(address, this.#options.peer)
  }

  #select(address: AddressEntry): void {
    if (this.#selected === address) return
    if (this.#selected) this.#selected.isSelected = false
    this.#selected = address
    address.isSelected = true
    this.#addressChanges++
  }

  /**
   * True unless the answer would be larger than its request and go to an address that may be forged: then it is not given, so that
   * nobody can use us to multiply traffic.
   */
  #fits(request: StunMessage, from: AddressEntry, attributesLength: number): boolean {
    const fingerprint = request.fingerprintOffset < 0 ? 0 : FINGERPRINT_LENGTH
    const length = STUN_HEADER_LENGTH + attributesLength + MESSAGE_INTEGRITY_LENGTH + fingerprint
    if (from.owner === this.#options.peer || length <= request.end - request.start) return true
    this.#options.mux.counters.stunReplyTooLarge++
    return false
  }

  #refuse(request: StunMessage, from: AddressEntry, credentials: Generation, code: number): void {
    this.#options.mux.counters.stunUnsupported++
    const unknown = code === STUN_ERROR.unknownAttribute ? request.unknownAttributes : []
    const unknownLength = unknown.length === 0 ? 0 : 4 + ((2 * unknown.length + 3) & ~3)
    if (!this.#fits(request, from, 8 + unknownLength)) return
    this.#reply(request, from, credentials, STUN_CLASS.error, () => {
      this.#writer.errorCode(code)
      if (unknown.length > 0) this.#writer.unknownAttributes(unknown)
    })
  }

  #reply(
    request: StunMessage,
    to: AddressEntry,
    credentials: Generation,
    stunClass: typeof STUN_CLASS.success | typeof STUN_CLASS.error,
    writeAttributes: () => void,
  ): void {
    const { sender } = this.#options.mux
    const offset = sender.reserve(128)
    if (offset < 0) return
    const writer = this.#writer
    writer.begin(sender.buffer, offset, stunClass, request.buffer, request.transactionOffset)
    writeAttributes()
    writer.integrity(credentials.localKey)
    // A client that did not send a fingerprint does not need one to tell STUN apart, and the answer stays small.
    if (request.fingerprintOffset >= 0) writer.fingerprint()
    this.#options.commit(offset, writer.finish(), to)
  }
}
