/** The functions of the process's OpenSSL that SRTP needs, by what is done with them. */
import type { NativeFunction, NativeLibrary, NativeType } from '../koffi-library.js'

/** Every one of them is there. Results are 1 for success unless said otherwise. */
export interface OpensslSrtp {
  /** Address of a new cipher context; 0 if there is no memory. */
  readonly newContext: NativeFunction
  readonly freeContext: NativeFunction
  /** Addresses of the ciphers, which live as long as the process. */
  readonly aesGcm: NativeFunction
  readonly aesCtr: NativeFunction
  readonly encryptInit: NativeFunction
  readonly encryptUpdate: NativeFunction
  readonly encryptFinal: NativeFunction
  readonly decryptInit: NativeFunction
  readonly decryptUpdate: NativeFunction
  readonly decryptFinal: NativeFunction
  readonly control: NativeFunction
  readonly sha1Update: NativeFunction
  readonly sha1Final: NativeFunction
  /** One block into the state; no result. */
  readonly sha1Transform: NativeFunction
  /** Forgets the thread's queue of errors, which `node:crypto` might else take for its own. */
  readonly clearErrors: NativeFunction
}

type Signature = readonly [name: string, result: NativeType, ...parameters: NativeType[]]

// (context, cipher, engine, key, iv), (context, out, outLength, in, inLength), (context, out, outLength).
const INIT = ['int', 'address', 'address', 'address', 'address', 'address'] as const
const UPDATE = ['int', 'address', 'address', 'address', 'address', 'int'] as const
const FINAL = ['int', 'address', 'address', 'address'] as const

const SIGNATURES: { readonly [Name in keyof OpensslSrtp]: Signature } = {
  newContext: ['EVP_CIPHER_CTX_new', 'address'],
  freeContext: ['EVP_CIPHER_CTX_free', 'void', 'address'],
  aesGcm: ['EVP_aes_128_gcm', 'address'],
  aesCtr: ['EVP_aes_128_ctr', 'address'],
  encryptInit: ['EVP_EncryptInit_ex', ...INIT],
  encryptUpdate: ['EVP_EncryptUpdate', ...UPDATE],
  encryptFinal: ['EVP_EncryptFinal_ex', ...FINAL],
  decryptInit: ['EVP_DecryptInit_ex', ...INIT],
  decryptUpdate: ['EVP_DecryptUpdate', ...UPDATE],
  decryptFinal: ['EVP_DecryptFinal_ex', ...FINAL],
  control: ['EVP_CIPHER_CTX_ctrl', 'int', 'address', 'int', 'int', 'address'],
  // Deprecated but public: an HMAC from saved states costs a tenth less through them than through EVP_MAC, and no memory per key.
  sha1Update: ['SHA1_Update', 'int', 'address', 'address', 'size_t'],
  sha1Final: ['SHA1_Final', 'int', 'address', 'address'],
  sha1Transform: ['SHA1_Transform', 'void', 'address', 'address'],
  clearErrors: ['ERR_clear_error', 'void'],
}

/** All of them, or the name of the first that this process does not export. */
export function bindOpensslSrtp(library: NativeLibrary): OpensslSrtp | { readonly missing: string } {
  const bound: Record<string, NativeFunction> = {}
  for (const [key, [name, result, ...parameters]] of Object.entries(SIGNATURES)) {
    const fn = library.bind(name, result, parameters)
    if (fn === undefined) return { missing: name }
    bound[key] = fn
  }
  return bound as unknown as OpensslSrtp
}
