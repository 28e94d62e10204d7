/** Reading of STUN messages in place (RFC 8489, sections 5 and 14), as far as ICE needs them (RFC 8445, section 7). */
import { formatIp } from '../udp/ip-address.js'
import {
  STUN_ATTRIBUTE,
  STUN_CLASS,
  STUN_HEADER_LENGTH,
  STUN_MAGIC_COOKIE,
  STUN_TRANSACTION_LENGTH,
  type StunClass,
} from './stun-types.js'

/** More unknown attributes than this are not listed in the answer to them. */
const MAX_UNKNOWN_ATTRIBUTES = 4
const NO_BYTES = Buffer.alloc(0)

/** One parsed message, reused from message to message: offsets into the datagram, no copy of it. */
export class StunMessage {
  buffer: Buffer = NO_BYTES
  start = 0
  end = 0
  method = 0
  stunClass: StunClass = STUN_CLASS.request
  /** Where the value of USERNAME lies; -1 without one. */
  usernameOffset = -1
  usernameLength = 0
  /** Where the MESSAGE-INTEGRITY attribute begins (its head, not its value); -1 without one. */
  integrityOffset = -1
  /** Where the FINGERPRINT attribute begins; -1 without one. */
  fingerprintOffset = -1
  /** Where the value of XOR-MAPPED-ADDRESS lies; -1 without one. */
  xorMappedOffset = -1
  xorMappedFamily: 4 | 6 = 4
  /** Undefined without the attribute. */
  priority: number | undefined
  useCandidate = false
  iceControlling = false
  iceControlled = false
  /** Of the sender; 0 without a role. */
  tieBreaker = 0n
  /** 300..699; 0 without ERROR-CODE. */
  errorCode = 0
  /** The comprehension-required attributes that are not known here; at most a few of them. */
  readonly unknownAttributes: number[] = []

  /** Reads `buffer[start, end)`; false if it is not one whole well-formed message. Integrity and fingerprint are not verified here. */
  parse(buffer: Buffer, start: number, end: number): boolean {
    this.#reset(buffer, start, end)
    if (end - start < STUN_HEADER_LENGTH) return false
    const type = buffer.readUInt16BE(start)
    if (type >> 14 !== 0 || buffer.readUInt32BE(start + 4) !== STUN_MAGIC_COOKIE) return false
    const length = buffer.readUInt16BE(start + 2)
    if (length % 4 !== 0 || length !== end - start - STUN_HEADER_LENGTH) return false
    this.stunClass = (((type >> 4) & 1) | ((type >> 7) & 2)) as StunClass
    this.method = (type & 0xf) | ((type & 0xe0) >> 1) | ((type & 0x3e00) >> 2)

    for (let at = start + STUN_HEADER_LENGTH; at < end; ) {
      // Multiples of four all the way: a head always fits here.
      const attribute = buffer.readUInt16BE(at)
      const valueLength = buffer.readUInt16BE(at + 2)
      const next = at + 4 + ((valueLength + 3) & ~3)
      if (next > end) return false
      if (!this.#take(attribute, at, valueLength, next)) return false
      at = next
    }
    return true
  }

  /** Where the 12 bytes of the transaction id lie. */
  get transactionOffset(): number {
    return this.start + 8
  }

  /** The user name; empty without one. */
  get username(): string {
    if (this.usernameOffset < 0) return ''
    return this.buffer.toString('latin1', this.usernameOffset, this.usernameOffset + this.usernameLength)
  }

  /** The part of the user name before its colon, i.e. the receiver's ufrag (RFC 8445, section 7.2.2); empty without a colon. */
  get receiverUfrag(): string {
    if (this.usernameOffset < 0) return ''
    const colon = this.buffer.indexOf(0x3a, this.usernameOffset)
    if (colon < 0 || colon >= this.usernameOffset + this.usernameLength) return ''
    return this.buffer.toString('latin1', this.usernameOffset, colon)
  }

  /** The address that the other side saw; undefined without XOR-MAPPED-ADDRESS. */
  readXorMappedAddress(): { ip: string; port: number } | undefined {
    const at = this.xorMappedOffset
    if (at < 0) return undefined
    const bytes = Buffer.from(this.buffer.subarray(at + 4, at + (this.xorMappedFamily === 4 ? 8 : 20)))
    // Cookie and transaction id follow each other in the header, so one run of header bytes is the mask.
    for (let i = 0; i < bytes.length; i++) bytes[i] = (bytes[i] as number) ^ (this.buffer[this.start + 4 + i] as number)
    return { ip: formatIp(bytes), port: this.buffer.readUInt16BE(at + 2) ^ (STUN_MAGIC_COOKIE >>> 16) }
  }

  #reset(buffer: Buffer, start: number, end: number): void {
    this.buffer = buffer
    this.start = start
    this.end = end
    this.usernameOffset = -1
    this.usernameLength = 0
    this.integrityOffset = -1
    this.fingerprintOffset = -1
    this.xorMappedOffset = -1
    this.priority = undefined
    this.useCandidate = false
    this.iceControlling = false
    this.iceControlled = false
    this.tieBreaker = 0n
    this.errorCode = 0
    this.unknownAttributes.length = 0
  }

