/** HMAC-SHA1 truncated to 80 bits (RFC 3711, section 4.2.1; RFC 2104) on the SHA-1 of the process's OpenSSL. */
import { TAG_BYTES } from '../../srtp/hmac-sha1-tag.js'
import type { CryptoScratch } from './crypto-scratch.js'
import type { OpensslSrtp } from './openssl-srtp.js'

const BLOCK_BYTES = 64
const HASH_BYTES = 20
/** What SHA-1 begins with (RFC 3174, section 6.1). */
const INITIAL_STATE = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
const STATE_WORDS = 5
// The other words of a `SHA_CTX`: bits so far, low and high, and bytes of a block that has begun.
const BITS_LOW = 5
const BITS_HIGH = 6
const PENDING_BYTES = 23

/**
 * HMACs under one key. What comes of the two padded keys is hashed once and kept: ten words, and no native memory.
 *
 * The digest is left in the state of the scratch memory, five words in the order of the machine.
 */
export class NativeHmacSha1 {
  readonly #openssl: OpensslSrtp
  readonly #scratch: CryptoScratch
  readonly #states = new Uint32Array(2 * STATE_WORDS)

  /** @param key at most 64 bytes. */
  constructor(openssl: OpensslSrtp, scratch: CryptoScratch, key: Buffer) {
    this.#openssl = openssl
    this.#scratch = scratch
    this.#hashPaddedKey(key, 0x36, 0)
    this.#hashPaddedKey(key, 0x5c, STATE_WORDS)
  }

  /** The HMAC of `length` bytes at `address` and `suffixLength` bytes at `suffix`, into the state; false if OpenSSL fails. */
  digest(address: number, length: number, suffix: number, suffixLength: number): boolean {
    const { sha1Update, sha1Final, sha1Transform } = this.#openssl
    const { sha1, sha1Address, block, blockAddress } = this.#scratch
    this.#load(0)
    sha1[BITS_LOW] = 8 * BLOCK_BYTES
    sha1[BITS_HIGH] = 0
    sha1[PENDING_BYTES] = 0
    if (
      sha1Update(sha1Address, address, length) !== 1 ||
      (suffixLength !== 0 && sha1Update(sha1Address, suffix, suffixLength) !== 1) ||
      sha1Final(blockAddress, sha1Address) !== 1
    ) {
      return false
    }
    // The outer hash has one more block: the inner digest, padded. The bytes between are zero from the start.
    block[HASH_BYTES] = 0x80
    block[BLOCK_BYTES - 2] = (8 * (BLOCK_BYTES + HASH_BYTES)) >>> 8
    block[BLOCK_BYTES - 1] = (8 * (BLOCK_BYTES + HASH_BYTES)) & 0xff
    this.#load(STATE_WORDS)
    sha1Transform(sha1Address, blockAddress)
    return true
  }

  /** Writes the tag that the digest is cut to: 10 bytes. */
  write(buffer: Buffer, at: number): void {
    const { sha1 } = this.#scratch
    for (let i = 0; i < TAG_BYTES; i++) buffer[at + i] = digestByte(sha1, i)
  }

  /** Whether it is the tag at `buffer[at, at + 10)`; takes the same time wherever they differ. */
  matches(buffer: Buffer, at: number): boolean {
    const { sha1 } = this.#scratch
    let difference = 0
    for (let i = 0; i < TAG_BYTES; i++) difference |= (buffer[at + i] as number) ^ digestByte(sha1, i)
    return difference === 0
  }

  /** Forgets the key. */
  close(): void {
    this.#states.fill(0)
  }

  #load(from: number): void {
    const { sha1 } = this.#scratch
    for (let i = 0; i < STATE_WORDS; i++) sha1[i] = this.#states[from + i] as number
  }

  #hashPaddedKey(key: Buffer, pad: number, to: number): void {
    const { sha1, sha1Address, block, blockAddress } = this.#scratch
    block.fill(pad)
    for (let i = 0; i < key.length; i++) block[i] = (key[i] as number) ^ pad
    sha1.set(INITIAL_STATE)
    this.#openssl.sha1Transform(sha1Address, blockAddress)
    this.#states.set(sha1.subarray(0, STATE_WORDS), to)
    block.fill(0)
  }
}

/** Byte `i` of the digest: its words are big-endian on the wire. */
function digestByte(words: Uint32Array, i: number): number {
  return ((words[i >>> 2] as number) >>> (24 - 8 * (i & 3))) & 0xff
}
