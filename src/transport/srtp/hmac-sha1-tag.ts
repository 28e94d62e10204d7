/** The authentication tag of the CM profile: HMAC-SHA1 truncated to 80 bits (RFC 3711, section 4.2.1; RFC 2104). */
import { hash } from 'node:crypto'
import { compressBlock, initialState } from './sha1-block.js'
import { MAX_PACKET_BYTES } from './srtp-transform.js'

/** Length of the truncated tag. */
export const TAG_BYTES = 10

const HASH_BLOCK_BYTES = 64
const HASH_WORDS = 5
const BLOCK_WORDS = 16

// What the inner hash reads: padded key, packet, rollover counter. Shared by all keys of the thread.
const inner = Buffer.alloc(HASH_BLOCK_BYTES + MAX_PACKET_BYTES + 4)

// Views of its first n bytes by n: a packet length comes again and again.
const innerViews: (Buffer | undefined)[] = []

// The second and last block of the outer hash: the inner one, a one bit, zeros, and the length of both blocks in bits.
const outer = new Int32Array(BLOCK_WORDS)
outer[HASH_WORDS] = 0x8000_0000
outer[BLOCK_WORDS - 1] = 8 * (HASH_BLOCK_BYTES + 4 * HASH_WORDS)

const digest = new Int32Array(HASH_WORDS)

/**
 * Tags under one authentication key.
 *
 * The inner hash is a one-shot hash that returns a string, because every object that `node:crypto` makes costs more than the hashing. The outer
 * one begins in the middle, behind the padded key, and has one block left, which takes less here than a call. Measured for 1100 bytes:
 * 1.0 us of CPU, against 1.3 us with two one-shot hashes and 2.9 us with `createHmac`.
 */
export class HmacSha1Tag {
  readonly #innerPad = Buffer.alloc(HASH_BLOCK_BYTES, 0x36)
  readonly #outerState = initialState()

  /** @param key at most 64 bytes. */
  constructor(key: Buffer) {
    const outerPad = Buffer.alloc(HASH_BLOCK_BYTES, 0x5c)
    for (let i = 0; i < key.length; i++) {
      this.#innerPad[i] = (key[i] as number) ^ 0x36
      outerPad[i] = (key[i] as number) ^ 0x5c
    }
    const words = Int32Array.from({ length: BLOCK_WORDS }, (_, i) => outerPad.readInt32BE(4 * i))
    compressBlock(words, this.#outerState, this.#outerState)
  }

  /** Writes the tag of `buffer[start, end)`, followed by `roc` unless it is negative, to `buffer[at, at + 10)`. */
  write(buffer: Buffer, start: number, end: number, roc: number, at: number): void {
    this.#digest(buffer, start, end, roc)
    for (let i = 0; i < TAG_BYTES; i++) buffer[at + i] = digestByte(i)
  }

  /** Whether the tag at `buffer[at, at + 10)` is that of `buffer[start, end)`; takes the same time wherever they differ. */
  matches(buffer: Buffer, start: number, end: number, roc: number, at: number): boolean {
    this.#digest(buffer, start, end, roc)
    let difference = 0
    for (let i = 0; i < TAG_BYTES; i++) difference |= (buffer[at + i] as number) ^ digestByte(i)
    return difference === 0
  }

  /** Leaves the whole HMAC in `digest`. */
  #digest(buffer: Buffer, start: number, end: number, roc: number): void {
    this.#innerPad.copy(inner)
    buffer.copy(inner, HASH_BLOCK_BYTES, start, end)
    let length = HASH_BLOCK_BYTES + end - start
    if (roc >= 0) {
      inner.writeUInt32BE(roc, length)
      length += 4
    }
    const view = innerViews[length] ?? inner.subarray(0, length)
    innerViews[length] = view
    const innerDigest = hash('sha1', view, 'binary')
    for (let i = 0; i < HASH_WORDS; i++) {
      const at = 4 * i
      outer[i] =
        (innerDigest.charCodeAt(at) << 24) |
        (innerDigest.charCodeAt(at + 1) << 16) |
        (innerDigest.charCodeAt(at + 2) << 8) |
        innerDigest.charCodeAt(at + 3)
    }
    compressBlock(outer, this.#outerState, digest)
  }
}

function digestByte(i: number): number {
  return ((digest[i >> 2] as number) >>> (24 - 8 * (i & 3))) & 0xff
}
