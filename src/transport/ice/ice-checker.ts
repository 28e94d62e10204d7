/**
 * Our own checks: to a peer that will not check us, another lite agent or one that stays silent, and to every peer that answered an offer of
 * ours (RFC 8445, sections 6.1.4 and 7.2). Paced, and bounded in number, because the candidates are a stranger's word. The first address that
 * answers is nominated; checks are sent in order of priority, so it is the best of equally fast ones. From then on it is asked for
 * consent (RFC 7675).
 */
import { type KeyObject, randomFillSync } from 'node:crypto'
import type { Deadline, Scheduler } from '../../util/scheduler.js'
import { integrityKey, verifyIntegrity } from '../stun/stun-integrity.js'
import { type StunMessage, sameTransaction } from '../stun/stun-message.js'
import { STUN_CLASS, STUN_ERROR, STUN_TRANSACTION_LENGTH } from '../stun/stun-types.js'
import { StunWriter } from '../stun/stun-writer.js'
import type { DatagramMux } from '../udp/datagram-mux.js'
import { canonicalUnicastIp } from '../udp/ip-address.js'
import type { AddressEntry, MuxPeer } from '../udp/mux-peer.js'
import type { IceRole } from './ice-role.js'
import type { IceCredentials, IceRemote, TransportCandidate } from './ice-types.js'

/** How many remote candidates are checked. */
export const MAX_CHECKED_CANDIDATES = 8
/** How often each one is asked before it is given up. */
export const MAX_CHECKS_PER_CANDIDATE = 7
/** Ta of RFC 8445, section 14.2. */
const PACING_MS = 50
const FIRST_RETRANSMISSION_MS = 500
const MAX_RETRANSMISSION_MS = 4000
/**
 * Give or take a fifth. RFC 7675, section 5.1, says 5 s; at 6 s, the longest of that, a peer that is silent otherwise would count as disconnected
 * before its answer comes.
 */
const CONSENT_INTERVAL_MS = 4000
/** Of a peer-reflexive candidate (RFC 8445, section 5.1.2.1). */
const PRIORITY = 110 * 2 ** 24 + 65535 * 2 ** 8 + 255
/** Two ufrags of the longest kind and all other attributes. */
const MAX_CHECK_LENGTH = 640
interface Check {
  readonly address: AddressEntry
  readonly transaction: Buffer
  /** It carries USE-CANDIDATE. */
  readonly nominates: boolean
  sends: number
  sentMs: number
  dueMs: number
}

/** What the checker needs of the peer that it works for. */
export interface IceCheckerOptions {
  readonly mux: DatagramMux
  /** Whom the mux knows the peer as. */
  readonly peer: MuxPeer
  readonly scheduler: Scheduler
  readonly local: IceCredentials
  readonly remote: IceRemote
  readonly role: IceRole
  /** Hands a check, written into the mux's sender, to it. */
  commit(offset: number, length: number, to: AddressEntry): void
  /** An address has answered, and is nominated or is about to be; false if it cannot be taken. */
  onValidated(address: AddressEntry, nominated: boolean, nowMs: number): boolean
  /** The peer has renewed its consent. */
  onConsent(address: AddressEntry, nowMs: number): void
}

/** Checks a peer's candidates until one answers. */
export class IceChecker {
  readonly #options: IceCheckerOptions
  readonly #remoteKey: KeyObject
  readonly #username: string
  readonly #tag: number
  /**
   * Each check nominates: a peer that does not check by itself has no say in it. With one that does, an address is checked before it is
   * nominated (RFC 8445, section 8.1.1).
   */
  readonly #nominatesAtOnce: boolean
  readonly #writer = new StunWriter()
  #checks: Check[] = []
  #candidates = 0
  #triggered = 0
  #deadline: Deadline | undefined
  #deadlineMs = 0
  /** The next check may go out then (RFC 8445, section 14.2). */
  #freeMs = Number.NEGATIVE_INFINITY
  #running = false
  #stopped = false
  #consenting = false
  #rttMs: number | undefined

  constructor(options: IceCheckerOptions) {
    this.#options = options
    this.#remoteKey = integrityKey(options.remote.icePwd)
    this.#username = `${options.remote.iceUfrag}:${options.local.iceUfrag}`
    this.#tag = options.mux.addTag(options.peer)
    this.#nominatesAtOnce = !options.role.controlling || options.remote.iceLite === true
    const candidates = [...(options.remote.candidates ?? [])].sort((a, b) => b.priority - a.priority)
    for (const candidate of candidates) this.addCandidate(candidate)
  }

  /** Round trip time of the last answer that belongs to exactly one check, in milliseconds. */
  get rttMs(): number | undefined {
    return this.#rttMs
  }

