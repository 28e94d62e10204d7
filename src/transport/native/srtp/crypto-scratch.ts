/** What a packet's cryptography needs besides the packet: written anew for each, and shared by all keys of the thread. */
import type { NativeLibrary } from '../koffi-library.js'
import { NativeMemory } from '../native-memory.js'

const IV_AT = 0
const KEY_AT = 16
const LENGTH_AT = 32
const AAD_AT = 48
const TAG_AT = 64
const SHA1_AT = 128
const BLOCK_AT = 256
const BYTES = 320

/** Bytes of `SHA_CTX`: five words of state, two of length, the block at hand, and how much there is of it. */
const SHA1_CONTEXT_BYTES = 96
const BLOCK_BYTES = 64

/** One block of memory and the addresses of its parts. */
export class CryptoScratch {
  /** 16 bytes: the nonce or the first counter block. */
  readonly iv: Buffer
  readonly ivAddress: number
  /** 16 bytes, for a key on its way into a context. */
  readonly key: Buffer
  readonly keyAddress: number
  /** Where OpenSSL writes how much it has written. */
  readonly lengthAddress: number
  /** 12 bytes: the associated data of SRTCP. */
  readonly aad: Buffer
  readonly aadAddress: number
  /** Where what nobody reads is written to. */
  readonly tagAddress: number
  /** A `SHA_CTX` by its 32-bit words, which the machine reads in its own byte order. */
  readonly sha1: Uint32Array
  readonly sha1Address: number
  /** 64 bytes: one block of a hash. */
  readonly block: Buffer
  readonly blockAddress: number

  constructor(library: NativeLibrary) {
    const memory = new NativeMemory(library, BYTES)
    const part = (at: number, length: number): Buffer => memory.buffer.subarray(at, at + length)
    this.iv = part(IV_AT, 16)
    this.ivAddress = memory.at(IV_AT, 16)
    this.key = part(KEY_AT, 16)
    this.keyAddress = memory.at(KEY_AT, 16)
    this.lengthAddress = memory.at(LENGTH_AT, 4)
    this.aad = part(AAD_AT, 12)
    this.aadAddress = memory.at(AAD_AT, 12)
    this.tagAddress = memory.at(TAG_AT, 32)
    this.sha1Address = memory.at(SHA1_AT, SHA1_CONTEXT_BYTES)
    this.sha1 = new Uint32Array(memory.buffer.buffer, memory.buffer.byteOffset + SHA1_AT, SHA1_CONTEXT_BYTES / 4)
    this.block = part(BLOCK_AT, BLOCK_BYTES)
    this.blockAddress = memory.at(BLOCK_AT, BLOCK_BYTES)
  }
}
