/** The functions of OpenSSL that make handshakes, as `ssl.h`, `bio.h` and `err.h` declare them. */
import type { NativeFunction, NativeLibrary, NativeType } from '../koffi-library.js'

type Signature = readonly [result: NativeType, ...parameters: NativeType[]]

const SIGNATURES = {
  DTLS_method: ['address'],
  SSL_CTX_new: ['address', 'address'],
  SSL_CTX_free: ['void', 'address'],
  SSL_CTX_ctrl: ['long', 'address', 'int', 'long', 'address'],
  SSL_CTX_set_options: ['unsigned long', 'address', 'unsigned long'],
  SSL_CTX_set_security_level: ['void', 'address', 'int'],
  SSL_CTX_set_cipher_list: ['int', 'address', 'address'],
  SSL_CTX_set_verify: ['void', 'address', 'int', 'address'],
  SSL_CTX_set_cert_verify_callback: ['void', 'address', 'address', 'address'],
  SSL_CTX_use_certificate_ASN1: ['int', 'address', 'int', 'address'],
  SSL_CTX_use_PrivateKey_ASN1: ['int', 'int', 'address', 'address', 'long'],
  SSL_new: ['address', 'address'],
  SSL_free: ['void', 'address'],
  SSL_ctrl: ['long', 'address', 'int', 'long', 'address'],
  SSL_set_bio: ['void', 'address', 'address', 'address'],
  SSL_set_tlsext_use_srtp: ['int', 'address', 'address'],
  SSL_set_accept_state: ['void', 'address'],
  SSL_set_connect_state: ['void', 'address'],
  SSL_do_handshake: ['int', 'address'],
  SSL_get_error: ['int', 'address', 'int'],
  SSL_get_session: ['address', 'address'],
  SSL_SESSION_get_master_key: ['size_t', 'address', 'address', 'size_t'],
  SSL_export_keying_material: ['int', 'address', 'address', 'size_t', 'address', 'size_t', 'address', 'size_t', 'int'],
  BIO_s_mem: ['address'],
  BIO_new: ['address', 'address'],
  BIO_free: ['int', 'address'],
  BIO_ctrl: ['long', 'address', 'int', 'long', 'address'],
  BIO_read: ['int', 'address', 'address', 'int'],
  BIO_write: ['int', 'address', 'address', 'int'],
  ERR_clear_error: ['void'],
  ERR_get_error: ['unsigned long'],
  ERR_error_string_n: ['void', 'unsigned long', 'address', 'size_t'],
  dlsym: ['address', 'address', 'address'],
} as const satisfies Record<string, Signature>

/** All of them, by their names in C. */
export type OpenSslFunctions = Readonly<Record<keyof typeof SIGNATURES, NativeFunction>>

/** The functions, or the name of one that this process does not have. */
export function bindOpenSsl(library: NativeLibrary): OpenSslFunctions | { readonly missing: string } {
  const functions: Record<string, NativeFunction> = {}
  for (const [name, signature] of Object.entries(SIGNATURES)) {
    const [result, ...parameters] = signature
    const bound = library.bind(name, result, parameters)
    if (bound === undefined) return { missing: name }
    functions[name] = bound
  }
  return functions as OpenSslFunctions
}
