/** Writing of STUN messages in place (RFC 8489, sections 5 and 14), as far as ICE needs them. */
import type { KeyObject } from 'node:crypto'
import { writeIp } from '../udp/ip-address.js'
import { computeFingerprint, computeIntegrity } from './stun-integrity.js'
import {
  bindingType,
  FINGERPRINT_LENGTH,
  MESSAGE_INTEGRITY_LENGTH,
  STUN_ATTRIBUTE,
  STUN_HEADER_LENGTH,
  STUN_MAGIC_COOKIE,
  STUN_TRANSACTION_LENGTH,
  type StunClass,
} from './stun-types.js'

const NO_BYTES = Buffer.alloc(0)

/** Writes one Binding message after the other; the caller has made sure that each one fits. */
export class StunWriter {
  #buffer: Buffer = NO_BYTES
  #start = 0
  #end = 0

  /** Begins a message at `buffer[start]` with the transaction id that lies at `transaction[transactionOffset]`. */
  begin(buffer: Buffer, start: number, stunClass: StunClass, transaction: Buffer, transactionOffset: number): void {
    this.#buffer = buffer
    this.#start = start
    this.#end = start + STUN_HEADER_LENGTH
    buffer.writeUInt16BE(bindingType(stunClass), start)
    buffer.writeUInt32BE(STUN_MAGIC_COOKIE, start + 4)
    transaction.copy(buffer, start + 8, transactionOffset, transactionOffset + STUN_TRANSACTION_LENGTH)
  }

  /** USERNAME. */
  username(text: string): void {
    this.#attribute(STUN_ATTRIBUTE.username, Buffer.from(text, 'latin1'))
  }

  /** PRIORITY. */
  priority(value: number): void {
    const at = this.#head(STUN_ATTRIBUTE.priority, 4)
    this.#buffer.writeUInt32BE(value, at)
  }

  /** USE-CANDIDATE. */
  useCandidate(): void {
    this.#head(STUN_ATTRIBUTE.useCandidate, 0)
  }

  /** ICE-CONTROLLING or ICE-CONTROLLED. */
  role(role: 'controlling' | 'controlled', tieBreaker: bigint): void {
    const type = role === 'controlling' ? STUN_ATTRIBUTE.iceControlling : STUN_ATTRIBUTE.iceControlled
    const at = this.#head(type, 8)
    this.#buffer.writeBigUInt64BE(tieBreaker, at)
  }

  /** XOR-MAPPED-ADDRESS. */
  xorMappedAddress(ip: string, family: 4 | 6, port: number): void {
    const length = family === 4 ? 4 : 16
    const at = this.#head(STUN_ATTRIBUTE.xorMappedAddress, 4 + length)
    const buffer = this.#buffer
    buffer[at] = 0
    buffer[at + 1] = family === 4 ? 1 : 2
    buffer.writeUInt16BE(port ^ (STUN_MAGIC_COOKIE >>> 16), at + 2)
    writeIp(ip, buffer, at + 4)
    for (let i = 0; i < length; i++) {
      buffer[at + 4 + i] = (buffer[at + 4 + i] as number) ^ (buffer[this.#start + 4 + i] as number)
    }
  }

  /** ERROR-CODE, without a phrase: an error must not be larger than the request that caused it. */
  errorCode(code: number): void {
    const at = this.#head(STUN_ATTRIBUTE.errorCode, 4)
    this.#buffer.writeUInt32BE((Math.floor(code / 100) << 8) | (code % 100), at)
  }

  /** UNKNOWN-ATTRIBUTES. */
  unknownAttributes(types: readonly number[]): void {
    const value = Buffer.alloc(2 * types.length)
    types.forEach((type, i) => {
      value.writeUInt16BE(type, 2 * i)
    })
    this.#attribute(STUN_ATTRIBUTE.unknownAttributes, value)
  }

  /** MESSAGE-INTEGRITY over everything so far. */
  integrity(key: KeyObject): void {
    const attributeOffset = this.#end
    const mac = computeIntegrity(this.#buffer, this.#start, attributeOffset, key)
    mac.copy(this.#buffer, this.#head(STUN_ATTRIBUTE.messageIntegrity, MESSAGE_INTEGRITY_LENGTH - 4))
  }

  /** FINGERPRINT over everything so far; the last attribute. */
  fingerprint(): void {
    const attributeOffset = this.#end
    const at = this.#head(STUN_ATTRIBUTE.fingerprint, FINGERPRINT_LENGTH - 4)
    // The checksum covers the length field, which counts the fingerprint already.
    this.finish()
    this.#buffer.writeUInt32BE(computeFingerprint(this.#buffer, this.#start, attributeOffset), at)
  }

  /** Completes the header; returns the length of the message. */
  finish(): number {
    this.#buffer.writeUInt16BE(this.#end - this.#start - STUN_HEADER_LENGTH, this.#start + 2)
    return this.#end - this.#start
  }

  #attribute(type: number, value: Buffer): void {
    value.copy(this.#buffer, this.#head(type, value.length))
  }

  /** Writes an attribute's head and its zero padding; returns where its value goes. */
  #head(type: number, length: number): number {
    const at = this.#end
    this.#buffer.writeUInt16BE(type, at)
    this.#buffer.writeUInt16BE(length, at + 2)
    this.#end = at + 4 + ((length + 3) & ~3)
    this.#buffer.fill(0, at + 4 + length, this.#end)
    return at + 4
  }
}