  /** Takes one attribute in; false if the message is malformed by it. Of repeated attributes only the first one counts. */
  #take(attribute: number, at: number, length: number, next: number): boolean {
    // Nothing may follow the fingerprint, and whatever follows the integrity but the fingerprint is not protected by it.
    if (this.fingerprintOffset >= 0) return false
    if (this.integrityOffset >= 0 && attribute !== STUN_ATTRIBUTE.fingerprint) return true
    const { buffer } = this
    const value = at + 4
    switch (attribute) {
      case STUN_ATTRIBUTE.username:
        if (length > 513) return false
        if (this.usernameOffset < 0) {
          this.usernameOffset = value
          this.usernameLength = length
        }
        return true
      case STUN_ATTRIBUTE.messageIntegrity:
        this.integrityOffset = at
        return length === 20
      case STUN_ATTRIBUTE.fingerprint:
        this.fingerprintOffset = at
        return length === 4 && next === this.end
      case STUN_ATTRIBUTE.priority:
        if (length !== 4) return false
        this.priority ??= buffer.readUInt32BE(value)
        return true
      case STUN_ATTRIBUTE.useCandidate:
        this.useCandidate = true
        return length === 0
      case STUN_ATTRIBUTE.iceControlling:
        this.iceControlling = true
        if (length === 8) this.tieBreaker = buffer.readBigUInt64BE(value)
        return length === 8
      case STUN_ATTRIBUTE.iceControlled:
        this.iceControlled = true
        if (length === 8) this.tieBreaker = buffer.readBigUInt64BE(value)
        return length === 8
      case STUN_ATTRIBUTE.xorMappedAddress: {
        const family = length >= 4 ? (buffer[value + 1] as number) : 0
        if (!((family === 1 && length === 8) || (family === 2 && length === 20))) return false
        if (this.xorMappedOffset < 0) {
          this.xorMappedOffset = value
          this.xorMappedFamily = family === 1 ? 4 : 6
        }
        return true
      }
      case STUN_ATTRIBUTE.errorCode: {
        if (length < 4) return false
        const hundreds = (buffer[value + 2] as number) & 7
        const rest = buffer[value + 3] as number
        if (hundreds < 3 || hundreds > 6 || rest > 99) return false
        if (this.errorCode === 0) this.errorCode = hundreds * 100 + rest
        return true
      }
      case STUN_ATTRIBUTE.mappedAddress:
      case STUN_ATTRIBUTE.unknownAttributes:
      case STUN_ATTRIBUTE.realm:
      case STUN_ATTRIBUTE.nonce:
        return true
      default:
        // The upper half of the numbers may be ignored by those who do not know them.
        if (attribute < 0x8000 && this.unknownAttributes.length < MAX_UNKNOWN_ATTRIBUTES) {
          this.unknownAttributes.push(attribute)
        }
        return true
    }
  }
}

/** True if the two messages' transaction ids, at these offsets, are the same. */
export function sameTransaction(a: Buffer, aOffset: number, b: Buffer, bOffset: number): boolean {
  return a.compare(b, bOffset, bOffset + STUN_TRANSACTION_LENGTH, aOffset, aOffset + STUN_TRANSACTION_LENGTH) === 0
}
