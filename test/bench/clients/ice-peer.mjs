/** The smallest controlling ICE agent that works (RFC 8445): one pair on loopback, nominated by every check. */
import { randomBytes } from 'node:crypto'
import { integrityKey, verifyIntegrity } from '../../../dist/transport/stun/stun-integrity.js'
import { StunMessage } from '../../../dist/transport/stun/stun-message.js'
import { STUN_CLASS } from '../../../dist/transport/stun/stun-types.js'
import { StunWriter } from '../../../dist/transport/stun/stun-writer.js'

const PEER_REFLEXIVE_PRIORITY = 0x6e7f_ffff
const FIRST_RETRY_MS = 20
const LAST_RETRY_MS = 400

const message = new StunMessage()
const writer = new StunWriter()
const scratch = Buffer.alloc(512)

export class IcePeer {
  #timer
  #nextRetryMs = FIRST_RETRY_MS
  #tieBreaker = randomBytes(8).readBigUInt64BE()
  #localKey
  #remoteKey
  #username
  #remotePort
  #send
  #onUp
  isUp = false

  /**
   * @param {{ iceUfrag: string, icePwd: string }} local
   * @param {{ iceUfrag: string, icePwd: string, port: number }} remote
   * @param {(datagram: Buffer) => void} send
   * @param {() => void} onUp called once, when the first check has succeeded
   */
  constructor(local, remote, send, onUp) {
    this.#localKey = integrityKey(local.icePwd)
    this.#remoteKey = integrityKey(remote.icePwd)
    this.#username = `${remote.iceUfrag}:${local.iceUfrag}`
    this.#remotePort = remote.port
    this.#send = send
    this.#onUp = onUp
  }

  start() {
    this.check()
    this.#timer = setTimeout(() => this.start(), this.#nextRetryMs)
    this.#nextRetryMs = Math.min(LAST_RETRY_MS, this.#nextRetryMs * 2)
  }

  close() {
    clearTimeout(this.#timer)
  }

  /** A connectivity check; later a sign of consent (RFC 7675). */
  check() {
    writer.begin(scratch, 0, STUN_CLASS.request, randomBytes(12), 0)
    writer.username(this.#username)
    writer.priority(PEER_REFLEXIVE_PRIORITY)
    writer.role('controlling', this.#tieBreaker)
    writer.useCandidate()
    this.#finish(this.#remoteKey)
  }

  /** @param {Buffer} datagram */
  receive(datagram) {
    if (!message.parse(datagram, 0, datagram.length)) return
    if (message.stunClass === STUN_CLASS.success) {
      if (this.isUp || !verifyIntegrity(message, this.#remoteKey)) return
      this.isUp = true
      this.close()
      this.#onUp()
    } else if (message.stunClass === STUN_CLASS.request && verifyIntegrity(message, this.#localKey)) {
      // A full agent on the other side checks too, and wants its answers for as long as the session lasts.
      writer.begin(scratch, 0, STUN_CLASS.success, datagram, message.transactionOffset)
      writer.xorMappedAddress('127.0.0.1', 4, this.#remotePort)
      this.#finish(this.#localKey)
    }
  }

  #finish(key) {
    writer.integrity(key)
    writer.fingerprint()
    // The socket may keep a datagram until the kernel has taken it, so it gets its own copy.
    this.#send(Buffer.from(scratch.subarray(0, writer.finish())))
  }
}
