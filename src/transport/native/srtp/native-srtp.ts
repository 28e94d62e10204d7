/** SRTP on the OpenSSL of the process, where it gives the known answers. */
import { type CreateTransform, createPortableTransform } from '../../srtp/create-srtp.js'
import type { NativeLibrary } from '../koffi-library.js'
import type { NativePart } from '../native-part.js'
import { CryptoScratch } from './crypto-scratch.js'
import { wrongAnswer } from './known-answers.js'
import { NativeCmTransform } from './native-cm-transform.js'
import { NativeGcmTransform } from './native-gcm-transform.js'
import { bindOpensslSrtp } from './openssl-srtp.js'

/** What makes the transforms of this thread, tested; or why there is none. Takes a millisecond or two. */
export function openNativeSrtp(library: NativeLibrary): NativePart<CreateTransform> {
  const openssl = bindOpensslSrtp(library)
  if ('missing' in openssl) return { reason: `OpenSSL has no ${openssl.missing}` }
  const scratch = new CryptoScratch(library)
  const create: CreateTransform = (profile, keys) =>
    profile === 'AEAD_AES_128_GCM'
      ? new NativeGcmTransform(library, openssl, scratch, keys)
      : new NativeCmTransform(library, openssl, scratch, keys)
  const wrong = wrongAnswer(create, createPortableTransform)
  return wrong === undefined ? create : { reason: `OpenSSL gives a wrong answer, ${wrong}` }
}
