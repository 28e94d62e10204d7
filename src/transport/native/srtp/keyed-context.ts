/** A cipher context that has its key. */
import type { NativeFunction } from '../koffi-library.js'
import type { CryptoScratch } from './crypto-scratch.js'
import type { OpensslSrtp } from './openssl-srtp.js'

/** Its address, to be freed by who asked for it; 0 if it cannot be made. @param key 16 bytes. */
export function keyedContext(
  openssl: OpensslSrtp,
  scratch: CryptoScratch,
  cipher: number,
  init: NativeFunction,
  key: Buffer,
): number {
  const context = openssl.newContext()
  if (context === 0) return 0
  scratch.key.set(key)
  const isKeyed = init(context, cipher, 0, scratch.keyAddress, 0) === 1
  scratch.key.fill(0)
  if (isKeyed) return context
  openssl.freeContext(context)
  openssl.clearErrors()
  return 0
}