  /** Takes one more candidate, if it is one that may be checked and there are not too many. */
  addCandidate(candidate: TransportCandidate): void {
    const { mux, scheduler } = this.#options
    const { component, protocol, port } = candidate
    const ip = canonicalUnicastIp(candidate.ip)
    if (this.#stopped || this.#consenting || ip === undefined || component !== 1 || protocol !== 'udp') return
    if (!Number.isInteger(port) || port < 1 || port > 65535) return
    const family = ip.includes(':') ? 6 : 4
    const socket = mux.socketFor(family)
    if (socket < 0 || this.#candidates >= MAX_CHECKED_CANDIDATES || this.#find(ip, port)) return
    this.#candidates++
    this.#add(mux.address(ip, port, family, socket), scheduler.clock.nowMs())
  }

  /** The peer has checked us from there: an address that can be checked, too, if it is none that we knew (RFC 8445, section 7.3.1.4). */
  trigger(address: AddressEntry, nowMs: number): void {
    if (this.#stopped || this.#consenting) return
    const known = this.#find(address.ip, address.port)
    if (!known && this.#triggered < MAX_CHECKED_CANDIDATES) {
      this.#triggered++
      this.#add(address, nowMs)
    } else if (known && nowMs - known.sentMs >= PACING_MS && nowMs < known.dueMs) {
      // What kept our check out is perhaps open now.
      known.dueMs = nowMs
      this.#arm(nowMs)
    }
  }

  /** Begins to check. */
  start(): void {
    if (this.#running || this.#stopped) return
    this.#running = true
    this.#tick()
  }

  /** Ends it for good. */
  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#running = false
    this.#deadline?.cancel()
    this.#checks = []
    this.#options.mux.removeTag(this.#tag)
  }

  /** Takes a response whose transaction id begins with our tag. */
  onResponse(response: StunMessage, from: AddressEntry, nowMs: number): void {
    const { mux } = this.#options
    const check = this.#checks.find(
      ({ transaction, sends }) =>
        sends > 0 && sameTransaction(response.buffer, response.transactionOffset, transaction, 0),
    )
    // An answer from elsewhere than where the question went says nothing about either address (RFC 8445, section 7.2.5.2.1).
    if (!check || check.address.ip !== from.ip || check.address.port !== from.port) {
      mux.counters.stunUnknownTransaction++
      return
    }
    if (!verifyIntegrity(response, this.#remoteKey)) {
      mux.counters.stunBadIntegrity++
      return
    }
    if (response.stunClass === STUN_CLASS.error) {
      if (response.errorCode === STUN_ERROR.roleConflict) {
        // It nominates, and so checks us.
        this.#options.role.yield()
        this.stop()
      } else if (!this.#consenting) this.#checks = this.#checks.filter((other) => other !== check)
      return
    }
    // Of several transmissions nobody knows which one was answered.
    if (check.sends === 1) this.#rttMs = nowMs - check.sentMs
    if (this.#consenting) {
      this.#options.onConsent(from, nowMs)
      return
    }
    if (!this.#options.onValidated(from, check.nominates, nowMs)) return
    if (!check.nominates) {
      this.#nominate(from, nowMs)
      return
    }
    this.#consenting = true
    this.#checks = [{ ...check, address: from }]
    this.#scheduleConsent(nowMs)
  }

  #find(ip: string, port: number): Check | undefined {
    return this.#checks.find(({ address }) => address.ip === ip && address.port === port)
  }

  #add(address: AddressEntry, dueMs: number): void {
    const nominates = this.#nominatesAtOnce
    this.#checks.push({ address, transaction: this.#newTransaction(), nominates, sends: 0, sentMs: 0, dueMs })
    if (this.#running) this.#arm(dueMs)
  }

  #nominate(address: AddressEntry, dueMs: number): void {
    const transaction = this.#newTransaction()
    this.#checks = [{ address, transaction, nominates: true, sends: 0, sentMs: 0, dueMs }]
    this.#deadline?.cancel()
    this.#tick()
  }

  #tick(): void {
    const nowMs = this.#options.scheduler.clock.nowMs()
    let next: Check | undefined
    for (const check of this.#checks) {
      if (check.sends >= MAX_CHECKS_PER_CANDIDATE && !this.#consenting) continue
      if (!next || check.dueMs < next.dueMs) next = check
    }
    if (!next) return
    if (next.dueMs <= nowMs) {
      if (this.#consenting) {
        this.#newTransaction().copy(next.transaction)
        next.sends = 0
      }
      this.#send(next, nowMs)
      if (this.#consenting) {
        this.#scheduleConsent(nowMs)
        return
      }
      next.dueMs = nowMs + Math.min(FIRST_RETRANSMISSION_MS * 2 ** (next.sends - 1), MAX_RETRANSMISSION_MS)
      this.#freeMs = nowMs + PACING_MS
      this.#arm(this.#freeMs)
      return
    }
    this.#arm(next.dueMs)
  }

  /** Something is due then; what is due earlier stays so. */
  #arm(dueMs: number): void {
    const atMs = Math.max(dueMs, this.#freeMs)
    if (this.#deadline?.pending && this.#deadlineMs <= atMs) return
    this.#deadline?.cancel()
    this.#deadlineMs = atMs
    this.#deadline = this.#options.scheduler.at(atMs, () => this.#tick())
  }

  #scheduleConsent(nowMs: number): void {
    const check = this.#checks[0]
    if (!check) return
    const jitter = 0.8 + (0.4 * (check.transaction[STUN_TRANSACTION_LENGTH - 1] as number)) / 255
    check.dueMs = nowMs + CONSENT_INTERVAL_MS * jitter
    this.#deadline?.cancel()
    this.#arm(check.dueMs)
  }

  #newTransaction(): Buffer {
    const transaction = randomFillSync(Buffer.alloc(STUN_TRANSACTION_LENGTH))
    transaction.writeUInt32BE(this.#tag, 0)
    return transaction
  }

  #send(check: Check, nowMs: number): void {
    check.sends++
    check.sentMs = nowMs
    const { sender } = this.#options.mux
    const offset = sender.reserve(MAX_CHECK_LENGTH)
    if (offset < 0) return
    const writer = this.#writer
    writer.begin(sender.buffer, offset, STUN_CLASS.request, check.transaction, 0)
    writer.username(this.#username)
    writer.priority(PRIORITY)
    writer.role('controlling', this.#options.role.tieBreaker)
    if (check.nominates && (this.#nominatesAtOnce || !this.#consenting)) writer.useCandidate()
    writer.integrity(this.#remoteKey)
    writer.fingerprint()
    this.#options.commit(offset, writer.finish(), check.address)
  }
}
