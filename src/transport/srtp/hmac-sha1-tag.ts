/** The authentication tag of the CM profile: HMAC-SHA1 truncated to 80 bits (RFC 3711, section 4.2.1; RFC 2104). */
import { hash } from 'node:crypto'
import { MAX_PACKET_BYTES } from './srtp-transform.js'

/** Length of the truncated tag. */
export const TAG_BYTES = 10

const HASH_BLOCK_BYTES = 64
const HASH_BYTES = 20

// What the inner hash reads: padded key, packet, rollover counter. Shared by all keys of the thread.
const inner = Buffer.alloc(HASH_BLOCK_BYTES + MAX_PACKET_BYTES + 4)

/**
 * Tags under one authentication key.
 *
 * HMAC is spelled out with two one-shot hashes that return strings, because every object that `node:crypto` makes costs more than
 * the hashing: measured for 1100 bytes, 1.4 us of CPU against 2.9 us with `createHmac`.
 */
export class HmacSha1Tag {
  readonly #innerPad = Buffer.alloc(HASH_BLOCK_BYTES, 0x36)
  readonly #outer = Buffer.alloc(HASH_BLOCK_BYTES + HASH_BYTES, 0x5c)

  /** @param key at most 64 bytes. */
  constructor(key: Buffer) {
    for (let i = 0; i < key.length; i++) {
      this.#innerPad[i] = (key[i] as number) ^ 0x36
      this.#outer[i] = (key[i] as number) ^ 0x5c
    }
  }

  /** Writes the tag of `buffer[start, end)`, followed by `roc` unless it is negative, to `buffer[at, at + 10)`. */
  write(buffer: Buffer, start: number, end: number, roc: number, at: number): void {
    const digest = this.#digest(buffer, start, end, roc)
    for (let i = 0; i < TAG_BYTES; i++) buffer[at + i] = digest.charCodeAt(i)
  }

  /** Whether the tag at `buffer[at, at + 10)` is that of `buffer[start, end)`; takes the same time wherever they differ. */
  matches(buffer: Buffer, start: number, end: number, roc: number, at: number): boolean {
    const digest = this.#digest(buffer, start, end, roc)
    let difference = 0
    for (let i = 0; i < TAG_BYTES; i++) difference |= (buffer[at + i] as number) ^ digest.charCodeAt(i)
    return difference === 0
  }

  /** The whole HMAC, one character a byte. */
  #digest(buffer: Buffer, start: number, end: number, roc: number): string {
    this.#innerPad.copy(inner)
    buffer.copy(inner, HASH_BLOCK_BYTES, start, end)
    let length = HASH_BLOCK_BYTES + end - start
    if (roc >= 0) {
      inner.writeUInt32BE(roc, length)
      length += 4
    }
    const innerDigest = hash('sha1', inner.subarray(0, length), 'binary')
    for (let i = 0; i < HASH_BYTES; i++) this.#outer[HASH_BLOCK_BYTES + i] = innerDigest.charCodeAt(i)
    return hash('sha1', this.#outer, 'binary')
  }
}
