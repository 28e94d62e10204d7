/** AES-128-GCM under one key, by contexts that live as long as the key: it is expanded once, and a packet brings only its nonce. */
import type { NativeFunction } from '../koffi-library.js'
import type { CryptoScratch } from './crypto-scratch.js'
import { keyedContext } from './keyed-context.js'
import type { OpensslSrtp } from './openssl-srtp.js'

export const GCM_TAG_BYTES = 16

/** `EVP_CTRL_AEAD_GET_TAG` and `EVP_CTRL_AEAD_SET_TAG`. */
const GET_TAG = 0x10
const SET_TAG = 0x11

/**
 * The nonce is in the scratch memory; everything else is named by addresses, whose bounds the caller has checked. The associated data are
 * the bytes at `aad`, followed by the `suffixLength` bytes at `suffix`.
 */
export class GcmCipher {
  readonly #openssl: OpensslSrtp
  readonly #scratch: CryptoScratch
  readonly #key: Buffer
  // Made at first use: most peers only send media, or only receive it. 0 where it could not be made, and once closed. Not 0 from the
  // start, because a field that only ever has numbers is boxed anew each time it is handed to C.
  #sealing: number | undefined
  #opening: number | undefined

  /** @param key 16 bytes. */
  constructor(openssl: OpensslSrtp, scratch: CryptoScratch, key: Buffer) {
    this.#openssl = openssl
    this.#scratch = scratch
    this.#key = key
  }

  /** Encrypts `length` bytes at `address` in place and writes the tag to `tag`; false if OpenSSL fails. */
  seal(
    aad: number,
    aadLength: number,
    suffix: number,
    suffixLength: number,
    address: number,
    length: number,
    tag: number,
  ): boolean {
    const { encryptInit, encryptUpdate, encryptFinal, control } = this.#openssl
    const { ivAddress, lengthAddress, tagAddress } = this.#scratch
    const context = this.#sealing ?? this.#open(encryptInit)
    if (
      context !== 0 &&
      encryptInit(context, 0, 0, 0, ivAddress) === 1 &&
      encryptUpdate(context, 0, lengthAddress, aad, aadLength) === 1 &&
      (suffixLength === 0 || encryptUpdate(context, 0, lengthAddress, suffix, suffixLength) === 1) &&
      (length === 0 || encryptUpdate(context, address, lengthAddress, address, length) === 1) &&
      encryptFinal(context, tagAddress, lengthAddress) === 1 &&
      control(context, GET_TAG, GCM_TAG_BYTES, tag) === 1
    ) {
      return true
    }
    this.#openssl.clearErrors()
    return false
  }

  /** Decrypts `length` bytes at `address` in place if the tag at `tag` is right; false, with the bytes as they were, if it is not. */
  open(
    aad: number,
    aadLength: number,
    suffix: number,
    suffixLength: number,
    address: number,
    length: number,
    tag: number,
  ): boolean {
    const { decryptInit, decryptUpdate, decryptFinal, control } = this.#openssl
    const { ivAddress, lengthAddress, tagAddress } = this.#scratch
    const context = this.#opening ?? this.#open(decryptInit)
    if (
      context === 0 ||
      decryptInit(context, 0, 0, 0, ivAddress) !== 1 ||
      decryptUpdate(context, 0, lengthAddress, aad, aadLength) !== 1 ||
      (suffixLength !== 0 && decryptUpdate(context, 0, lengthAddress, suffix, suffixLength) !== 1)
    ) {
      this.#openssl.clearErrors()
      return false
    }
    const decrypted = length === 0 || decryptUpdate(context, address, lengthAddress, address, length) === 1
    if (
      decrypted &&
      control(context, SET_TAG, GCM_TAG_BYTES, tag) === 1 &&
      decryptFinal(context, tagAddress, lengthAddress) === 1
    ) {
      return true
    }
    // The keystream once more takes it back: cheaper than to decrypt elsewhere and copy what is nearly always authentic.
    if (decrypted && length > 0 && decryptInit(context, 0, 0, 0, ivAddress) === 1) {
      decryptUpdate(context, address, lengthAddress, address, length)
    }
    this.#openssl.clearErrors()
    return false
  }

  /** Frees the contexts; nothing is sealed or opened any more. Idempotent. */
  close(): void {
    for (const context of [this.#sealing, this.#opening]) {
      if (context !== undefined && context !== 0) this.#openssl.freeContext(context)
    }
    this.#sealing = 0
    this.#opening = 0
  }

  #open(init: NativeFunction): number {
    const context = keyedContext(this.#openssl, this.#scratch, this.#openssl.aesGcm(), init, this.#key)
    if (init === this.#openssl.encryptInit) this.#sealing = context
    else this.#opening = context
    return context
  }
}
