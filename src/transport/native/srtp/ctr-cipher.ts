/** AES-128 in counter mode under one key, by a context that lives as long as the key. */
import type { CryptoScratch } from './crypto-scratch.js'
import { keyedContext } from './keyed-context.js'
import type { OpensslSrtp } from './openssl-srtp.js'

/** The first counter block is in the scratch memory. To decrypt is to encrypt once more. */
export class CtrCipher {
  readonly #openssl: OpensslSrtp
  readonly #scratch: CryptoScratch
  readonly #key: Buffer
  // As in `GcmCipher`.
  #context: number | undefined

  /** @param key 16 bytes. */
  constructor(openssl: OpensslSrtp, scratch: CryptoScratch, key: Buffer) {
    this.#openssl = openssl
    this.#scratch = scratch
    this.#key = key
  }

  /** Applies the keystream to `length` bytes at `address`, whose bounds the caller has checked; false if OpenSSL fails. */
  apply(address: number, length: number): boolean {
    const { encryptInit, encryptUpdate } = this.#openssl
    const { ivAddress, lengthAddress } = this.#scratch
    const context = this.#context ?? this.#open()
    if (
      context !== 0 &&
      encryptInit(context, 0, 0, 0, ivAddress) === 1 &&
      (length === 0 || encryptUpdate(context, address, lengthAddress, address, length) === 1)
    ) {
      return true
    }
    this.#openssl.clearErrors()
    return false
  }

  /** Frees the context; nothing is encrypted any more. Idempotent. */
  close(): void {
    if (this.#context !== undefined && this.#context !== 0) this.#openssl.freeContext(this.#context)
    this.#context = 0
  }

  #open(): number {
    const { aesCtr, encryptInit } = this.#openssl
    this.#context = keyedContext(this.#openssl, this.#scratch, aesCtr(), encryptInit, this.#key)
    return this.#context
  }
}
